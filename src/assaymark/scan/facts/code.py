"""What source code does, in terms that are the same for Python, notebooks, JavaScript and TypeScript."""

from enum import StrEnum

from assaymark.scan.facts._base import Fact

__all__ = [
    "CodeFile",
    "Deserialisation",
    "Download",
    "DynamicExecution",
    "Effect",
    "Endpoint",
    "FailOpen",
    "HubReference",
    "LibraryUse",
    "Limit",
    "LlmCall",
    "LogSite",
    "Mechanism",
    "ModelOutputSink",
    "Origin",
    "OutboundFetch",
    "PromptText",
    "SafeguardDefinition",
    "SafeguardUse",
    "ServerBind",
    "ToolDefinition",
    "TraceExport",
]


class Origin(StrEnum):
    """Where a value comes from, as far as its own file shows."""

    CONSTANT = "constant"
    """Written in the source."""
    CONFIGURATION = "configuration"
    """Environment variable, settings object, command-line argument of an operator."""
    REQUEST = "request"
    """A network request, a form, a message of a user."""
    MODEL_OUTPUT = "model output"
    """Text or arguments that a model produced."""
    TOOL_ARGUMENT = "tool argument"
    """A parameter of a function that a model may call."""
    RETRIEVED = "retrieved content"
    """A document, web page, mail, search hit or tool result."""
    PARAMETER = "parameter"
    """A parameter of an ordinary function; its caller decides."""
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What a piece of code can do to the world."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    SEND = "send"
    """Mail, chat message, webhook, post."""
    PAY = "pay"
    EXECUTE = "execute"
    """Shell, interpreter, container, code."""
    QUERY = "query"
    """Database or search query composed at run time."""
    FETCH = "fetch"
    """Network request to a chosen address."""


class LibraryUse(Fact, frozen=True, kw_only=True):
    """An import of a library that matters to an AI system."""

    library: str
    """Canonical distribution name: `openai`, `transformers`, `langchain`, `@modelcontextprotocol/sdk`."""
    category: str
    """One of: llm-client, ml, agent, vector-store, mcp, web, guard, observability, tracking,
    explainer, evaluation, rate-limit, auth, validation, data, queue, cloud."""


class LlmCall(Fact, frozen=True, kw_only=True):
    """A call to a language model."""

    client: str
    """Canonical library or provider: `openai`, `anthropic`, `litellm`, `ollama`, `transformers`."""
    function: str
    """Enclosing function, dotted; empty at module level."""
    model: str = ""
    """Model name if constant, else empty."""
    model_origin: Origin = Origin.UNKNOWN
    base_url: str = ""
    """Constant base URL, if one is set on the client in the same file."""
    timeout: bool | None = None
    """A time-out is set on the call or its client."""
    token_limit: bool | None = None
    """The length of the answer is bounded."""
    handles_failure: bool | None = None
    """The call stands in a try block, or its client retries or falls back by configuration."""
    prompt_origins: tuple[Origin, ...] = ()
    """Origins of what is put into the prompt."""
    system_prompt: bool | None = None
    """A separate system or developer message is given."""
    tools: tuple[str, ...] = ()
    """Names of tools or functions offered, as far as written."""
    output_schema: bool | None = None
    """The answer is bound to a schema (response_format, structured output, instructor, pydantic)."""


class PromptText(Fact, frozen=True, kw_only=True):
    """Prompt text found in a template file, a setting or a literal that reaches a model call."""

    name: str
    """Variable, key or file name."""
    role: str = ""
    """system, user, assistant, tool, template, or empty."""
    sha256: str
    """Digest of the text."""
    length: int
    """Characters."""
    placeholders: tuple[str, ...] = ()
    """Names interpolated into it."""
    untrusted: tuple[str, ...] = ()
    """Those placeholders whose name or origin says: written by a user, a document, a tool."""
    delimited: bool | None = None
    """Every untrusted placeholder stands between delimiters (tags, fences, quotes, role separation);
    None where there is none."""
    states_untrusted: bool = False
    """The text tells the model to treat inserted content as data, not as instructions."""
    in_file: bool = False
    """It is a file or setting of its own rather than a literal in code."""


