"""The chain: a visible, ordered tuple of small named steps. A step that fails denies, and says so.

The one place in the guard with a broad `except`: whatever goes wrong inside a step must become a
finding, because a guard that crashes open is none.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assaymark.guard.core import steps
from assaymark.guard.core.case import Case, Draft
from assaymark.guard.core.decide import decide
from assaymark.guard.core.ports import Parts
from assaymark.guard.event import Action, Channel, Decision, Finding

__all__ = ["CHAIN", "Each", "Whole", "judge"]


@dataclass(frozen=True)
class Each:
    """A step that looks at one segment at a time."""

    name: str
    run: Callable[[Case, int, Draft, Parts], steps.Piece]


@dataclass(frozen=True)
class Whole:
    """A step that looks at the whole case."""

    name: str
    run: Callable[[Case, Draft, Parts], Draft]


CHAIN: tuple[Each | Whole, ...] = (
    Whole("limits", steps.limits),
    Each("reveal", steps.reveal_segment),
    Each("hidden", steps.hidden_segment),
    Whole("detect", steps.detect),
    Whole("egress", steps.egress),
    Whole("tool_flow", steps.tool_flow),
    Whole("quota", steps.quota),
    Whole("exceptions", steps.exceptions),
)
"""In order; `decide` follows. What is over a limit is not looked at further."""
_ALWAYS = ("quota", "exceptions")


def judge(case: Case, parts: Parts) -> Decision:
    """Run the chain over one case. Never raises, and never lets pass what it could not judge."""
    started = parts.now()
    draft = Draft(case.known)
    for step in CHAIN:
        if _over(draft) and step.name not in _ALWAYS:
            continue
        if isinstance(step, Whole):
            draft = _whole(step, case, draft, parts)
        else:
            draft = _each(step, case, draft, parts)
    try:
        return decide(case, draft, parts, started)
    except Exception as error:  # noqa: BLE001 - becomes a finding that denies
        return Decision(
            id=parts.new_id(),
            phase=case.phase,
            action=Action.BLOCK,
            wanted=Action.BLOCK,
            findings=(*draft.findings, _failed("decide", error, False)),
            policy=parts.policy_sha256,
        )


def _whole(step: Whole, case: Case, draft: Draft, parts: Parts) -> Draft:
    try:
        return step.run(case, draft, parts)
    except Exception as error:  # noqa: BLE001 - becomes a finding that denies
        channels = case.channels()
        opened = bool(channels) and all(_opened(channel, parts) for channel in channels)
        return draft.plus(_failed(step.name, error, opened))


def _each(step: Each, case: Case, draft: Draft, parts: Parts) -> Draft:
    findings, revealed = list(draft.findings), dict(draft.revealed)
    for n, segment in enumerate(case.segments):
        if steps.is_late(case, parts):
            findings.append(steps.late(parts))
            break
        try:
            piece = step.run(case, n, draft, parts)
        except Exception as error:  # noqa: BLE001 - becomes a finding that denies
            findings.append(_failed(step.name, error, _opened(segment.channel, parts), n))
            continue
        findings += piece.findings
        if piece.revealed is not None:
            revealed[n] = piece.revealed
    return Draft(tuple(findings), revealed, draft.scored)


def _over(draft: Draft) -> bool:
    """What is over a limit is not looked at further: that is what the limit is for."""
    return any(f.rule.startswith("limit/") and f.action is Action.BLOCK for f in draft.findings)


def _opened(channel: Channel, parts: Parts) -> bool:
    return parts.policy.channel(channel).on_error == "allow"


def _failed(step: str, error: Exception, opened: bool, segment: int = -1) -> Finding:
    outcome = "passed, as the policy says" if opened else "denied"
    return Finding(
        rule=f"error/{step}",
        message=f"The step {step} failed ({type(error).__name__}), so the message is {outcome}.",
        action=Action.ALLOW if opened else Action.BLOCK,
        segment=segment,
    )
