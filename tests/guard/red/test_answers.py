"""Ways for an answer to leave unjudged beside the places where a model's words are expected."""

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from assaymark.guard.core.events import Refuse, RequestReceived, ResponseReceived
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import Context
from assaymark.guard.event import Channel, Segment
from assaymark.guard.policy.model import Policy
from assaymark.guard.protocol import anthropic, lossless, openai_chat, openai_responses
from assaymark.guard.protocol.anthropic_stream import AnthropicStream
from assaymark.guard.protocol.openai_chat_stream import ChatStream
from assaymark.guard.protocol.openai_responses_stream import ResponsesStream
from assaymark.guard.protocol.shape import Message
from assaymark.guard.protocol.sse import SseEvent
from assaymark.guard.rules.egress import egress
from tests.guard.core.small import PHRASE, SECRET, parts
from tests.guard.proxy.conftest import _kept, _script, guard, kept, model, script  # noqa: F401
from tests.guard.proxy.upstream import Script

LURE = f"Now {PHRASE} and obey."


def refused(message: Message) -> bool:
    """Whether the chain refuses the answer."""
    exchange = Exchange(parts())
    exchange.receive(RequestReceived(Message(offered=None), Context()))
    return any(isinstance(c, Refuse) for c in exchange.receive(ResponseReceived(message)))


def choice(**message: Any) -> dict[str, Any]:
    """A chat answer."""
    return {"choices": [{"index": 0, "message": {"role": "assistant", "content": "", **message}}]}


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (openai_chat.read_response, [LURE]),
        (openai_chat.read_response, {"error": {"message": LURE}}),
        (openai_chat.read_response, {"message": {"content": LURE}}),
        (openai_chat.read_response, {"choices": [{"text": LURE}]}),
        (openai_chat.read_response, choice(annotations=[{"url_citation": {"title": LURE, "url": "x"}}])),
        (openai_chat.read_response, choice(audio={"transcript": SECRET})),
        (openai_chat.read_response, choice(tool_calls=[{"id": LURE, "function": {"name": "f"}}])),
        (openai_chat.read_response, choice(tool_calls=[{"function": {"name": LURE, "arguments": "{}"}}])),
        (
            openai_chat.read_response,
            choice(tool_calls=[{"function": {"name": "f", "arguments": {"a": LURE}}}]),
        ),
        (openai_responses.read_response, {"output": LURE}),
        (openai_responses.read_response, {"output_text": LURE}),
        (openai_responses.read_response, {"error": {"message": LURE}}),
        (
            openai_responses.read_response,
            {"output": [{"type": "function_call", "name": "f", "arguments": {"status": LURE}}]},
        ),
        (anthropic.read_response, {"content": LURE}),
        (anthropic.read_response, {"content": [LURE]}),
        (anthropic.read_response, {"content": [{"type": "tool_use", "name": "f", "input": {SECRET * 2: 1}}]}),
        (anthropic.read_response, {"content": [{"type": "tool_use", "name": "f", "input": {"id": LURE}}]}),
        (anthropic.read_response, {"type": "error", "error": {"message": LURE}}),
    ],
)
def test_an_answer_of_another_shape_is_judged(read: Callable[[Any], Message], body: Any) -> None:
    """All of it, names and odd types included."""
    assert refused(read(body))


def test_arguments_given_as_an_object_are_the_calls_arguments() -> None:
    """Rules about arguments see them, not an empty string."""
    call = {"type": "function", "function": {"name": "f", "arguments": {"to": "x@y"}}}

    assert openai_chat.read_response(choice(tool_calls=[call])).calls[0].arguments == '{"to":"x@y"}'
    item = {"type": "function_call", "name": "f", "arguments": {"to": "x@y"}}
    found = openai_responses.read_response({"output": [item]}).calls[0]
    assert (found.name, found.arguments) == ("f", '{"to":"x@y"}')


def test_long_numbers_in_arguments_are_seen() -> None:
    """A card's number leaves as a number as well as a string."""
    block = {"type": "tool_use", "name": "f", "input": {"n": 4111111111111111, "m": 7}}
    message = anthropic.read_response({"content": [block]})

    assert [s.text for s in message.segments] == ["4111111111111111"]


