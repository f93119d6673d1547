"""Manifest, basis and proven entries → the assessment that they give, judged anew."""

from collections.abc import Iterable
from datetime import date

from assaymark.assess.applicability import Found, decide
from assaymark.assess.assessment import Assessment, Evidence
from assaymark.assess.freshness import freshness
from assaymark.assess.judge import judge
from assaymark.assess.thresholds import thresholds
from assaymark.assess.waivers import invalid_waivers
from assaymark.errors import UsageError
from assaymark.ledger import checkpoint
from assaymark.ledger.ledger import Recorded
from assaymark.pack.format import ASSESSMENT, BASIS, MANIFEST, STATEMENT, Basis
from assaymark.pack.refused import Refused
from assaymark.standard.catalogue import EDITIONS, Catalogue, catalogue
from assaymark.system.manifest import default_system, read_manifest
from assaymark.system.system import Condition, System

__all__ = ["catalogue_of", "circumstances_of", "derived", "system_of", "weighed"]


def catalogue_of(edition: str, sha256: str) -> Catalogue:
    """Our catalogue, if it is the one that the pack was assessed against.

    Raises:
        Refused: it is another edition, or other data for the same edition.
    """
    known = {f"EN 304 223 {version}": version for version in EDITIONS}
    newest = list(known)[-1]
    if edition not in known:
        raise Refused(
            STATEMENT,
            f"was assessed against {edition[:60]!r}, which this release does not know.",
            "Verify it with a release of Assaymark that knows that edition, or ask for "
            f"an assessment against {newest}.",
        )
    ours = catalogue(known[edition])
    if edition != newest:
        raise Refused(
            STATEMENT,
            f"was assessed against the superseded edition {edition}; the present one is {newest}.",
            f"Ask for an assessment against {newest}.",
        )
    if ours.sha256 != sha256:
        raise Refused(
            STATEMENT,
            f"names a catalogue of {edition} that is not ours, an older or altered one: "
            f"SHA-256 {sha256[:16]}… instead of {ours.sha256[:16]}….",
            "Ask for an assessment with the release of Assaymark that you use, or verify with the sender's.",
        )
    return ours


def system_of(manifest: bytes | None, basis: Basis) -> System:
    """The system as its owner describes it.

    Raises:
        Refused: the manifest has errors.
    """
    if manifest is None:
        return default_system(basis.system)
    try:
        return read_manifest(manifest, basis.manifest_path)
    except UsageError as error:
        raise Refused(MANIFEST, " ".join(error.message.split())) from error


def derived(basis: Basis, system: System, entries: Iterable[Recorded], ledger_key: str) -> Assessment:
    """What the evidence gives on the day of the assessment.

    Raises:
        Refused: the basis names circumstances or dates that there are not.
    """
    standard = catalogue()
    found = circumstances_of(basis)
    day = _day(basis)
    evidence = weighed(basis, entries, day)
    scope = {p.id: decide(p, system, found) for p in standard.provisions}
    head = checkpoint.parse(basis.head)
    return Assessment(
        system=system,
        edition=standard.edition,
        catalogue_sha256=standard.sha256,
        tool_version=basis.tool_version,
        assessed_at=basis.assessed_at,
        root=basis.root,
        commit=basis.commit,
        provisions=standard.provisions,
        results=judge(standard.provisions, scope, evidence, system, day),
        evidence=evidence,
        checks=basis.checks,
        assets=basis.assets,
        edges=basis.edges,
        not_looked_at=basis.not_looked_at,
        thresholds=thresholds(standard.provisions),
        problems=_problems(basis, system, day),
        files=basis.files,
        ledger_size=head.size,
        ledger_root=head.root.hex(),
        ledger_origin=head.origin,
        checkpoint=basis.head,
        public_key=ledger_key,
        circumstances=basis.circumstances,
        digests=basis.digests,
    )


def weighed(basis: Basis, entries: Iterable[Recorded], day: date) -> tuple[Evidence, ...]:
    """The entries as evidence, with their freshness on `day`."""
    versions = {check.id: check.version for check in basis.checks}
    result = []
    for one in entries:
        if one.entry.type == ASSESSMENT:
            continue
        observation = one.entry.observation()
        state, because = freshness(observation, digests=basis.digests, versions=versions, today=day)
        result.append(
            Evidence(
                index=one.index,
                leaf=one.leaf,
                recorded_at=one.time,
                observation=observation,
                freshness=state,
                stale_because=because,
            )
        )
    return tuple(result)


def circumstances_of(basis: Basis) -> Found:
    """Where discovery saw which circumstance to hold.

    Raises:
        Refused: the basis names one that there is not.
    """
    try:
        return {Condition(name): places for name, places in basis.circumstances.items()}
    except ValueError as error:
        raise Refused(BASIS, f"names an unknown circumstance: {error}.") from error


def _day(basis: Basis) -> date:
    try:
        return date.fromisoformat(basis.assessed_at[:10])
    except ValueError as error:
        raise Refused(BASIS, f"was assessed at {basis.assessed_at[:40]!r}, which is no time.") from error


def _problems(basis: Basis, system: System, day: date) -> tuple[str, ...]:
    """As the pack has them; a waiver that does not count is among them whatever the pack says."""
    invalid = invalid_waivers(system, day)
    return (*basis.problems, *(told for told in invalid if told not in basis.problems))
