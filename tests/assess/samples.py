"""Provisions, evidence and judgements for the tests of judging."""

from datetime import date

from msgspec.structs import replace

from assaymark.assess.assessment import Applicability, Evidence, Freshness, ProvisionResult
from assaymark.assess.judge import judge
from assaymark.observation import Certainty, Detail, Location, Method, Observation, Outcome
from assaymark.standard.catalogue import catalogue
from assaymark.standard.provision import Force, Obligation, Provision
from assaymark.system.system import System

TODAY = date(2026, 11, 23)
SYSTEM = System(name="demo")
APPLIES = Applicability(applies=True, reason="Applies always.", decided_by="rule: always")
EXCLUDED = Applicability(applies=False, reason="No model is trained.", decided_by="Ada Example")


def provision(*forces: Force, actors: tuple[str, ...] = ("Developer",)) -> Provision:
    """A provision with an obligation of each of `forces`; its id is 5.1.1-1."""
    like = catalogue().provisions[0]
    obligations = tuple(
        Obligation(id=f"5.1.1-1#{n}", force=force, actors=actors, text=f"obligation {n}")
        for n, force in enumerate(forces, 1)
    )
    return replace(like, obligations=obligations)


def seen(
    index: int = 0,
    outcome: Outcome = Outcome.MET,
    *,
    about: tuple[str, ...] = ("5.1.1-1#1",),
    decisive: bool = True,
    certainty: Certainty = Certainty.FIRM,
    freshness: Freshness = Freshness.FRESH,
    by: str = "",
    fix: str = "",
    summary: str = "",
    at: tuple[str, ...] = (),
) -> Evidence:
    """Evidence from a check, or from the person called `by`."""
    observation = Observation(
        check="attestation" if by else f"check_{index}",
        check_version=1,
        obligations=about,
        decisive=about if decisive else (),
        outcome=outcome,
        summary=summary or f"Seen: {index}.",
        details=tuple(Detail("here", Location(path, 3)) for path in at),
        method=Method.INTERVIEW if by else Method.EXAMINE,
        certainty=certainty,
        by=by,
        role="Developer" if by else "",
        made_on="2026-05-01" if by else "",
        fix=fix,
    )
    because = "" if freshness is Freshness.FRESH else "a.txt changed since."
    return Evidence(
        index=index,
        leaf=f"{index:064x}",
        recorded_at="2026-11-23T10:00:00Z",
        observation=observation,
        freshness=freshness,
        stale_because=because,
    )


def judged(
    *evidence: Evidence,
    of: Provision | None = None,
    system: System = SYSTEM,
    whole: Applicability = APPLIES,
    parts: dict[str, Applicability] | None = None,
) -> ProvisionResult:
    """The verdict on one provision, with one `shall` unless `of` says otherwise."""
    target = of or provision(Force.SHALL)
    (result,) = judge([target], {target.id: (whole, parts or {})}, evidence, system, TODAY)
    return result
