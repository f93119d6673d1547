"""JSON-RPC 2.0 as the Model Context Protocol uses it: envelopes read strictly, refusals written.

Ids are never rewritten. What two readers could take for two different messages is refused: a name that
differs from another in case only, a message that is both a request and an answer.
"""

import json
from typing import Literal

from msgspec import Struct

from assaymark.guard.event import Action, Decision
from assaymark.guard.protocol.errors import said
from assaymark.guard.protocol.lossless import Json, Malformed

__all__ = [
    "BLOCKED",
    "INVALID",
    "NEEDS_APPROVAL",
    "PARSE_ERROR",
    "UNREACHABLE",
    "Rpc",
    "error_body",
    "read_rpc",
    "refused",
    "refused_call",
]

BLOCKED = -32010
"""The guard blocked it. Codes from -32000 to -32019 are for implementations (revision 2026-07-28)."""
NEEDS_APPROVAL = -32011
"""A human has not answered yet; the same call may be sent again."""
UNREACHABLE = -32012
"""The server behind the guard is gone."""
PARSE_ERROR = -32700
INVALID = -32600

_MOST_IN_BATCH = 1_000
_MODERN = "io.modelcontextprotocol/protocolVersion"
"""A request that carries this in `_meta` speaks revision 2026-07-28 or later."""


class Rpc(Struct, frozen=True, kw_only=True):
    """One message, read."""

    kind: Literal["request", "notification", "result", "error"]
    id: str = ""
    """The id as a key of a table; 1 and "1" are one, as some peers take them for one."""
    raw_id: Json = None
    """As it came."""
    method: str = ""
    body: dict[str, Json] = {}
    """`params` of a request or notification; the whole message of an answer."""
    at: str = ""
    """JSON pointer of the message: empty, or its place in a batch."""

    @property
    def modern(self) -> bool:
        """Whether it speaks a revision without sessions."""
        meta = self.body.get("_meta")
        return isinstance(meta, dict) and _MODERN in meta


def read_rpc(document: Json) -> tuple[Rpc, ...]:
    """The messages of a body: one, or a batch (revision 2025-03-26 and before).

    Raises:
        Malformed: it is not JSON-RPC 2.0, or can be read in two ways.
    """
    if not isinstance(document, list):
        return (_one(document, ""),)
    if not 0 < len(document) <= _MOST_IN_BATCH:
        raise Malformed(f"a batch of {len(document)} messages")
    return tuple(_one(node, f"/{n}") for n, node in enumerate(document))


def _one(node: Json, at: str) -> Rpc:
    if not isinstance(node, dict) or node.get("jsonrpc") != "2.0":
        raise Malformed("not a message of JSON-RPC 2.0")
    _unlike(node)
    if "method" in node:
        return _asking(node, at)
    if ("result" in node) == ("error" in node):
        raise Malformed("neither a request nor one answer")
    if isinstance(result := node.get("result"), dict):
        _unlike(result)
    kind: Literal["result", "error"] = "result" if "result" in node else "error"
    raw = node.get("id")
    return Rpc(kind=kind, id=_key(raw) if raw is not None else "", raw_id=raw, body=node, at=at)


def _asking(node: dict[str, Json], at: str) -> Rpc:
    method, params = node["method"], node.get("params")
    if "result" in node or "error" in node or not isinstance(method, str):
        raise Malformed("both a request and an answer, or a method that is no text")
    if params is not None and not isinstance(params, dict):
        raise Malformed("parameters that are no object")
    _unlike(params or {})
    if "id" not in node:
        return Rpc(kind="notification", method=method, body=params or {}, at=at)
    raw = node["id"]
    return Rpc(kind="request", id=_key(raw), raw_id=raw, method=method, body=params or {}, at=at)


def _key(raw: Json) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Malformed("an id that is neither text nor a number")
    return str(raw)


def _unlike(node: dict[str, Json]) -> None:
    """Some readers take names without regard to case; then the last of two would win for one of us."""
    if len({name.casefold() for name in node}) != len(node):
        raise Malformed("two names that differ in case only")


def error_body(raw_id: Json, code: int, message: str, data: Json = None) -> bytes:
    """An error answer."""
    error: dict[str, Json] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return json.dumps({"jsonrpc": "2.0", "id": raw_id, "error": error}, separators=(",", ":")).encode()


def refused(raw_id: Json, decision: Decision, question: str = "") -> bytes:
    """The refusal of a message: the guard's error, with the decision and its rules, never the text.

    Args:
        raw_id: of the request.
        decision: what refused it.
        question: id of the question that a human has not answered yet.
    """
    data: dict[str, Json] = {"decision": decision.id, "rules": list(_rules(decision))}
    if not question:
        return error_body(raw_id, BLOCKED, said(decision), data)
    message = (
        f"Needs the approval of a human (question {question}); send the same call again once it is given."
    )
    return error_body(raw_id, NEEDS_APPROVAL, message, data | {"question": question})


def refused_call(raw_id: Json, decision: Decision, question: str, modern: bool) -> bytes:
    """The refusal of a tool call as a tool result that says so, for clients that drop errors."""
    text = said(decision)
    if question:
        text = f"Needs the approval of a human (question {question}). Decision {decision.id}."
    result: dict[str, Json] = {"content": [{"type": "text", "text": text}], "isError": True}
    if modern:
        result["resultType"] = "complete"
    return json.dumps({"jsonrpc": "2.0", "id": raw_id, "result": result}, separators=(",", ":")).encode()


def _rules(decision: Decision) -> dict[str, None]:
    live = (f for f in decision.findings if f.action in (Action.BLOCK, Action.ASK) and not f.excepted_by)
    return dict.fromkeys(f.rule for f in live)
