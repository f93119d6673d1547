"""Where the system writes down what it does, and through what content can leave."""

import ast
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, LogSite, Origin, TraceExport
from assaymark.scan.python._llm_names import is_llm_call, known_llm_calls
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._origins import origin_of
from assaymark.scan.python._roles import is_handler, is_tool

__all__ = ["log_sites", "trace_exports"]

_LEVELS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "bind", "msg"}
)
_CONTENT = re.compile(
    r"(^|_)(prompts?|messages?|response|completion|answer|content|body|question|user_input|query_text|transcript|conversation|payload|chat_history|output_text|document_text)$",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(^|_)(api_?key|(access|auth|api|refresh|bearer|session|github|hf|jwt|secret)_?token|password|passwd|secret|authorization|credentials?|private_key|access_key|bearer)$",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"(count|num|len|usage|max|id|name|total|limit|type|status)", re.IGNORECASE)
_SUBJECTS = (
    ("tool-call", re.compile(r"\btool", re.IGNORECASE)),
    ("llm-call", re.compile(r"\b(llm|model call|completion|prompt|chat|tokens?)\b", re.IGNORECASE)),
    (
        "security",
        re.compile(
            r"\b(auth\w*|login|denied|forbidden|unauthori[sz]ed|blocked|injection|suspicious|rate.?limit\w*|audit|permission)\b",
            re.IGNORECASE,
        ),
    ),
    ("request", re.compile(r"\b(request|received|user|session|http|endpoint)\b", re.IGNORECASE)),
    ("model-load", re.compile(r"\b(load(ed|ing)? (the )?(model|weights)|model load\w*)\b", re.IGNORECASE)),
    ("data", re.compile(r"\b(dataset|records?|rows|ingest\w*|index(ed|ing)|documents?)\b", re.IGNORECASE)),
)
_AUDIT = re.compile(
    r"^(_?(write|record|log|emit|append|store|save|create)_)?(audit|access)_?(log|event|entry|record|trail)?$|^(log|record|write)_(event|action|interaction|tool_call|llm_call|usage|decision)$",
    re.IGNORECASE,
)


def log_sites(module: Module) -> Iterable[Fact]:
    """Calls that write a record: loggers, audit functions, spans; `print` only beside a model or tool."""
    for call in module.calls:
        sink = _sink(call, module)
        if sink:
            yield LogSite(
                at=module.at(call),
                sink=sink,
                subject=_subject(call, module),
                content=any(_carries(v, _CONTENT, call.scope, module, content=True) for v in _logged(call)),
                secret=any(_carries(v, _SECRET, call.scope, module, content=False) for v in _logged(call)),
                function=module.where(call.scope, call.line),
            )


def _sink(call: Call, module: Module) -> str:
    name, last = call.name, call.last
    if last in _LEVELS:
        owner = name.rpartition(".")[0].lower()
        if "structlog" in owner:
            return "structlog"
        if "loguru" in owner:
            return "loguru"
        if "logging" in owner or owner.rpartition(".")[2] in (
            "logger",
            "log",
            "_logger",
            "_log",
            "audit_logger",
            "audit_log",
            "audit",
        ):
            return "logging" if "mlflow" not in owner and "wandb" not in owner else ""
        return ""
    if last in ("start_as_current_span", "add_event", "set_attribute", "set_attributes"):
        return "opentelemetry"
    if _AUDIT.match(last) and "." not in name.replace("self.", ""):
        return "audit"
    if name == "print":
        return "print" if _near_model(call.scope, module) else ""
    return ""


def _near_model(scope: Scope, module: Module) -> bool:
    key = "near-model"
    if key not in scope.notes:
        scope.notes[key] = is_tool(scope, module) or any(is_llm_call(c.node, module) for c in scope.calls)
    return bool(scope.notes[key])


def _logged(call: Call) -> list[ast.expr]:
    return [
        *call.node.args[:12],
        *(k.value for k in call.node.keywords[:20] if k.arg not in ("exc_info", "stacklevel")),
    ]


def _carries(
    node: ast.expr, pattern: re.Pattern[str], scope: Scope, module: Module, *, content: bool, depth: int = 0
) -> bool:
    """Whether a value named like content or a secret, or coming from a model, goes into a record as it is."""
    if depth > 6:
        return False
    match node:
        case ast.Name():
            return _name_carries(node, pattern, scope, module, content=content)
        case ast.Attribute():
            return _is_named(node.attr, pattern)
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return _is_named(key, pattern)
        case ast.Subscript(slice=ast.Slice()):
            return False  # a shortened extract; the check on content says so
        case ast.JoinedStr():
            return any(
                _carries(v, pattern, scope, module, content=content, depth=depth + 1) for v in node.values
            )
        case ast.FormattedValue() | ast.Await():
            return _carries(node.value, pattern, scope, module, content=content, depth=depth + 1)
        case ast.BinOp():
            return any(
                _carries(v, pattern, scope, module, content=content, depth=depth + 1)
                for v in (node.left, node.right)
            )
        case ast.Tuple() | ast.List():
            return any(
                _carries(v, pattern, scope, module, content=content, depth=depth + 1) for v in node.elts[:20]
            )
        case ast.Dict():
            return any(
                _carries(v, pattern, scope, module, content=content, depth=depth + 1)
                for v in node.values[:40]
            )
        case ast.Call() if module.dotted(node.func, scope) in ("str", "repr", "json.dumps") and node.args:
            return _carries(node.args[0], pattern, scope, module, content=content, depth=depth + 1)
    return False


def _name_carries(
    node: ast.Name, pattern: re.Pattern[str], scope: Scope, module: Module, *, content: bool
) -> bool:
    if content and _is_own_words(node, scope, module):
        return False
    return _is_named(node.id, pattern) or (
        content
        and bool(known_llm_calls(module))  # without one nothing comes from a model
        and origin_of(node, scope, module) is Origin.MODEL_OUTPUT
        and not _HARMLESS.search(node.id)
    )


def _is_own_words(node: ast.Name, scope: Scope, module: Module) -> bool:
    """Whether a name holds only what the program itself says: a fixed message, or one of an exception."""
    held = scope.assigns.get(node.id, ())
    told = node.id.startswith(("error_", "status_", "log_"))
    return bool(held) and (told or all(origin_of(v, scope, module) is Origin.CONSTANT for v in held[:12]))


def _is_named(name: str, pattern: re.Pattern[str]) -> bool:
    return pattern.search(name) is not None and not _HARMLESS.search(name)


def _subject(call: Call, module: Module) -> str:
    text = " ".join(text[:200] for v in _logged(call)[:4] for text in _constants(v))
    if call.name == "print" or _near_model(call.scope, module):
        return "tool-call" if is_tool(call.scope, module) else "llm-call"
    for subject, pattern in _SUBJECTS:
        if pattern.search(text):
            return subject
    if "audit" in call.name.lower():
        return "security"
    if is_handler(call.scope, module):
        return "request"
    return "llm-call" if _reaches_model(call.scope, module) else "other"


def _constants(node: ast.expr) -> Iterator[str]:
    for count, one in enumerate(ast.walk(node)):
        if count > 60:
            break
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _reaches_model(scope: Scope, module: Module) -> bool:
    key = "reaches-model"
    if key not in scope.notes:
        found = bool(known_llm_calls(module)) and any(
            is_llm_call(c.node, module) for s in module.callees(scope) for c in s.calls
        )
        scope.notes[key] = found and scope.is_function
    return bool(scope.notes[key])


_DESTINATIONS = {
    "langsmith": ("langsmith.", "langchain.callbacks.LangChainTracer"),
    "langfuse": ("langfuse.",),
    "sentry": ("sentry_sdk.init",),
    "posthog": ("posthog.Posthog", "posthog.capture"),
    "phoenix": ("phoenix.otel.register", "phoenix.launch_app"),
    "otlp": ("opentelemetry.exporter.",),
    "logfire": ("logfire.instrument_", "logfire.configure"),
    "helicone": ("helicone.",),
    "agentops": ("agentops.init",),
    "traceloop": ("traceloop.sdk.Traceloop.init",),
    "lunary": ("lunary.",),
    "wandb": ("wandb.init", "wandb.Table", "wandb.log"),
    "opik": ("opik.configure",),
    "mlflow": ("mlflow.openai.autolog", "mlflow.langchain.autolog", "mlflow.anthropic.autolog"),
    "mixpanel": ("mixpanel.",),
    "promptlayer": ("promptlayer.",),
    "braintrust": ("braintrust.",),
}
_ROOTS = frozenset(start.partition(".")[0] for starts in _DESTINATIONS.values() for start in starts)
"""First components of those names: most calls have none of them."""
_WHOLE = frozenset(
    {
        "langsmith",
        "langfuse",
        "phoenix",
        "helicone",
        "agentops",
        "traceloop",
        "lunary",
        "opik",
        "mlflow",
        "promptlayer",
        "braintrust",
    }
)
_MASKING = (
    "mask",
    "hide_inputs",
    "before_send",
    "redact",
    "anonymizer",
    "scrubbing",
    "trace_content",
    "hide_outputs",
    "scrubber",
)
_TRACING_SETTINGS = {
    "LANGCHAIN_TRACING_V2": "langsmith",
    "LANGSMITH_TRACING": "langsmith",
    "TRACELOOP_TRACE_CONTENT": "traceloop",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "otlp",
}


def trace_exports(module: Module) -> Iterable[Fact]:
    """Tracing clients, analytics, shared links, and settings that turn tracing on."""
    seen: set[str] = set()
    for call in module.calls:
        destination = _destination(call.name)
        if destination and destination not in seen:
            seen.add(destination)
            yield _export(call, destination, module)
        elif call.last in ("post", "put") and (posted := _posted(call, module)) and posted not in seen:
            seen.add(posted)
            yield TraceExport(at=module.at(call), destination=posted, content=_speaks(call, module))
        elif call.last == "launch" and module.constant(call.kw("share"), call.scope) is True:
            yield TraceExport(
                at=module.at(call), destination="gradio-share", content=True, on_by_default=True
            )
    yield from _decorated(module, seen)
    for target, value, scope in module.item_assigns:
        name = target.slice.value if isinstance(target.slice, ast.Constant) else ""
        if name in _TRACING_SETTINGS and str(module.constant(value, scope)).lower() in ("true", "1"):
            yield TraceExport(
                at=module.at(target),
                destination=_TRACING_SETTINGS[str(name)],
                content=True,
                on_by_default=True,
            )


_REPORTS = re.compile(
    r"^https?://([^/\s?#]*(?:posthog|mixpanel|amplitude|segment\.(?:io|com)|google-analytics|sentry|datadoghq|telemetry|"
    r"analytics)[^/\s?#]{0,80}|[\w.-]{4,80}(?=/[^\s?#]{0,80}(?:telemetry|analytics|contribut|/track\b|/collect\b|"
    r"/capture\b|usage_?stat)))",
    re.IGNORECASE,
)
_HERE = re.compile(r"^(localhost|127\.|0\.0\.0\.0|\[?::1|10\.|192\.168\.)")
_SPEECH = re.compile(r"(^|_)(conversations?|messages|prompts?|completions?|transcripts?|chat_history)(_|$)")


def _posted(call: Call, module: Module) -> str:
    """The host of an analytics or collection address to which something is sent without a library."""
    if not call.name.startswith(("requests.", "httpx.", "aiohttp.", "urllib3.")):
        return ""
    address = call.arg(0, "url")
    named = module.dotted(address, call.scope) if isinstance(address, ast.Name | ast.Attribute) else ""
    if re.search(r"(^|[._])(telemetry|analytics)(_|$)", named.rpartition(".")[2], re.IGNORECASE):
        return named.rpartition(".")[2].lower()
    found = _REPORTS.match(module.text(address, call.scope)[:300])
    return found[1].lower() if found and not _HERE.match(found[1]) else ""


def _speaks(call: Call, module: Module) -> bool | None:
    """True if conversations or prompts are seen among what is sent; else unknown."""
    given = [k.value for k in call.node.keywords if k.arg in ("json", "data", "content")]
    given += [v[0] for g in given if isinstance(g, ast.Name) and (v := module.value_of(g, call.scope))]
    for node in (n for g in given for n in ast.walk(g)):
        word = node.value if isinstance(node, ast.Constant) else node.id if isinstance(node, ast.Name) else ""
        if isinstance(word, str) and _SPEECH.search(word):
            return True
    return None


def _destination(name: str) -> str:
    root, dot, _ = name.partition(".")
    if not dot or root not in _ROOTS:
        return ""
    return next((d for d, starts in _DESTINATIONS.items() if name.startswith(starts)), "")


def _export(call: Call, destination: str, module: Module) -> TraceExport:
    masked = any(keyword.arg and any(m in keyword.arg for m in _MASKING) for keyword in call.node.keywords)
    content: bool | None = None
    if destination in _WHOLE:
        content = not masked
    elif destination == "sentry":
        content = module.constant(call.kw("send_default_pii"), call.scope) is True and not masked
    elif call.last == "Table" or (destination == "logfire" and call.last.startswith("instrument_")):
        content = not masked
    conditional = any(one.tests for one in call.scope.up()) and destination not in _WHOLE
    return TraceExport(
        at=module.at(call),
        destination=destination,
        content=content,
        on_by_default=None if conditional or call.scope.tests else True,
    )


def _decorated(module: Module, seen: set[str]) -> Iterator[TraceExport]:
    """`@traceable`, `@observe`: the arguments and results of the function go with the trace."""
    for scope in module.functions:
        for decorator in scope.decorators:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = module.dotted(target, module.root)
            destination = _destination(name)
            if destination in ("langsmith", "langfuse", "opik", "braintrust") and destination not in seen:
                seen.add(destination)
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                hidden = any(k.arg in ("capture_input", "process_inputs", "capture_output") for k in keywords)
                yield TraceExport(
                    at=module.at(decorator), destination=destination, content=not hidden, on_by_default=None
                )
