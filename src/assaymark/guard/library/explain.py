"""A decision in plain words, at 80 columns; never the text itself."""

import textwrap
from collections.abc import Iterator, Sequence

from assaymark.guard.event import Action, Decision, Finding, Phase, Segment

__all__ = ["explain"]

_WIDTH = 80
_DONE = {
    Action.ALLOW: "Let through unchanged",
    Action.ANNOTATE: "Let through, marked as data that must not be obeyed",
    Action.REDACT: "Let through with parts removed",
    Action.ASK: "Held until a human says yes",
    Action.BLOCK: "Blocked",
}
_WAY = {
    Phase.REQUEST: "on the way to the model",
    Phase.RESPONSE: "on the way from the model",
    Phase.TOOL_CALL: "on the way to a tool",
    Phase.TOOL_RESULT: "on the way from a tool or document to the model",
    Phase.LISTING: "while the tools on offer were read",
}
_MOST = 20


def explain(decision: Decision, segments: Sequence[Segment] = ()) -> str:
    """What was done and why: each finding with place, score, and what moved it."""
    head = f"{_DONE[decision.action]}, {_WAY[decision.phase]}."
    if decision.wanted is not decision.action:
        head += f" Shadow mode: the policy would have said `{decision.wanted}`."
    lines = [*_wrapped(head, ""), f"Decision {decision.id}, {decision.elapsed_ms:.1f} ms"]
    if not decision.findings:
        lines += ["", "Nothing was found."]
    ordered = sorted(decision.findings, key=lambda f: (bool(f.excepted_by), -list(Action).index(f.action)))
    for n, finding in enumerate(ordered[:_MOST], start=1):
        lines += ["", *_finding(n, finding, segments)]
    if len(ordered) > _MOST:
        lines += ["", f"… and {len(ordered) - _MOST} more findings."]
    lines += ["", f"Policy {decision.policy[:16] or 'unknown'}, detector {decision.detector or 'not asked'}"]
    return "\n".join(lines)


def _finding(n: int, finding: Finding, segments: Sequence[Segment]) -> Iterator[str]:
    yield from _wrapped(f"{n}. {finding.message}", "   ", first="")
    yield from _wrapped(f"Rule: {finding.rule}; the policy says `{finding.action}`.", "   ")
    yield from _wrapped(f"Where: {_place(finding, segments)}.", "   ")
    if finding.score is not None:
        bound = "" if finding.threshold is None else f"; the threshold is {finding.threshold:.3f}"
        yield from _wrapped(f"Score: {finding.score:.3f}{bound}.", "   ")
    if finding.layers:
        yield from _wrapped(f"Hidden in: {', within it '.join(finding.layers)}.", "   ")
    if finding.reasons:
        told = ", ".join(f"{_printable(r.text)} ({r.weight:+.2f})" for r in finding.reasons[:6])
        yield from _wrapped(f"Moved by: {told}.", "   ")
    if finding.excepted_by:
        yield from _wrapped(f"Let pass by the policy's exception `{finding.excepted_by}`.", "   ")


def _place(finding: Finding, segments: Sequence[Segment]) -> str:
    if finding.segment < 0:
        return "the message as a whole"
    where = f"text {finding.segment + 1}"
    if finding.segment < len(segments):
        segment = segments[finding.segment]
        about = [f"channel {segment.channel}"]
        about += [f"tool {_printable(segment.tool)}"] if segment.tool else []
        about += [f"source {_printable(segment.source)}"] if segment.source else []
        where += f" ({', '.join(about)})"
    span = f", characters {finding.start} to {finding.end}" if finding.end else ", the whole of it"
    return where + span


def _printable(text: str) -> str:
    short = text[:60]
    return short if short.isprintable() else short.encode("unicode_escape", "replace").decode("ascii")


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent
    )
