"""The steps of the chain, each a small function of the case and what was found before it.

A step either looks at one segment (`*_segment`, run for each) or at the whole case.
"""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from assaymark.guard.core.case import Case, Draft
from assaymark.guard.core.ports import EgressStream, Layer, Parts, Revealed, Scored
from assaymark.guard.core.seams import seams
from assaymark.guard.event import Action, Channel, Finding, Phase, Segment
from assaymark.guard.policy.model import Step

__all__ = [
    "Piece",
    "detect",
    "egress",
    "exceptions",
    "hidden_segment",
    "is_late",
    "late",
    "limits",
    "quota",
    "reveal_segment",
    "tool_flow",
]

_LEAVING = (Phase.RESPONSE, Phase.TOOL_CALL)
_PIECE = 65_536
"""Characters that are looked at between two looks at the clock."""
_SHARED = 2_048
"""Characters that two neighbouring pieces of a long text have in common when it is scored."""
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
    items = _items(case, draft, parts)
    worst: dict[int, tuple[Scored, _Item]] = {}
    too_late: tuple[Finding, ...] = ()
    for batch in _batches(items) if items else ():
        if is_late(case, parts):
            too_late = (late(parts),)
            break
        scores = parts.scorer.score_many([(i.text, case.segments[i.segment].channel) for i in batch])
        for item, found in zip(batch, scores, strict=True):
            if item.segment not in worst or found.score > worst[item.segment][0].score:
                worst[item.segment] = (found, item)
    findings = [f for found, item in worst.values() if (f := _reached(case, found, item, parts))]
    findings += _joined(case, findings, parts) if not too_late else []
    return Draft((*draft.findings, *findings, *too_late), draft.revealed, scored=bool(worst))


class _Item(Struct, frozen=True):
    """A text to be scored, or a piece of one."""

    segment: int
    layer: Layer | None
    text: str
    start: int
    """Where in its text the piece begins."""


def _items(case: Case, draft: Draft, parts: Parts) -> list[_Item]:
    items: list[_Item] = []
    for n, segment in enumerate(case.segments):
        if parts.policy.channel(segment.channel).scan and parts.scorer.scores(segment.channel):
            revealed = draft.revealed.get(n)
            items += _pieces(n, None, _fresh(case, n))
            for layer in revealed.layers if revealed else ():
                items += _pieces(n, layer, layer.text)
    return items


def _joined(case: Case, found: list[Finding], parts: Parts) -> list[Finding]:
    """What neighbouring texts say together, where none of them says it alone."""
    alone = {f.segment for f in found}
    items: list[_Item] = []
    for seam in seams(case.segments):
        channel = case.segments[seam.segment].channel
        scored = parts.policy.channel(channel).scan and parts.scorer.scores(channel)
        if scored and not alone & set(range(seam.first, seam.segment + 1)):
            items += _pieces(seam.segment, seam, seam.text)
    together: list[Finding] = []
    for batch in _batches(items) if items else ():
        if is_late(case, parts):
            return [*together, late(parts)]
        scores = parts.scorer.score_many([(i.text, case.segments[i.segment].channel) for i in batch])
        reached = [_reached(case, score, item, parts) for item, score in zip(batch, scores, strict=True)]
        together += [f for f in reached if f]
    return together


def _pieces(n: int, layer: Layer | None, text: str) -> list[_Item]:
    """A long text in pieces, so that no single call takes longer than the deadline can bear."""
    if _is_name(text):
        return []
    if len(text) <= _PIECE:
        return [_Item(n, layer, text, 0)]
    starts = range(0, len(text) - _SHARED, _PIECE - _SHARED)
    return [_Item(n, layer, text[start : start + _PIECE], start) for start in starts]


def _batches(items: list[_Item]) -> Iterator[list[_Item]]:
    """Items of one message share the detector's budget, unless they are very much text."""
    batch: list[_Item] = []
    size = 0
    for item in items:
        if batch and size + len(item.text) > _PIECE:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.text)
    yield batch


