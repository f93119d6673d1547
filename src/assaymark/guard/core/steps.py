"""The steps of the chain, each a small function of the case and what was found before it.

A step either looks at one segment (`*_segment`, run for each) or at the whole case.
"""

from msgspec import Struct
from msgspec.structs import replace

from assaymark.guard.core.case import Case, Draft
from assaymark.guard.core.ports import Layer, Parts, Revealed, Scored
from assaymark.guard.event import Action, Channel, Finding, Phase, Segment
from assaymark.guard.policy.model import Step

__all__ = [
    "Piece",
    "detect",
    "egress",
    "exceptions",
    "hidden_segment",
    "late",
    "limits",
    "quota",
    "reveal_segment",
    "tool_flow",
]

_LEAVING = (Phase.RESPONSE, Phase.TOOL_CALL)
_SHORTEST = 24
"""A run of letters and digits shorter than this, with no space in it, is a name, not a sentence."""


class Piece(Struct, frozen=True):
    """What one step says of one segment."""

    findings: tuple[Finding, ...] = ()
    revealed: Revealed | None = None


def limits(case: Case, draft: Draft, parts: Parts) -> Draft:
    """No more text, segments or tools than the policy bears."""
    most = parts.policy.limits
    sizes = (
        ("text_chars", sum(len(s.text) for s in case.segments), most.text_chars),
        ("segments", len(case.segments), most.segments),
        ("tools", case.tools, most.tools),
    )
    over = [
        Finding(
            rule=f"limit/{name}",
            message=f"The message has {size} {name}; the policy bears {limit}.",
            action=Action.BLOCK,
        )
        for name, size, limit in sizes
        if size > limit
    ]
    return draft.plus(*over)


def reveal_segment(case: Case, n: int, draft: Draft, parts: Parts) -> Piece:
    """Undo the disguises of a text."""
    return Piece(revealed=parts.reveal(_fresh(case, n), parts.policy.limits.decode_depth))


def hidden_segment(case: Case, n: int, draft: Draft, parts: Parts) -> Piece:
    """What people cannot see and a model can gets the channel's `hidden` action."""
    if (revealed := draft.revealed.get(n)) is None:
        return Piece()
    action = parts.policy.channel(case.segments[n].channel).hidden
    return Piece(
        tuple(
            replace(
                f,
                segment=n,
                start=f.start + case.fresh,
                end=f.end + case.fresh,
                action=action if f.action is not Action.ALLOW else Action.ALLOW,
            )
            for f in revealed.findings
        )
    )


def detect(case: Case, draft: Draft, parts: Parts) -> Draft:
    """Score each text, and what it hides, with its channel's head; all of a message share one budget."""
    items: list[tuple[int, Layer | None, str]] = []
    for n, segment in enumerate(case.segments):
        if parts.policy.channel(segment.channel).scan and parts.scorer.scores(segment.channel):
            revealed = draft.revealed.get(n)
            items.append((n, None, _fresh(case, n)))
            items += [(n, layer, layer.text) for layer in (revealed.layers if revealed else ())]
    items = [item for item in items if not _is_name(item[2])]
    if not items:
        return draft
    if case.deadline is not None and parts.now() > case.deadline:
        return draft.plus(late(parts))
    scores = parts.scorer.score_many([(text, case.segments[n].channel) for n, _, text in items])
    worst: dict[int, tuple[Scored, Layer | None]] = {}
    for (n, layer, _), found in zip(items, scores, strict=True):
        if n not in worst or found.score > worst[n][0].score:
            worst[n] = (found, layer)
    findings = [f for n, (found, layer) in worst.items() if (f := _reached(case, n, found, layer, parts))]
    return Draft((*draft.findings, *findings), draft.revealed, scored=True)


def _reached(case: Case, n: int, found: Scored, layer: Layer | None, parts: Parts) -> Finding | None:
    channel = case.segments[n].channel
    policy = parts.policy.channel(channel)
    steps = policy.steps or (Step(threshold=parts.scorer.threshold(channel), action=policy.action),)
    reached = [s for s in steps if found.score >= s.threshold]
    return _scored(case, n, found, layer, reached[-1]) if reached else None


def egress(case: Case, draft: Draft, parts: Parts) -> Draft:
    """What may leave, in the model's words and in what it hands to tools."""
    if case.phase not in _LEAVING:
        return draft
    if case.stream is not None:
        fed = case.stream.feed(case.news)
        return draft.plus(*(_in_window(f, case) for f in fed))
    found = parts.egress(case.segments, system=case.system, canary=case.canary, policy=parts.policy)
    return draft.plus(*found)


def tool_flow(case: Case, draft: Draft, parts: Parts) -> Draft:
    """What untrusted text may not cause, and what a call's arguments may be."""
    found: list[Finding] = []
    for call in case.calls:
        found += parts.judge(
            call,
            tainted=case.tainted,
            offered=case.offered,
            policy=parts.policy,
            untrusted=case.untrusted,
            trusted=case.trusted,
        )
    return draft.plus(*found)


def quota(case: Case, draft: Draft, parts: Parts) -> Draft:
    """No more requests, tokens, money or calls than the caller has left."""
    if case.phase is not Phase.REQUEST:
        return draft
    return draft.plus(*parts.book.check(case.context))


def exceptions(case: Case, draft: Draft, parts: Parts) -> Draft:
    """Mark what the policy's exceptions let pass; last, so that they can speak of every rule."""
    if not draft.findings:
        return draft
    marked = parts.excepted(draft.findings, case.segments, parts.policy, parts.today(), case.context.tenant)
    return Draft(tuple(marked), draft.revealed, draft.scored)


def late(parts: Parts, n: int = -1) -> Finding:
    """The finding for a deadline that has passed."""
    closed = parts.policy.limits.on_deadline == "deny"
    return Finding(
        rule="limit/deadline",
        message=f"Not judged within {parts.policy.limits.deadline_ms} ms.",
        action=Action.BLOCK if closed else Action.ALLOW,
        segment=n,
    )


def _in_window(finding: Finding, case: Case) -> Finding:
    start, end = max(0, finding.start - case.base), max(0, finding.end - case.base)
    return replace(finding, segment=0, start=start, end=end)


def _fresh(case: Case, n: int) -> str:
    return case.segments[n].text[case.fresh :] if case.fresh else case.segments[n].text


def _is_name(text: str) -> bool:
    return len(text) < _SHORTEST and text.replace("_", "").replace("-", "").isalnum() and text.isascii()


def _scored(case: Case, n: int, found: Scored, layer: Layer | None, step: Step) -> Finding:
    segment: Segment = case.segments[n]
    start, end = layer.span(found.start, found.end) if layer else (found.start, found.end)
    head = "a person" if segment.channel is Channel.USER else f"text on the channel {segment.channel}"
    return Finding(
        rule=f"detector/{segment.channel}",
        message=f"Reads like an attempt by {head} to redirect the model or to extract what it guards.",
        action=step.action,
        segment=n,
        start=start + case.fresh,
        end=end + case.fresh,
        score=round(found.score, 4),
        threshold=step.threshold,
        layers=layer.chain if layer else (),
        reasons=found.reasons,
    )
