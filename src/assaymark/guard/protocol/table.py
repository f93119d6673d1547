"""Path → protocol: the one table of what the gateway understands."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from assaymark.guard.protocol import anthropic, openai_chat, openai_responses
from assaymark.guard.protocol.anthropic_stream import AnthropicStream
from assaymark.guard.protocol.lossless import Json
from assaymark.guard.protocol.openai_chat_stream import ChatStream
from assaymark.guard.protocol.openai_responses_stream import ResponsesStream
from assaymark.guard.protocol.shape import Message
from assaymark.guard.protocol.stream import Assembler

__all__ = ["PROTOCOLS", "UNTOUCHED", "Protocol", "disguised", "of_path", "shape_of"]


@dataclass(frozen=True)
class Protocol:
    """One protocol: its readers."""

    name: str
    suffix: str
    """Path of the endpoint, behind whatever prefix the upstream has."""
    read_request: Callable[[Json], Message]
    read_response: Callable[[Json], Message]
    stream: Callable[[], Assembler]


PROTOCOLS = (
    Protocol(
        "openai_chat", "/chat/completions", openai_chat.read_request, openai_chat.read_response, ChatStream
    ),
    Protocol(
        "openai_responses",
        "/responses",
        openai_responses.read_request,
        openai_responses.read_response,
        ResponsesStream,
    ),
    Protocol("anthropic", "/messages", anthropic.read_request, anthropic.read_response, AnthropicStream),
)
UNTOUCHED = ("/embeddings", "/messages/count_tokens", "/responses/input_tokens", "/moderations")
"""Paths whose bodies reach no model that answers; they pass as they are."""


def of_path(path: str) -> Protocol | None:
    """The protocol spoken at a path; messages of a thread are another than Anthropic's."""
    if "/threads/" in path:
        return None
    return next((p for p in PROTOCOLS if path.endswith(p.suffix)), None)


def shape_of(path: str) -> str:
    """Whose error shape fits a path best."""
    return "anthropic" if "/messages" in path else "openai_chat"


def disguised(path: str) -> bool:
    """Whether a path might be read by the upstream as another than it seems.

    Encoded characters, doubled or trailing slashes, dot segments, backslashes, capital letters in a known
    suffix: any of these could carry an unjudged request to a judged endpoint.
    """
    plain = path
    for _ in range(3):
        plain = unquote(plain)
    odd = "//" in plain or "\\" in plain or ";" in plain or any(ord(c) < 33 or ord(c) > 126 for c in plain)
    dots = any(part in (".", "..") for part in plain.split("/"))
    known = [p.suffix for p in PROTOCOLS]
    tidy = plain.rstrip("/").lower()
    return odd or dots or (tidy != path and any(tidy.endswith(s) for s in known)) or plain != path
