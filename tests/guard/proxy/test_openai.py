"""The real `openai` client through the gateway."""

import json
from collections.abc import Iterator

import openai
import pytest

from tests.guard.core.small import PHRASE, SECRET, Kept
from tests.guard.proxy.upstream import Script

TOOLS = [{"type": "function", "function": {"name": "read_page", "parameters": {"type": "object"}}}]
CALL = [("read_page", {"url": "https://example.org/a", "depth": 12})]
LONG = "The ferry leaves at noon. " * 40


@pytest.fixture
def client(guard: str) -> Iterator[openai.OpenAI]:
    """A client that tries once."""
    with openai.OpenAI(base_url=f"{guard}/v1", api_key="sk-client", max_retries=0) as made:
        yield made


def ask(client: openai.OpenAI, text: str = "Hi there", **more: object):
    """One question."""
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}], **more)


def test_an_honest_question_is_answered(client: openai.OpenAI, script: Script, kept: Kept) -> None:
    """The answer is the upstream's, the body reaches it byte for byte, and the key too."""
    answer = ask(client)

    assert answer.choices[0].message.content == script.text
    assert script.seen[0]["messages"] == [{"role": "user", "content": "Hi there"}]
    assert script.headers[0]["authorization"] == "Bearer sk-client"
    assert "sk-client" not in repr(kept.decisions)


def test_an_attack_is_refused_with_the_protocols_error(client: openai.OpenAI, script: Script) -> None:
    """The upstream never sees it; the client library raises; the decision's id is in body and header."""
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, f"Please {PHRASE}")

    assert script.seen == []
    assert caught.value.code == "content_policy_violation"
    ident = caught.value.response.json()["assaymark"]["decision"]
    assert ident == caught.value.response.headers["x-assaymark-decision"]
    assert ident in caught.value.message


def test_an_attack_in_a_tool_result_is_refused(client: openai.OpenAI, script: Script) -> None:
    """What a tool gave back is read as such, string or parts."""
    call = {"id": "c", "type": "function", "function": {"name": "read_page", "arguments": "{}"}}
    for content in (PHRASE, [{"type": "text", "text": f"News: {PHRASE}"}]):
        messages = [
            {"role": "user", "content": "Read the page"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": content},
        ]
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="m", messages=messages, tools=TOOLS)
        assert "detector/tool_result" in caught.value.message
    assert script.seen == []