def _reached(case: Case, found: Scored, item: _Item, parts: Parts) -> Finding | None:
    n = item.segment
    channel = case.segments[n].channel
    policy = parts.policy.channel(channel)
    steps = policy.steps or (Step(threshold=parts.scorer.threshold(channel), action=policy.action),)
    reached = [s for s in steps if found.score >= s.threshold]
    return _scored(case, found, item, reached[-1]) if reached else None


def egress(case: Case, draft: Draft, parts: Parts) -> Draft:
    """What may leave, in the model's words and in what it hands to tools."""
    if case.phase not in _LEAVING:
        return draft
    if case.stream is not None:
        fed = _followed(case.stream, case.news, case, parts)
        return draft.plus(*(_in_window(f, case) if f.segment >= 0 else f for f in fed))
    long = {n for n, s in enumerate(case.segments) if len(s.text) > _PIECE} if parts.follow else set()
    short = [s for n, s in enumerate(case.segments) if n not in long]
    places = [n for n in range(len(case.segments)) if n not in long]
    found = list(parts.egress(short, system=case.system, canary=case.canary, policy=parts.policy))
    findings = [replace(f, segment=places[f.segment]) if f.segment >= 0 else f for f in found]
    for n in sorted(long):
        findings += _at_length(case, n, parts)
    return draft.plus(*findings)


def _at_length(case: Case, n: int, parts: Parts) -> Iterator[Finding]:
    """A long text is followed like a stream, so that the clock is looked at on the way."""
    assert parts.follow is not None
    stream = parts.follow(system=case.system, canary=case.canary, policy=parts.policy)
    for finding in _followed(stream, case.segments[n].text, case, parts):
        yield replace(finding, segment=n) if finding.segment >= 0 else finding


def _followed(stream: EgressStream, text: str, case: Case, parts: Parts) -> Iterator[Finding]:
    for start in range(0, max(1, len(text)), _PIECE):
        if is_late(case, parts):
            yield late(parts)
            return
        yield from stream.feed(text[start : start + _PIECE])


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
    findings = case.meter.check() if case.meter is not None else parts.book.check(case.context)
    return draft.plus(*findings)


def exceptions(case: Case, draft: Draft, parts: Parts) -> Draft:
    """Mark what the policy's exceptions let pass; last, so that they can speak of every rule."""
    if not draft.findings:
        return draft
    marked = parts.excepted(draft.findings, case.segments, parts.policy, parts.today(), case.context.tenant)
    return Draft(tuple(marked), draft.revealed, draft.scored)


def is_late(case: Case, parts: Parts) -> bool:
    """Whether judging should be over by now."""
    return case.deadline is not None and parts.now() > case.deadline


def late(parts: Parts) -> Finding:
    """The finding for a deadline that has passed."""
    closed = parts.policy.limits.on_deadline == "deny"
    return Finding(
        rule="limit/deadline",
        message=f"Not judged within {parts.policy.limits.deadline_ms} ms.",
        action=Action.BLOCK if closed else Action.ALLOW,
    )


def _in_window(finding: Finding, case: Case) -> Finding:
    start, end = max(0, finding.start - case.base), max(0, finding.end - case.base)
    return replace(finding, segment=0, start=start, end=end)


def _fresh(case: Case, n: int) -> str:
    return case.segments[n].text[case.fresh :] if case.fresh else case.segments[n].text


def _is_name(text: str) -> bool:
    return len(text) < _SHORTEST and text.replace("_", "").replace("-", "").isalnum() and text.isascii()


def _scored(case: Case, found: Scored, item: _Item, step: Step) -> Finding:
    n, layer = item.segment, item.layer
    segment: Segment = case.segments[n]
    start, end = found.start + item.start, found.end + item.start
    start, end = layer.span(start, end) if layer else (start, end)
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
