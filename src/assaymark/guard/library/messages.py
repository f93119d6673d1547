"""Whole bodies of an API: which protocol, bytes or values in, the same out with the edits made."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from assaymark.errors import UsageError
from assaymark.guard.core.events import AskHuman, Forward, Refuse
from assaymark.guard.event import Edit
from assaymark.guard.library.drive import Done
from assaymark.guard.library.rewrite import new_texts, put
from assaymark.guard.library.verdict import Verdict
from assaymark.guard.protocol import lossless
from assaymark.guard.protocol.lossless import Json, Malformed
from assaymark.guard.protocol.shape import Message
from assaymark.guard.protocol.table import PROTOCOLS, Protocol

__all__ = ["Body", "document", "protocol_named", "rewritten", "verdict_of"]

Body = bytes | str | Mapping[str, Any]
"""A request or answer: JSON as bytes or text, or the value itself."""

_ALIASES = {
    "openai": "openai_chat",
    "chat": "openai_chat",
    "responses": "openai_responses",
    "claude": "anthropic",
}


def protocol_named(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        UsageError: there is none.
    """
    wanted = _ALIASES.get(name, name)
    for protocol in PROTOCOLS:
        if protocol.name == wanted:
            return protocol
    known = ", ".join([p.name for p in PROTOCOLS] + sorted(_ALIASES))
    raise UsageError(f"There is no protocol {name!r}.", f"Use one of {known}.")


def document(body: Body, depth: int) -> Json:
    """The value of a body.

    Raises:
        UsageError: it is not JSON that everybody reads alike, or no object.
    """
    try:
        raw = body if isinstance(body, bytes) else _encoded(body)
        found = lossless.parse(raw, depth)
    except (Malformed, RecursionError, UnicodeEncodeError) as error:
        raise UsageError(f"The body is {_fault(error)}.", "Send one JSON object in UTF-8.") from None
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"The body is no JSON value: {error}.", "Give dicts, lists, strings and numbers."
        ) from None
    if not isinstance(found, dict):
        raise UsageError("The body is not a JSON object.", "Send one JSON object in UTF-8.")
    return found


def _fault(error: Exception) -> str:
    if isinstance(error, Malformed):
        return str(error)
    return (
        "nested too deeply" if isinstance(error, RecursionError) else "not Unicode: it has half a surrogate"
    )


def _encoded(body: str | Mapping[str, Any]) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(dict(body), allow_nan=False).encode()


def rewritten(body: Body, message: Message, edits: Iterable[Edit]) -> Body:
    """The body with the edits made; the very same if there are none."""
    texts = new_texts(message.segments, edits)
    if not texts:
        return body
    if isinstance(body, bytes):
        return lossless.replace(body, texts)
    if isinstance(body, str):
        return lossless.replace(body.encode(), texts).decode()
    changed: dict[str, Any] = put(body, texts)
    return changed


def verdict_of(commands: Iterable[Done], body: Body, message: Message) -> Verdict:
    """What became of a whole message."""
    for command in commands:
        match command:
            case Forward():
                changed = rewritten(body, message, command.edits)
                return Verdict(decision=command.decision, body=changed, segments=message.segments)
            case Refuse():
                return Verdict(decision=command.decision, segments=message.segments)
            case AskHuman():
                return Verdict(decision=command.question.decision, segments=message.segments)
    raise AssertionError("the core always decides")