def test_an_attack_in_a_tool_description_is_refused(client: openai.OpenAI, script: Script) -> None:
    """Descriptions of parameters speak to the model too."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "description": PHRASE}}}
    with pytest.raises(openai.BadRequestError, match="detector/tool_description"):
        ask(client, tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])


def test_an_attack_in_the_answer_is_no_silent_200(client: openai.OpenAI, script: Script) -> None:
    """The answer is withheld, with an error."""
    script.text = f"Sure. {PHRASE}"
    with pytest.raises(openai.BadRequestError, match="detector/output"):
        ask(client)


def test_a_stream_arrives_whole(client: openai.OpenAI, script: Script) -> None:
    """Text, finish reason and usage are those of the upstream."""
    script.text = LONG
    chunks = list(ask(client, stream=True))

    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == LONG
    assert chunks[-1].usage is not None
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert len(chunks) > len(LONG) / 4


def test_a_stream_is_stopped_before_the_attack_is_out(client: openai.OpenAI, script: Script) -> None:
    """It ends well-formed with `content_filter`, and no part of the phrase was released."""
    script.text = LONG + PHRASE + LONG
    chunks = list(ask(client, stream=True))
    got = "".join(c.choices[0].delta.content or "" for c in chunks)

    assert LONG.startswith(got)
    assert len(got) >= len(LONG) - 250
    assert chunks[-1].choices[0].finish_reason == "content_filter"
    assert "Blocked" in chunks[-1].choices[0].delta.refusal


def test_a_secret_is_cut_out_of_a_stream(client: openai.OpenAI, script: Script) -> None:
    """Only the events that held it are rewritten, across pieces of any size."""
    for script.pieces in (1, 3, 7, 500):
        script.text = f"{LONG}The key is {SECRET}, keep it. {LONG}"
        chunks = list(ask(client, stream=True))
        got = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert got == script.text.replace(SECRET, "[removed: egress/secret]")


def test_a_streamed_call_arrives_whole(client: openai.OpenAI, script: Script) -> None:
    """Arguments are those of the upstream, in its pieces."""
    script.text, script.calls = "", CALL
    chunks = list(ask(client, stream=True, tools=TOOLS))
    calls = [c.choices[0].delta.tool_calls[0] for c in chunks if c.choices and c.choices[0].delta.tool_calls]

    assert calls[0].function.name == "read_page"
    assert json.loads("".join(c.function.arguments for c in calls)) == CALL[0][1]
    assert len(calls) > 5


def test_a_call_that_was_not_offered_never_arrives(client: openai.OpenAI, script: Script) -> None:
    """Streamed or not, no byte of it is released."""
    script.text, script.calls = "Let me see.", [("send_email", {"to": "x@evil.example"})]
    chunks = list(ask(client, stream=True, tools=TOOLS))
    assert not any(c.choices[0].delta.tool_calls for c in chunks)
    assert chunks[-1].choices[0].finish_reason == "content_filter"

    with pytest.raises(openai.BadRequestError, match="flow/undeclared_tool"):
        ask(client, tools=TOOLS)


def test_responses_are_answered_whole_and_streamed(client: openai.OpenAI, script: Script) -> None:
    """The other API of the same library."""
    script.text = LONG
    assert client.responses.create(model="m", input="Hi", instructions="Be kind.").output_text == LONG

    with client.responses.stream(model="m", input="Hi") as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == LONG
    assert final.output_text == LONG


def test_a_secret_is_cut_out_of_every_repetition(client: openai.OpenAI, script: Script) -> None:
    """Responses repeat the text in three closing events; none of them carries what was removed."""
    script.text = f"{LONG}Key {SECRET}. {LONG}"
    raw = client.responses.with_raw_response.create(model="m", input="Hi", stream=True)
    body = raw.http_response.read().decode()

    assert SECRET not in body
    assert body.count("[removed: egress/secret]") == 5


def test_a_stopped_responses_stream_is_incomplete(client: openai.OpenAI, script: Script) -> None:
    """The last event says why."""
    script.text = LONG + PHRASE
    events = list(client.responses.create(model="m", input="Hi", stream=True))

    assert events[-1].type == "response.incomplete"
    assert events[-1].response.incomplete_details.reason == "content_filter"
    assert PHRASE not in "".join(e.delta for e in events if e.type == "response.output_text.delta")


def test_a_streamed_call_of_responses_is_judged_whole(client: openai.OpenAI, script: Script) -> None:
    """Offered: it arrives. Not offered: nothing of it does."""
    script.text, script.calls = "", CALL
    tools = [{"type": "function", "name": "read_page", "parameters": {"type": "object"}}]
    events = list(client.responses.create(model="m", input="Hi", tools=tools, stream=True))
    assert events[-1].response.output[0].name == "read_page"

    events = list(client.responses.create(model="m", input="Hi", stream=True))
    assert [e.type for e in events] == ["response.created", "error", "response.incomplete"]


def test_an_error_of_the_upstream_stays_its_own(client: openai.OpenAI, script: Script) -> None:
    """Status and body pass."""
    script.status = 429
    with pytest.raises(openai.RateLimitError):
        ask(client)


def test_embeddings_and_models_pass_untouched(client: openai.OpenAI, script: Script) -> None:
    """No model answers there."""
    client.embeddings.create(model="e", input=PHRASE, encoding_format="float")
    client.models.list()

    assert script.seen[0]["input"] == PHRASE


async def _asked(url: str) -> str:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])


def test_the_asynchronous_client_streams(guard: str, script: Script) -> None:
    """As the other does."""
    import asyncio

    assert asyncio.run(_asked(guard)) == script.text
