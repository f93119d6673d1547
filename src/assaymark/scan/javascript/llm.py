"""Calls to language models and the prompt text that reaches them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assaymark.observation import Location
from assaymark.scan.facts import Fact, LlmCall, Origin
from assaymark.scan.javascript.libraries import library_of
from assaymark.scan.javascript.module import Call, line_of, text, unwrap
from assaymark.scan.javascript.values import Values
from assaymark.scan.prompt.text import Hole, Piece, prompt_text

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["client_of", "llm_facts"]

_BY_SHAPE = (
    (re.compile(r"(^|[.:])(chat\.completions|beta\.chat\.completions)\.(create|parse|stream)$"), "openai"),
    (re.compile(r"(openai|client|\(\))\.responses\.(create|parse|stream)$", re.IGNORECASE), "openai"),
    (
        re.compile(r"(anthropic\w*|claude\w*|\(\))\.(beta\.)?messages\.(create|stream)$", re.IGNORECASE),
        "anthropic",
    ),
    (re.compile(r"\.(generateContent|generateContentStream)$"), "google-genai"),
)
"""Shape of the callee → client, for clients made in another file."""

_BY_LIBRARY: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "openai",
        re.compile(r"(completions|responses|runs)\.(create|parse|stream)\w*$|createAndRun\w*$"),
        "openai",
    ),
    (
        "@azure/openai",
        re.compile(r"getChatCompletions|streamChatCompletions|completions\.create$"),
        "azure-openai",
    ),
    ("groq-sdk", re.compile(r"completions\.create$"), "groq"),
    ("together-ai", re.compile(r"completions\.create$"), "together"),
    ("@anthropic-ai/", re.compile(r"(messages|completions)\.(create|stream)$|^query$"), "anthropic"),
    ("ai", re.compile(r"^(generateText|streamText|generateObject|streamObject)$"), "vercel-ai"),
    ("ai", re.compile(r"Agent\(\)\.(generate|stream)$"), "vercel-ai"),
    (
        "@langchain/",
        re.compile(
            r"(Chat\w+|LLM|Runnable\w+|createReactAgent|OpenAI|Ollama|pipe|compile|from\w*)\(.*"
            r"\.(invoke|stream|batch|call|streamEvents)$"
        ),
        "langchain",
    ),
    ("langchain", re.compile(r"\)\.(invoke|stream|batch|call|run)$"), "langchain"),
    ("llamaindex", re.compile(r"\)\.(chat|complete|query|run)$"), "llama-index"),
    ("@llamaindex/", re.compile(r"\)\.(chat|complete|query|run)$"), "llama-index"),
    ("ollama", re.compile(r"^(.*\.)?(chat|generate)$"), "ollama"),
    (
        "@google/",
        re.compile(r"(generateContent(Stream)?|sendMessage(Stream)?|interactions\.create)$"),
        "google-genai",
    ),
    ("@google-cloud/vertexai", re.compile(r"(generateContent(Stream)?|sendMessage(Stream)?)$"), "vertexai"),
    ("@mistralai/mistralai", re.compile(r"chat\.(complete|stream)|\)\.chat$"), "mistral"),
    ("cohere-ai", re.compile(r"\)\.(chat|chatStream|generate)$"), "cohere"),
    ("replicate", re.compile(r"\)\.(run|stream)$"), "replicate"),
    ("@huggingface/inference", re.compile(r"(textGeneration|chatCompletion)\w*$"), "huggingface"),
    ("@aws-sdk/client-bedrock-runtime", re.compile(r"^(InvokeModel|Converse)\w*Command$"), "bedrock"),
    ("@openai/agents", re.compile(r"^run$|Runner\(\)\.run$"), "openai-agents"),
    ("@mastra/core", re.compile(r"Agent\(\)\.(generate|stream)\w*$"), "mastra"),
    ("node-llama-cpp", re.compile(r"\)\.prompt$"), "llama-cpp"),
)

_HOSTS = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "google-genai",
    "api.mistral.ai": "mistral",
    "api.groq.com": "groq",
    "openrouter.ai/api": "openrouter",
    "localhost:11434": "ollama",
    "127.0.0.1:11434": "ollama",
}
_TOKENS = (
    "max_tokens",
    "max_completion_tokens",
    "maxTokens",
    "maxOutputTokens",
    "max_output_tokens",
    "max_tokens_to_sample",
    "num_predict",
    "maxCompletionTokens",
)
_TIMEOUTS = ("timeout", "abortSignal", "signal", "timeoutMs", "requestTimeout")
_SCHEMAS = (
    "response_format",
    "responseFormat",
    "schema",
    "output",
    "experimental_output",
    "outputType",
    "format",
    "responseSchema",
    "structuredOutput",
)
_SYSTEM_KEYS = ("system", "instructions", "systemInstruction", "systemPrompt")
_PROMPT_KEYS = ("prompt", "input", "contents", "content", "query")
_SHORTEST = 20
"""Characters of literal text from which a literal counts as a prompt."""
_RISKY = {Origin.REQUEST, Origin.RETRIEVED, Origin.TOOL_ARGUMENT, Origin.MODEL_OUTPUT}
_SAFE = {Origin.CONSTANT, Origin.CONFIGURATION}


def client_of(values: Values, call: Call) -> str:
    """The client if `call` asks a language model, else an empty string."""
    known = values.clients.get(call.node.id)
    if known is None:
        known = "" if call.tagged else _client(values, call, values.call_name(call))
        values.clients[call.node.id] = known
    return known


def _client(values: Values, call: Call, name: str) -> str:
    specifier, _, rest = name.rpartition("::")
    if specifier:
        library = library_of(specifier)
        for prefix, shape, client in _BY_LIBRARY:
            if (library == prefix or (prefix[-1] == "/" and library.startswith(prefix))) and shape.search(
                rest
            ):
                return client
    for shape, client in _BY_SHAPE:
        if shape.search(name):
            return client
    return _over_http(values, call, name)


def _over_http(values: Values, call: Call, name: str) -> str:
    if not call.arguments or not re.search(r"(^|::|\.)(fetch|post|request|axios)$|^axios::$", name):
        return ""
    address = "".join(p[0] for p in values.pieces(call.arguments[0], call.function))
    return next((client for host, client in _HOSTS.items() if host in address), "")


def llm_facts(values: Values) -> Iterator[Fact]:
    """`LlmCall` and `PromptText` facts of the module."""
    for call in values.module.calls:
        client = client_of(values, call)
        if client:
            yield from _call_facts(values, call, client)


def _call_facts(values: Values, call: Call, client: str) -> Iterator[Fact]:
    options = _options(values, call)
    setup = _client_options(values, call)
    prompts = list(_prompts(values, call, options))
    origins: set[Origin] = set()
    for _, node in prompts:
        origins |= values.origins(node, call.function)
    model = values.constant(options.get("model"), call.function) or ""
    yield LlmCall(
        at=Location(values.module.path, call.line),
        client=client,
        function=call.function.qualified,
        model=model[:120] if model else _provider_model(values, call, options),
        model_origin=_one(values.origins(options.get("model"), call.function)),
        base_url=(values.constant(setup.get("baseURL", setup.get("baseUrl")), call.function) or "")[:200],
        timeout=_has(_TIMEOUTS, options, setup, call),
        token_limit=_has(_TOKENS, {**options, **_nested(values, call, options)}, setup, call),
        handles_failure=_handles(values, call, {**setup, **options}),
        prompt_origins=tuple(sorted(origins)),
        system_prompt=_has_system(values, call, options, prompts),
        tools=_tools(values, call, options),
        output_schema=_has(_SCHEMAS, options, {}, call)
        or (client == "vercel-ai" and "Object" in values.call_name(call)),
    )
    yield from _texts(values, call, prompts)


def _one(origins: frozenset[Origin]) -> Origin:
    order = [o for o in Origin if o in origins and o is not Origin.CONSTANT]
    return order[-1] if order else (Origin.CONSTANT if origins else Origin.UNKNOWN)


def _options(values: Values, call: Call) -> "dict[str, Node]":
    """The object literals among the arguments, merged; later ones win."""
    merged: dict[str, Node] = {}
    for argument in call.arguments[:4]:
        merged.update(values.properties(argument, call.function))
    body = values.properties(merged.get("body"), call.function)
    return {**merged, **body}


def _nested(values: Values, call: Call, options: "dict[str, Node]") -> "dict[str, Node]":
    found: dict[str, Node] = {}
    for key in ("config", "generationConfig", "options", "inferenceConfig", "modelSettings"):
        found.update(values.properties(options.get(key), call.function))
    return found


def _client_options(values: Values, call: Call) -> "dict[str, Node]":
    """Options given where the client was made."""
    here = unwrap(call.target)
    for _ in range(10):
        if here is None or here.type not in ("member_expression", "call_expression"):
            break
        here = unwrap(here.child_by_field_name("object" if here.type == "member_expression" else "function"))
    if here is None:
        return {}
    made = values.follow(here, call.function)
    if made is not None and made.type == "this":
        bound = values.module.fields.get(".".join(text(call.target, 200).split(".")[:2]))
        made = bound.value if bound is not None else None
    maker = values.call_of(made)
    return _options(values, maker) if maker is not None else {}


def _provider_model(values: Values, call: Call, options: "dict[str, Node]") -> str:
    """`openai("gpt-4o")` as the Vercel AI SDK writes it, or a model name given to the client."""
    maker = values.call_of(values.follow(options.get("model"), call.function))
    if maker is None or not maker.arguments:
        return (values.constant(_client_options(values, call).get("model"), call.function) or "")[:120]
    return (values.constant(maker.arguments[0], maker.function) or "")[:120]


def _has(
    keys: tuple[str, ...], options: "dict[str, Node]", setup: "dict[str, Node]", call: Call
) -> bool | None:
    if any(k in options or k in setup for k in keys):
        return True
    return None if "..." in options or (call.arguments and not options) else False


def _handles(values: Values, call: Call, options: "dict[str, Node]") -> bool | None:
    if call.attempted or "maxRetries" in options or "retries" in options:
        return True
    raw = text(call.node.parent, 4_000) if call.node.parent is not None else ""
    if ".catch" in raw or "withFallbacks" in text(call.target) or "withRetry" in text(call.target):
        return True
    within = call.function.node is None or values.kind_of(call.function) != ""
    return False if within else None


def _has_system(
    values: Values, call: Call, options: "dict[str, Node]", prompts: "list[tuple[str, Node]]"
) -> bool | None:
    if any(role in ("system", "developer") for role, _ in prompts):
        return True
    return None if "..." in options or any(r == "messages" for r, _ in prompts) or not options else False


def _tools(values: Values, call: Call, options: "dict[str, Node]") -> tuple[str, ...]:
    offered = values.follow(options.get("tools"), call.function)
    if offered is None:
        return ()
    if offered.type == "object":
        return tuple(k for k in values.properties(offered, call.function) if k != "...")[:50]
    if offered.type == "array":
        return tuple(text(unwrap(i), 60) for i in offered.named_children[:50] if i.type != "object")
    return (text(offered, 60),)


def _prompts(values: Values, call: Call, options: "dict[str, Node]") -> "Iterator[tuple[str, Node]]":
    """What is put into the prompt: (role, expression)."""
    for key in _SYSTEM_KEYS:
        if key in options:
            yield "system", options[key]
    for key in _PROMPT_KEYS:
        if key in options:
            yield from _messages(values, call, options[key], "user")
    config = values.properties(options.get("config"), call.function)
    if "systemInstruction" in config:
        yield "system", config["systemInstruction"]
    if "messages" in options:
        yield from _messages(values, call, options["messages"], "messages")
    if not options and call.arguments:
        yield from _messages(values, call, call.arguments[0], "")


def _messages(values: Values, call: Call, node: "Node", role: str) -> "Iterator[tuple[str, Node]]":
    listed = values.follow(node, call.function)
    if listed is None or listed.type != "array":
        yield role, node
        return
    for item in listed.named_children[:100]:
        message = values.properties(item, call.function) if item.type == "object" else {}
        content = message.get("content") or message.get("parts")
        if content is not None:
            yield values.constant(message.get("role"), call.function) or "", content
        else:
            maker = values.call_of(item)  # new SystemMessage("…")
            if maker is not None and maker.arguments:
                named = text(maker.target, 60)
                yield "system" if "System" in named else "user", maker.arguments[0]
            else:
                yield "messages", item


def _texts(values: Values, call: Call, prompts: "list[tuple[str, Node]]") -> Iterator[Fact]:
    for role, node in prompts:
        if role == "messages":
            continue
        pieces = [_piece(p) for p in values.pieces(node, call.function)]
        if sum(len(p) for p in pieces if isinstance(p, str)) < _SHORTEST:
            continue
        named = unwrap(node)
        name = text(named, 80) if named is not None and named.type == "identifier" else role or "prompt"
        yield prompt_text(name, pieces, Location(values.module.path, line_of(node)), role=role)


def _piece(piece: tuple[str, str, frozenset[Origin]]) -> Piece:
    literal, name, origins = piece
    if not name:
        return literal
    if origins & _RISKY:
        return Hole(name, True)
    return Hole(name, False if origins and origins <= _SAFE else None)