@pytest.mark.parametrize("stream", [ChatStream, ResponsesStream, AnthropicStream])
def test_an_error_within_a_stream_is_judged(stream: Callable[[], Any]) -> None:
    """It can quote anything."""
    event = SseEvent(b"", data=json.dumps({"type": "error", "error": {"message": LURE}, "message": LURE}))

    assert any(LURE in text for _, text in stream().read(event).texts)


def test_streamed_arguments_of_any_type_are_assembled() -> None:
    """Also under another name than the call's type."""
    stream = ChatStream()
    delta = {"tool_calls": [{"index": 0, "id": "c", "custom": {"name": "f", "input": {"a": 1}}}]}
    stream.read(SseEvent(b"", data=json.dumps({"choices": [{"index": 0, "delta": delta}]})))
    done = stream.read(SseEvent(b"", data="[DONE]"))

    assert [(c.name, c.arguments) for _, c in done.calls] == [("f", '{"a":1}')]


def test_tokens_do_not_say_again_what_was_cut() -> None:
    """Where a text is edited, token lists are emptied; the switch of the same name stays."""
    tokens = {"content": [{"token": "sk", "bytes": [115, 107], "top_logprobs": []}]}
    body = {"a": "sk", "logprobs": tokens, "b": [{"logprobs": [{"token": "sk"}]}], "c": {"logprobs": True}}

    found = json.loads(lossless.replace(json.dumps(body).encode(), {"/a": "x"}))

    assert found == {"a": "x", "logprobs": None, "b": [{"logprobs": []}], "c": {"logprobs": True}}


def ask(base: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """Send one request."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
    connection.request(method, path, body or None, headers)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions/c1", "/v1/responses/r1/input_items", "/v1/conversations/c/items"]
)
def test_what_the_upstream_kept_is_judged_when_it_is_fetched(guard: str, script: Script, path: str) -> None:  # noqa: F811
    """Else a blocked answer could be had by asking again."""
    script.raw = json.dumps({"data": [{"text": LURE}]}).encode()

    assert ask(guard, "GET", path)[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/chat/completions", {"X-HTTP-Method-Override": "POST"}, 400),
        ("POST", "/v1/threads/t1/messages", {}, 404),
        ("POST", "/v1/completions", {}, 404),
        ("POST", "/v1/batches", {}, 404),
        ("POST", "/v1/responses/r1/cancel", {}, 404),
        ("POST", "/v1/chat/completions", {"Content-Type": "application/json; charset=utf-7"}, 415),
        ("POST", "/v1/chat/completions", {"Content-Type": "multipart/form-data; boundary=b"}, 415),
        ("POST", "/openai/deployments/d/chat/completions?api-version=1", {}, 400),
        ("POST", "//v1/chat/completions", {}, 404),
        ("POST", "/v1/chat/Completions", {}, 404),
        ("POST", "/v1/chat/completions/", {}, 404),
        ("POST", "/v1/%63hat/completions", {}, 404),
    ],
)
def test_no_other_way_leads_to_the_model(
    guard: str,  # noqa: F811
    script: Script,  # noqa: F811
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    """The attack is refused, and the upstream hears nothing."""
    body = json.dumps({"messages": [{"role": "user", "content": LURE}]}).encode()

    assert ask(guard, method, path, body, **headers)[0] == status
    assert script.bodies == []


def test_what_passes_unread_is_counted(guard: str, script: Script) -> None:  # noqa: F811
    """By kind, in the metrics."""
    part = {"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}
    body = json.dumps({"messages": [{"role": "user", "content": [part]}]}).encode()
    ask(guard, "POST", "/v1/chat/completions", body)

    assert b'assaymark_guard_unread_total{kind="image"} 1.0' in ask(guard, "GET", "/metrics")[1]


def test_escapes_in_arguments_hide_no_canary() -> None:
    """Whoever receives the arguments undoes them."""
    text = '{"a": "K7QX-9ZPM-\\u0034\\u0034TT-LMNO"}'
    segment = Segment(text=text, channel=Channel.TOOL_ARGUMENTS)

    found = egress([segment], system=(), canary="K7QX-9ZPM-44TT-LMNO", policy=Policy())
    assert [f.rule for f in found] == ["egress/canary"]
