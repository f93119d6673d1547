"""Spans of OpenTelemetry, with its GenAI conventions, if the environment names where they go.

Without `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) nothing is imported and nothing leaves.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from assaymark.errors import AssaymarkError
from assaymark.guard.core.events import Record
from assaymark.guard.protocol.shape import Message

__all__ = ["NoTracer", "OpenTelemetry", "Span", "Tracer", "tracer_from"]

_PLACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROVIDERS = {"anthropic": "anthropic"}


class Span(Protocol):
    """One exchange."""

    def decided(self, record: Record) -> None:
        """A decision was made."""

    def read(self, message: Message) -> None:
        """A request or an answer was read."""

    def end(self, status: int) -> None:
        """It is over."""


class Tracer(Protocol):
    """Where spans come from."""

    def span(self, protocol: str, model: str, upstream: str) -> Span:
        """Begin one."""

    def close(self) -> None:
        """Send what waits."""


class NoTracer:
    """No spans; is its own span."""

    def span(self, protocol: str, model: str, upstream: str) -> "NoTracer":
        """Nothing begins."""
        return self

    def decided(self, record: Record) -> None:
        """Nothing is kept."""

    def read(self, message: Message) -> None:
        """Nothing is kept."""

    def end(self, status: int) -> None:
        """Nothing ends."""

    def close(self) -> None:
        """Nothing waits."""


def tracer_from(environment: Mapping[str, str], content: bool) -> Tracer:
    """The tracer that the environment asks for; `content` puts texts into spans.

    Raises:
        AssaymarkError: spans are asked for and the extra is not installed.
    """
    if not any(environment.get(name) for name in _PLACES):
        return NoTracer()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise AssaymarkError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the exporter is not installed.",
            "Run `pip install 'assaymark[guard,otel]'`, or unset the variable.",
        ) from error
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OpenTelemetry(provider, content)


class OpenTelemetry:
    """Spans through the SDK."""

    def __init__(self, provider: Any, content: bool) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("assaymark.guard")
        self._content = content

    def span(self, protocol: str, model: str, upstream: str) -> Span:
        """A client span `chat MODEL`."""
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(protocol, "openai"),
            "gen_ai.request.model": model[:200],
            "server.address": upstream,
        }
        return _Span(
            self._tracer.start_span(f"chat {model[:200]}".strip(), attributes=attributes), self._content
        )

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


class _Span:
    def __init__(self, span: Any, content: bool) -> None:
        self._span, self._content = span, content

    def decided(self, record: Record) -> None:
        """An event with what the ledger has too: no text."""
        decision = record.decision
        attributes = {
            "assaymark.decision.id": decision.id,
            "assaymark.phase": str(decision.phase),
            "assaymark.action": str(decision.action),
            "assaymark.rules": [f.rule for f in decision.findings],
        }
        self._span.add_event("assaymark.decision", attributes)

    def read(self, message: Message) -> None:
        """Tokens; texts only if the policy says so."""
        if message.usage is not None:
            self._span.set_attribute("gen_ai.usage.input_tokens", message.usage.input)
            self._span.set_attribute("gen_ai.usage.output_tokens", message.usage.output)
            if message.model:
                self._span.set_attribute("gen_ai.response.model", message.model[:200])
        if self._content and message.segments:
            texts = [{"channel": str(s.channel), "content": s.text} for s in message.segments]
            name = "gen_ai.output.messages" if message.usage is not None else "gen_ai.input.messages"
            self._span.set_attribute(name, json.dumps(texts))

    def end(self, status: int) -> None:
        """Set the status and end."""
        self._span.set_attribute("http.response.status_code", status or 499)
        if not status or status >= 400:
            self._span.set_attribute("error.type", str(status or 499))
        self._span.end()
