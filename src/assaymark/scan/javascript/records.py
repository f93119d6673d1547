"""Where the system writes what it does, and what leaves through telemetry."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assaymark.observation import Location
from assaymark.scan.facts import Fact, LogSite, Origin, TraceExport
from assaymark.scan.javascript.libraries import library_of
from assaymark.scan.javascript.llm import client_of
from assaymark.scan.javascript.module import Call, text
from assaymark.scan.javascript.values import Values

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["record_facts"]

_LOG = re.compile(
    r"^console\.(log|info|warn|error|debug)$|(^|[.:])(logger|log|\(\))\.(info|warn|error|debug|trace|fatal)$"
)
_CONTENT = re.compile(
    r"\b(prompt|messages?|completion|response|answer|reply|transcript|userInput|chatHistory|conversation|content)\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(api_?key|secret(_?key)?|access_?token|auth_?token|password|private_?key)\b"
    r"|process\.env\.\w*(KEY|SECRET|TOKEN|PASSWORD)\b",
    re.IGNORECASE,
)
_SECURITY = re.compile(
    r"\b(unauthori[sz]ed|forbidden|denied|rate limit|blocked|injection|login|audit)\b", re.IGNORECASE
)
_EXPORTS = {
    "langfuse": "langfuse",
    "@langfuse/tracing": "langfuse",
    "langfuse-langchain": "langfuse",
    "langfuse-vercel": "langfuse",
    "langsmith": "langsmith",
    "@sentry/node": "sentry",
    "@sentry/nextjs": "sentry",
    "posthog-node": "posthog",
    "posthog-js": "posthog",
    "@posthog/ai": "posthog",
    "mixpanel": "mixpanel",
    "@segment/analytics-node": "segment",
    "@vercel/otel": "otlp",
    "@opentelemetry/exporter-trace-otlp-http": "otlp",
    "@helicone/helpers": "helicone",
    "@traceloop/node-server-sdk": "traceloop",
    "braintrust": "braintrust",
    "wandb": "wandb",
    "@wandb/sdk": "wandb",
    "dd-trace": "datadog",
}
_CARRIES_CONTENT = frozenset({"langfuse", "langsmith", "helicone", "traceloop", "braintrust"})


def record_facts(values: Values) -> Iterator[Fact]:
    """`LogSite` and `TraceExport` facts."""
    with_llm = {id(c.function) for c in values.module.calls if client_of(values, c)}
    for call in values.module.calls:
        if _LOG.search(values.call_name(call)):
            yield _site(values, call, id(call.function) in with_llm)
    for specifier, line in values.module.import_lines.items():
        destination = _EXPORTS.get(library_of(specifier))
        if destination:
            yield TraceExport(
                at=Location(values.module.path, line),
                destination=destination,
                content=True if destination in _CARRIES_CONTENT else None,
            )
    yield from _telemetry(values)


def _site(values: Values, call: Call, beside_llm: bool) -> LogSite:
    name = values.call_name(call)
    shown = " ".join(_values_logged(call))
    words = " ".join(text(a, 300) for a in call.arguments[:10])
    origins = frozenset(o for a in call.arguments[:10] for o in values.origins(a, call.function))
    carries = bool(origins & {Origin.MODEL_OUTPUT, Origin.REQUEST}) and "error" not in shown.lower()[:12]
    return LogSite(
        at=Location(values.module.path, call.line),
        sink="console" if name.startswith("console.") else _sink(name),
        subject=_subject(values, call, words, beside_llm),
        content=carries or _CONTENT.search(shown) is not None,
        secret=_SECRET.search(shown) is not None,
        function=call.function.qualified,
    )


def _values_logged(call: Call) -> Iterator[str]:
    """Source of what is logged, without literal text."""
    pending: list[Node] = list(call.arguments[:10])
    for _ in range(100):
        if not pending:
            return
        node = pending.pop()
        if node.type in ("identifier", "member_expression", "shorthand_property_identifier"):
            yield text(node, 100)
        elif node.type not in ("string", "string_fragment"):
            pending += node.named_children


def _sink(name: str) -> str:
    return next((s for s in ("winston", "pino", "bunyan") if s in name), "logger")


def _subject(values: Values, call: Call, words: str, beside_llm: bool) -> str:
    kind = values.kind_of(call.function)
    if _SECURITY.search(words):
        return "security"
    if beside_llm:
        return "llm-call"
    return {"tool": "tool-call", "request": "request"}.get(kind, "other")


def _telemetry(values: Values) -> Iterator[Fact]:
    """`experimental_telemetry: { isEnabled: true }` of the Vercel AI SDK."""
    for node, scope, name in values.module.objects:
        if name == "experimental_telemetry":
            options = values.properties(node, scope)
            if values.constant(options.get("isEnabled"), scope) == "true":
                kept = {values.constant(options.get(k), scope) for k in ("recordInputs", "recordOutputs")}
                yield TraceExport(
                    at=Location(values.module.path, int(node.start_point[0]) + 1),
                    destination="otlp",
                    content=kept != {"false"},
                    on_by_default=True,
                )