class ToolDefinition(Fact, frozen=True, kw_only=True):
    """A function that a model may call."""

    name: str
    framework: str
    """langchain, openai, anthropic, mcp, llama-index, crewai, autogen, smolagents, pydantic-ai, …"""
    effects: tuple[Effect, ...] = ()
    """What its body (and functions it calls in the same file) can do."""
    touches: tuple[str, ...] = ()
    """Named systems it reaches: a database, host, path, API, with constants shown."""
    parameters: tuple[str, ...] = ()
    approval: bool | None = None
    """A human is asked before it acts (interrupt, approval flag, confirm call)."""
    constrained: bool | None = None
    """Arguments are checked beyond their type (enum, allow-list, range, path containment)."""
    described: bool = False
    body_read: bool = True
    """The code that runs was read; False for a bare schema, of which only its own words are known."""
    calls: tuple[str, ...] = ()
    """As for `Endpoint`."""


class Endpoint(Fact, frozen=True, kw_only=True):
    """A network endpoint that the code serves."""

    framework: str
    """fastapi, flask, django, starlette, aiohttp, express, next, hono, gradio, streamlit, …"""
    method: str
    route: str
    handler: str
    authenticated: bool | None = None
    """Identity is checked by the handler, a dependency, a decorator, or a router or app that covers it."""
    checks_ownership: bool | None = None
    """An object named in the route is compared with the caller; None if no object is named."""
    rate_limited: bool | None = None
    bounded_input: bool | None = None
    """The size of what is accepted is bounded."""
    validated: bool | None = None
    """Input is parsed against a typed model or schema."""
    reaches: tuple[str, ...] = ()
    """Of: llm, model, tool, database, file, shell, fetch: what the handler reaches in the same file."""
    mutates: bool = False
    calls: tuple[str, ...] = ()
    """Dotted names, or `specifier::name`, of what it calls in other files of the tree or in libraries."""
    dependencies: tuple[str, ...] = ()
    """Names of functions of other files that stand before it: dependencies, decorators, middleware."""
    accepts: tuple[str, ...] = ()
    """Names of types of other files that its input is parsed into."""
    router: str = ""
    """Variable of the router it hangs on, if that is no application of the same file."""


class ServerBind(Fact, frozen=True, kw_only=True):
    """A server that listens."""

    host: str
    """Constant host; empty if decided at run time."""
    port: int = 0
    every_interface: bool
    """It binds 0.0.0.0, :: or the like, or shares itself publicly (gradio share=True)."""
    debug: bool = False
    cors_any: bool = False
    """Any origin is allowed to call with credentials or without."""


class HubReference(Fact, frozen=True, kw_only=True):
    """A model, data set, prompt or code taken from a hub, repository or URL by name."""

    kind: str
    """model, dataset, tokenizer, prompt, code, container."""
    name: str
    """Repository id or URL; empty if decided at run time."""
    loader: str
    """Dotted callee or setting that loads it."""
    revision: str = ""
    revision_passed: bool = False
    """A revision is handed over whose value is decided at run time (a variable, or `**options`)."""
    pinned: bool
    """The revision is a full commit hash, or a digest is checked."""
    remote_code: bool = False
    """`trust_remote_code` or its like is on."""
    remote_code_passed: bool = False
    """`trust_remote_code` or its like is handed over, and its value is decided at run time."""
    local: bool = False
    """The name is a path in the tree or a file system path."""


class Deserialisation(Fact, frozen=True, kw_only=True):
    """A load that can run code."""

    callee: str
    """`pickle.load`, `torch.load`, `joblib.load`, `yaml.load`, `numpy.load(allow_pickle)` …"""
    safe: bool
    """Called in a form that cannot run code (weights_only=True, SafeLoader, allow_pickle=False)."""
    origin: Origin = Origin.UNKNOWN
    """Where the bytes come from."""
    verified: bool = False
    """A digest or signature is checked in the same function before the load."""


class DynamicExecution(Fact, frozen=True, kw_only=True):
    """Code, a shell or a query made at run time."""

    callee: str
    """`eval`, `exec`, `subprocess.run(shell)`, `os.system`, `cursor.execute(f-string)`, `new Function` …"""
    effect: Effect
    origin: Origin
    sandboxed: bool | None = None
    """It runs in something built to contain it (container, WebAssembly, restricted interpreter)."""
    function: str = ""
    parameter: str = ""
    """The parameter of `function` that it depends on, if one."""


