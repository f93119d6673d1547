"""What a decision about an MCP message comes to: new texts, elements taken out, the words of a refusal."""

from collections.abc import Iterable

from msgspec.structs import replace

from assaymark.guard.core.edits import applied
from assaymark.guard.event import Action, Decision, Edit, Phase, Segment, ToolCall
from assaymark.guard.policy.model import Policy
from assaymark.guard.protocol.mcp_rpc import refused, refused_call
from assaymark.guard.protocol.shape import compact
from assaymark.guard.proxy.mcp_session import From, Prepared

__all__ = ["cleaned_texts", "edited_texts", "refusal_body", "removable", "shown_calls"]

_STOPS = (Action.BLOCK, Action.ASK)


def edited_texts(prepared: Prepared, decision: Decision) -> dict[str, str]:
    """The new texts by pointer."""
    return _texts(prepared.case.segments, decision.edits)


def cleaned_texts(prepared: Prepared, decision: Decision) -> dict[str, str]:
    """A greeting without its refused texts; all of them, if it was refused as a whole."""
    segments = prepared.case.segments
    bad = {f.segment for f in decision.findings if f.action in _STOPS and not f.excepted_by}
    whole = -1 in bad or any(not segments[n].at for n in bad)
    notice = f"[removed by the guard: decision {decision.id}]"
    return {s.at: notice for n, s in enumerate(segments) if s.at and (whole or n in bad)}


def removable(prepared: Prepared, decision: Decision | None, policy: Policy) -> frozenset[int]:
    """The elements of a list that are refused, if taking them out is enough and wanted."""
    reading = prepared.reading
    if decision is None or not reading.list_at or policy.mcp.poisoned_tool != "remove":
        return frozenset()
    bad = {f.segment for f in decision.findings if f.action in _STOPS and not f.excepted_by}
    items = {reading.items[n] if n >= 0 else -1 for n in bad}
    return frozenset() if -1 in items else frozenset(items)


def refusal_body(prepared: Prepared, decision: Decision, question: str, policy: Policy) -> bytes | None:
    """The answer that stands for a refused request or answer; None where there is nothing to answer."""
    rpc, asked = prepared.rpc, prepared.answering
    if rpc.raw_id is None:
        return None
    call = prepared.sender is From.CLIENT and rpc.method == "tools/call"
    result = prepared.sender is From.SERVER and asked is not None and asked.method == "tools/call"
    if policy.mcp.refusal == "result" and (call or result):
        modern = rpc.modern if call else asked is not None and asked.modern
        return refused_call(rpc.raw_id, decision, question, modern)
    return refused(rpc.raw_id, decision, question)


def shown_calls(prepared: Prepared) -> tuple[ToolCall, ...]:
    """What a human is asked about: the call, or the message as if it were one."""
    if prepared.case.calls:
        return prepared.case.calls
    rpc, asked = prepared.rpc, prepared.answering
    name = rpc.method or (f"{asked.method} {asked.tool}".strip() if asked else "answer")
    if prepared.case.phase is Phase.LISTING:
        return (ToolCall(name=name, arguments=compact([d.digest for d in prepared.reading.declared])),)
    content = rpc.body if rpc.kind in ("request", "notification") else rpc.body.get(rpc.kind)
    return (ToolCall(name=name, arguments=compact(content)),)


def _texts(segments: tuple[Segment, ...], edits: Iterable[Edit]) -> dict[str, str]:
    by_segment: dict[int, list[Edit]] = {}
    for edit in edits:
        by_segment.setdefault(edit.segment, []).append(replace(edit, segment=0))
    return {segments[n].at: applied(segments[n].text, own) for n, own in by_segment.items() if segments[n].at}
