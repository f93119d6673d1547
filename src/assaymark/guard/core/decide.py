"""Case and findings → decision."""

import json

from msgspec.structs import replace

from assaymark.guard.core.case import Case, Draft
from assaymark.guard.core.edits import applied, redactions, spotlights
from assaymark.guard.core.ports import Parts
from assaymark.guard.event import Action, Channel, Decision, Edit, Finding, strictest
from assaymark.guard.policy.model import Mode

__all__ = ["decide"]

_EDITS = (Action.ANNOTATE, Action.REDACT)


def decide(case: Case, draft: Draft, parts: Parts, started: float) -> Decision:
    """What is to be done: the strictest that any finding asks for which no exception lets pass.

    An edit that cannot be made (the text has no place of its own in the message, or cutting would break
    the arguments of a call) becomes a block: what should have been removed must not pass whole.
    """
    live = tuple(f for f in draft.findings if not f.excepted_by)
    edits = redactions(live, case.segments) + spotlights(live, case.segments, parts.secret)
    findings = draft.findings + _impossible(case, live, edits)
    wanted = strictest(*(f.action for f in findings if not f.excepted_by))
    shadow = parts.policy.mode is Mode.SHADOW
    action = Action.ALLOW if shadow else wanted
    return Decision(
        id=parts.new_id(),
        phase=case.phase,
        action=action,
        wanted=wanted,
        findings=findings,
        edits=edits if action not in (Action.ALLOW, Action.BLOCK) else (),
        policy=parts.policy_sha256,
        detector=parts.scorer.version if draft.scored else "",
        elapsed_ms=round((parts.now() - started) * 1000, 3),
    )


def _impossible(case: Case, live: tuple[Finding, ...], edits: tuple[Edit, ...]) -> tuple[Finding, ...]:
    if not case.pointers:
        return ()
    stuck = {
        f.segment
        for f in live
        if f.action is Action.REDACT
        and (not 0 <= f.segment < len(case.segments) or not case.segments[f.segment].at)
    }
    stuck |= {e.segment for e in edits if not case.segments[e.segment].at}
    stuck |= {n for n in {e.segment for e in edits} if _breaks(case, n, edits)}
    return tuple(
        Finding(
            rule="edit/impossible",
            message="The text has no place of its own in the message that could be edited, so it is blocked.",
            action=Action.BLOCK,
            segment=n,
        )
        for n in sorted(stuck)
    )


def _breaks(case: Case, n: int, edits: tuple[Edit, ...]) -> bool:
    segment = case.segments[n]
    if segment.channel is not Channel.TOOL_ARGUMENTS:
        return False
    mine = [replace(e, segment=0) for e in edits if e.segment == n]
    return _is_json(segment.text) and not _is_json(applied(segment.text, mine))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
