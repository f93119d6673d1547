"""Spans, caught in memory: the GenAI names, and no text unless the policy says so."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assaymark.errors import AssaymarkError
from assaymark.guard.proxy.server import server_for
from assaymark.guard.proxy.settings import Settings, origin
from assaymark.guard.proxy.state import State
from assaymark.guard.proxy.tracing import NoTracer, OpenTelemetry, tracer_from
from tests.guard.core.small import PHRASE, parts
from tests.guard.proxy.running import running
from tests.guard.proxy.upstream import Script


@contextmanager
def traced(model: str, content: bool) -> Iterator[tuple[str, InMemorySpanExporter]]:
    """A gateway whose spans are caught."""
    caught = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(caught))
    settings = Settings(upstream=origin(model), port=0)
    state = State(settings, parts(), tracer=OpenTelemetry(provider, content))
    with running(server_for(state)) as url:
        yield url, caught


def ask(url: str, text: str, path: str = "/v1/chat/completions", **more: object) -> httpx2.Response:
    """One question with a key."""
    body = {"model": "model-x", "max_tokens": 9, "messages": [{"role": "user", "content": text}], **more}
    return httpx2.post(url + path, json=body, headers={"authorization": "Bearer sk-client"})


def told(span: ReadableSpan) -> dict[str, object]:
    """A span's attributes."""
    return dict(span.attributes or {})


def test_an_exchange_is_a_span_without_text(model: str, script: Script) -> None:
    """Operation, provider, models, tokens, server and status; decisions are events."""
    with traced(model, content=False) as (url, caught):
        ask(url, "When does the ferry leave?")
        ask(url, f"Now {PHRASE}!")
        ask(url, "When?", "/v1/messages")
    honest, blocked, other = caught.get_finished_spans()

    found = told(honest)
    assert honest.name == "chat model-x"
    assert (
        found
        | {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "model-x",
            "gen_ai.response.model": "m",
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.usage.output_tokens": 5,
            "server.address": "127.0.0.1",
            "http.response.status_code": 200,
        }
        == found
    )
    assert [event.name for event in honest.events] == ["assaymark.decision"] * 2
    assert told(blocked)["error.type"] == "400"
    assert dict(blocked.events[0].attributes or {})["assaymark.rules"] == ("detector/user",)
    assert told(other)["gen_ai.provider.name"] == "anthropic"
    everything = json.dumps([span.to_json() for span in (honest, blocked, other)])
    for text in ("ferry", PHRASE, script.text, "sk-client"):
        assert text not in everything


def test_text_is_in_it_only_if_the_policy_says_so(model: str, script: Script) -> None:
    """In and out, with the channel; a streamed exchange has its span too."""
    with traced(model, content=True) as (url, caught):
        ask(url, "When does the ferry leave?")
        ask(url, "When?", stream=True)
    whole, streamed = caught.get_finished_spans()
    assert json.loads(str(told(whole)["gen_ai.input.messages"])) == [
        {"channel": "user", "content": "When does the ferry leave?"}
    ]
    assert script.text in str(told(whole)["gen_ai.output.messages"])
    assert told(streamed)["gen_ai.usage.output_tokens"] == 5


def test_spans_are_off_unless_asked_for() -> None:
    """The environment decides; an exporter that is asked for and missing stops the start."""
    assert isinstance(tracer_from({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False), NoTracer)
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    if importlib.util.find_spec("opentelemetry.exporter") is None:
        with pytest.raises(AssaymarkError, match="the exporter is not installed"):
            tracer_from(asked, False)
    else:
        assert isinstance(tracer_from(asked, False), OpenTelemetry)