class OutboundFetch(Fact, frozen=True, kw_only=True):
    """A request or file read whose address is decided at run time."""

    callee: str
    origin: Origin
    """Where the address comes from."""
    guarded: bool
    """The address is checked first (allow-list, private-range check, path containment)."""
    function: str = ""
    file: bool = False
    """It reads a file path rather than a URL."""
    parameter: str = ""
    """The parameter of `function` that the address depends on, if one."""


class Download(Fact, frozen=True, kw_only=True):
    """A model, code or prompt fetched from a fixed address at run time or build time."""

    url: str
    what: str
    """model, data, code, prompt, binary, unknown."""
    mutable: bool
    """The address names a branch, `latest` or other moving content."""
    verified: str
    """`digest`, `signature`, `size` or `nothing`."""
    executed: bool = False
    """What is fetched is then run or imported (curl | sh, exec of response text)."""
    by_helper: bool = False
    """A function of the project's own fetches it, and may check it out of sight of the caller."""


class ModelOutputSink(Fact, frozen=True, kw_only=True):
    """Text or arguments from a model reach a place where they act."""

    sink: str
    """sql, shell, eval, html, file, url, import, redirect, training."""
    callee: str
    guarded: bool
    """It is escaped, parsed against a schema or checked before."""
    function: str = ""


class SafeguardDefinition(Fact, frozen=True, kw_only=True):
    """A function, class or middleware that says it protects (by its name or docstring)."""

    name: str
    kind: str
    """validation, authentication, authorisation, rate-limit, approval, read-only, sandbox,
    redaction, moderation, integrity, limit."""
    used: bool
    """It is referred to in its own file outside its definition, registered by a decorator, or exported
    as a framework hook."""
    trivial: bool = False
    """Its body cannot refuse: it only returns True, passes or logs."""


class SafeguardUse(Fact, frozen=True, kw_only=True):
    """A reference, by name, to something that some file defines as a safeguard."""

    name: str


class FailOpen(Fact, frozen=True, kw_only=True):
    """A safeguard that lets through when it breaks."""

    function: str
    safeguard: str
    """What was being guarded: name of the call or of the enclosing safeguard."""
    how: str
    """`returns True`, `passes`, `continues without it`, `default allows`."""


class Limit(Fact, frozen=True, kw_only=True):
    """A bound that the code sets."""

    kind: str
    """timeout, tokens, iterations, rate, budget, size, concurrency, retries, rows."""
    name: str
    value: str = ""
    """As written, shortened; empty if decided at run time."""
    enforced: bool | None = None
    """The value is used where it bounds something; False if it is only defined."""


class LogSite(Fact, frozen=True, kw_only=True):
    """A place where the system writes a record of what it does."""

    sink: str
    """logging, structlog, print, opentelemetry, database, file, console, winston, pino …"""
    subject: str
    """llm-call, tool-call, request, security, data, model-load, other."""
    content: bool = False
    """Prompt, response or record content goes into it."""
    secret: bool = False
    """A key, token or password goes into it."""
    function: str = ""


class TraceExport(Fact, frozen=True, kw_only=True):
    """Telemetry, tracing, analytics or a shared link through which content can leave."""

    destination: str
    """langsmith, langfuse, wandb, sentry, posthog, gradio-share, otlp, …"""
    content: bool | None = None
    """Prompts, answers or records go with it."""
    on_by_default: bool | None = None


class Mechanism(Fact, frozen=True, kw_only=True):
    """A mechanism that the code has, recognised by structure (a decorator, call or class), not by a word."""

    kind: str
    """human-approval, kill-switch, fallback, retry, circuit-breaker, input-validation, guardrail,
    output-filter, moderation, explanation, citation, confidence, drift-detection, metric, alert,
    audit-log, model-registry, digest-check, signature-check, encryption, data-validation,
    deduplication, sanitisation, evaluation, canary, rollback, versioned-api, feature-attribution,
    internal-state, retention, erasure, feedback-training."""
    name: str
    """Callee, decorator or class."""
    function: str = ""


class CodeFile(Fact, frozen=True, kw_only=True):
    """A source file as a whole."""

    language: str
    """python, notebook, javascript, typescript."""
    lines: int
    is_test: bool = False
    """A test, by path or by content."""
    outputs: int = 0
    """Cells of a notebook that carry stored output."""
