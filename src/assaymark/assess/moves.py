"""What would move a provision's verdict: concrete next steps, most effective first."""

from collections.abc import Iterable, Sequence

from assaymark.assess.assessment import Evidence, ObligationResult, Verdict
from assaymark.assess.obligation import Weighed, is_attested
from assaymark.standard.provision import Provision
from assaymark.system.system import System

__all__ = ["moves"]

_PLACEHOLDERS = '--by "NAME" --statement "WHAT IS DONE, AND WHERE IT CAN BE SEEN" --document PATH'


def moves(
    provision: Provision, system: System, open_: Sequence[tuple[ObligationResult, Weighed]]
) -> tuple[str, ...]:
    """Next steps for the obligations of `provision` that do not pass, each step once.

    First what fails (nothing else counts before it is mended), then what a person has to judge, then
    evidence to renew, then what the checks ask for, and last the attestation that would settle the rest.
    """
    steps: list[str] = []
    for field, say in (
        ("against", _mend),
        ("doubts", _judge),
        ("once_against", _look),
        ("once_settling", _renew),
    ):
        steps.extend(say(provision, evidence) for evidence in _each(open_, field))
    steps.extend(_report(e.observation.check) for e in _each(open_, "broken"))
    for field in ("partly", "unseen"):  # the fix of a check whose question did not arise would mislead
        steps.extend(_sentence(e.observation.fix) for e in _each(open_, field))
    steps.extend(_attest(provision, system, [o for o, _ in open_ if o.verdict is Verdict.INCONCLUSIVE]))
    return tuple(dict.fromkeys(step for step in steps if step))


def _each(open_: Sequence[tuple[ObligationResult, Weighed]], field: str) -> Iterable[Evidence]:
    """Evidence in that field: under `shall` before under `should`."""
    ordered = sorted(open_, key=lambda pair: pair[0].force != "shall")
    return (e for _, weighed in ordered for e in getattr(weighed, field))


def _mend(_: Provision, evidence: Evidence) -> str:
    seen = evidence.observation
    if is_attested(seen):
        return f"Mend what {seen.by} stated on {seen.made_on}, then replace that attestation with a new one."
    return f"{_sentence(seen.fix or seen.summary)}{_where(evidence)}"


def _judge(provision: Provision, evidence: Evidence) -> str:
    seen = evidence.observation
    command = f"assaymark attest {provision.id} --judging {seen.check} --role ROLE {_PLACEHOLDERS}"
    return f"{_sentence(seen.fix or seen.summary)}{_where(evidence)} If it is not so, say why: `{command}`"


def _look(provision: Provision, evidence: Evidence) -> str:
    seen = evidence.observation
    if is_attested(seen):
        return f"Ask {seen.by} whether this still holds: {_sentence(seen.summary)}"
    return _renew(provision, evidence)


def _renew(provision: Provision, evidence: Evidence) -> str:
    seen = evidence.observation
    if is_attested(seen):
        return f"Renew the attestation by {seen.by}: {_command(provision.id, seen.role)}"
    return f"Run {seen.check} again: {evidence.stale_because}"


def _report(check: str) -> str:
    return f"Report the defect in {check}; until it is mended, somebody has to look instead."


def _attest(provision: Provision, system: System, open_: Sequence[ObligationResult]) -> Iterable[str]:
    """The commands that would settle the open obligations, one for each role that has to speak."""
    held = tuple(role.value for role in system.roles)
    roles: dict[str, list[str]] = {}
    for obligation in open_:
        speaker = next((a for a in obligation.actors if a in held), obligation.actors[0])
        roles.setdefault(speaker, []).append(obligation.id)
    for role, ids in roles.items():
        every = len(ids) == len(provision.obligations)
        yield f"Have it stated: {_command(provision.id if every else ' '.join(ids), role)}"


def _command(ids: str, role: str) -> str:
    return f'`assaymark attest {ids} --role "{role}" {_PLACEHOLDERS}`'


def _where(evidence: Evidence) -> str:
    places = [str(d.at) for d in evidence.observation.details if d.at is not None]
    if not places:
        return ""
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f" See {places[0]}{more}."


def _sentence(text: str) -> str:
    """`text` with a capital at the beginning and a stop at the end; nothing stays nothing."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
