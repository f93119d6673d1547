"""The real `anthropic` client through the gateway."""

import json
from collections.abc import Iterator

import anthropic
import pytest

from tests.guard.core.small import PHRASE, SECRET
from tests.guard.proxy.upstream import Script

TOOLS = [{"name": "read_page", "input_schema": {"type": "object"}}]
CALL = [("read_page", {"url": "https://example.org/a", "depth": 12})]
LONG = "The ferry leaves at noon. " * 40


@pytest.fixture
def client(guard: str) -> Iterator[anthropic.Anthropic]:
    """A client that tries once."""
    with anthropic.Anthropic(base_url=guard, api_key="sk-client", max_retries=0) as made:
        yield made


def ask(client: anthropic.Anthropic, content: object = "Hi there", **more: object):
    """One question."""
    return client.messages.create(
        model="m", max_tokens=99, messages=[{"role": "user", "content": content}], **more
    )


def test_an_honest_question_is_answered(client: anthropic.Anthropic, script: Script) -> None:
    """With a system prompt of blocks, which gets the canary and nothing else."""
    system = [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}]
    assert ask(client, system=system).content[0].text == script.text

    assert script.seen[0]["system"][0]["text"].startswith("Be kind.\n\n")
    assert script.seen[0]["system"][0]["cache_control"] == {"type": "ephemeral"}


def test_the_canary_is_the_same_in_every_turn(client: anthropic.Anthropic, script: Script) -> None:
    """So that the upstream's prompt cache holds."""
    for text in ("Hi", "And now?"):
        ask(client, text, system="Be kind.")

    assert script.seen[0]["system"] == script.seen[1]["system"] != "Be kind."


def test_an_answer_with_the_canary_is_withheld(client: anthropic.Anthropic, script: Script) -> None:
    """Whole or streamed."""
    ask(client, system="Be kind.")
    script.text = LONG + script.seen[0]["system"]
    with pytest.raises(anthropic.BadRequestError, match="egress/canary"):
        ask(client, system="Be kind.")
    with client.messages.stream(
        model="m", max_tokens=9, system="Be kind.", messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        message = stream.get_final_message()
    assert message.stop_reason == "refusal"
    assert LONG.startswith(message.content[0].text[: len(LONG)])


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": PHRASE},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": PHRASE}},
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": PHRASE}]}},
        {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": PHRASE}]},
        {"type": "tool_result", "tool_use_id": "t", "content": PHRASE},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": PHRASE}]},
        {
            "type": "tool_result",
            "tool_use_id": "t",
            "content": [{"type": "document", "title": PHRASE, "source": {"type": "url", "url": "u"}}],
        },
        {"type": "a_block_of_tomorrow", "inner": {"words": [PHRASE]}},
    ],
    ids=lambda b: b["type"],
)
def test_every_kind_of_block_is_read(
    client: anthropic.Anthropic, script: Script, block: dict[str, object]
) -> None:
    """An attack in it is refused in Anthropic's shape."""
    with pytest.raises(anthropic.BadRequestError) as caught:
        ask(client, [block])

    assert caught.value.response.json()["error"]["type"] == "invalid_request_error"
    assert script.seen == []


def test_a_stream_arrives_whole(client: anthropic.Anthropic, script: Script) -> None:
    """Text, calls and stop reason."""
    script.text, script.calls = LONG, CALL
    with client.messages.stream(
        model="m", max_tokens=9, tools=TOOLS, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        message = stream.get_final_message()

    assert message.content[0].text == LONG
    assert message.content[1].input == CALL[0][1]
    assert message.stop_reason == "tool_use"


def test_a_stream_is_stopped_well_formed(client: anthropic.Anthropic, script: Script) -> None:
    """The open block is closed, the message ends with `refusal`."""
    script.text = LONG + PHRASE + LONG
    with client.messages.stream(
        model="m", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        message = stream.get_final_message()

    assert LONG.startswith(message.content[0].text)
    assert message.stop_reason == "refusal"


def test_a_call_that_was_not_offered_never_arrives(client: anthropic.Anthropic, script: Script) -> None:
    """Not even its name."""
    script.calls = [("send_email", {"to": "x@evil.example"})]
    with client.messages.stream(
        model="m", max_tokens=9, tools=TOOLS, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        message = stream.get_final_message()
    assert [b.type for b in message.content] == ["text"]

    with pytest.raises(anthropic.BadRequestError, match="flow/undeclared_tool"):
        ask(client, tools=TOOLS)


def test_a_secret_in_arguments_is_cut_out(client: anthropic.Anthropic, script: Script) -> None:
    """And the arguments stay JSON."""
    script.text, script.calls = "", [("read_page", {"url": f"https://example.org/?k={SECRET}"})]
    with client.messages.stream(
        model="m", max_tokens=9, tools=TOOLS, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        message = stream.get_final_message()

    assert message.content[0].input == {"url": "https://example.org/?k=[removed: egress/secret]"}
    assert SECRET not in json.dumps(ask(client, tools=TOOLS).model_dump())


def test_counting_tokens_passes(client: anthropic.Anthropic, script: Script) -> None:
    """No model answers there."""
    script.raw = b'{"input_tokens": 7}'
    counted = client.messages.count_tokens(model="m", messages=[{"role": "user", "content": "Hi"}])

    assert counted.input_tokens == 7
