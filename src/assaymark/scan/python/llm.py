"""Calls to language models."""

import ast
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, LibraryUse, LlmCall, Origin
from assaymark.scan.libraries import library_named
from assaymark.scan.python._llm_names import known_llm_calls
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._origins import origin_of, origins_in
from assaymark.scan.python._roles import schema_tools

__all__ = ["libraries_used", "llm_calls"]

_TIMEOUTS = ("timeout", "request_timeout", "default_timeout", "http_options", "timeout_ms", "read_timeout")
_TOKENS = (
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "max_new_tokens",
    "num_predict",
    "max_length",
    "maxTokens",
    "max_tokens_to_sample",
    "usage_limits",
    "max_gen_len",
)
_TOKEN_HOLDERS = (
    "options",
    "sampling_params",
    "generation_config",
    "config",
    "inferenceConfig",
    "model_settings",
    "model_kwargs",
    "extra_body",
)
_SCHEMAS = (
    "response_format",
    "response_model",
    "text_format",
    "output_type",
    "result_type",
    "response_schema",
    "format",
    "output_schema",
    "output_pydantic",
    "output_json",
    "guided_json",
    "tool_choice",
    "json_schema",
)
_PROMPTS = (
    "messages",
    "prompt",
    "input",
    "contents",
    "inputs",
    "user_prompt",
    "query",
    "message",
    "chat_history",
    "prompts",
    "body",
)
_SYSTEMS = ("system", "instructions", "system_instruction", "system_prompt", "preamble")
_RESILIENT = ("max_retries", "num_retries", "fallbacks", "retries", "retry_config", "fallback")


def libraries_used(module: Module) -> Iterable[Fact]:
    """Imports of libraries that matter to an AI system, once for each library."""
    seen: set[str] = set()
    for imported, line in module.import_lines.items():
        library = library_named(imported) if not imported.startswith(".") else None
        if library is not None and library.name not in seen:
            seen.add(library.name)
            yield LibraryUse(at=module.at(line), library=library.name, category=library.category)


def llm_calls(module: Module) -> Iterable[Fact]:
    """Calls to language models, with what bounds them and what is put into them."""
    known = known_llm_calls(module)
    if known:
        for call in module.calls:
            if id(call.node) in known:
                yield _llm_call(call, known[id(call.node)], module)


def _llm_call(call: Call, client: str, module: Module) -> LlmCall:
    makers = _makers(call, module)
    model = _first(
        ("model", "model_name", "model_id", "modelId", "deployment_name", "model_path"), call, makers
    )
    scope = call.scope
    prompt = call.kw(*_PROMPTS) or (call.node.args[-1] if call.node.args else None)
    base = _first(("base_url", "api_base", "azure_endpoint", "host", "endpoint_url"), call, makers)
    return LlmCall(
        at=module.at(call),
        client=client,
        function=module.where(scope, call.line),
        model=_model_name(model, call, makers, module),
        model_origin=origin_of(model[0], model[1], module) if model else Origin.UNKNOWN,
        base_url=module.text(base[0], base[1])[:200] if base else "",
        timeout=_waits(call) or _given(_TIMEOUTS, call, makers),
        token_limit=_token_limit(call, makers, module),
        handles_failure=_handles_failure(call, makers, module),
        prompt_origins=origins_in(prompt, scope, module),
        system_prompt=_system_prompt(call, prompt, makers, module),
        tools=_tools(call, makers, module),
        output_schema=_output_schema(call, makers),
    )


def _makers(call: Call, module: Module) -> list[Call]:
    """The calls that made the object on which `call` is made, nearest first."""
    found: list[Call] = []
    node: ast.AST = call.node.func
    scope = call.scope
    for _ in range(8):
        if isinstance(node, ast.Attribute):
            value = module.value_of(node, scope)
            node, scope = value or (node.value, scope)
        elif isinstance(node, ast.Name):
            value = module.value_of(node, scope)
            if value is None:
                break
            node, scope = value
        elif isinstance(node, ast.Call):
            found.append(Call(node, scope, False, module.dotted(node.func, scope)))
            node = node.func
        elif isinstance(node, ast.BinOp):
            node = node.right
        elif isinstance(node, ast.Await):
            node = node.value
        else:
            break
    return found


def _first(names: tuple[str, ...], call: Call, makers: list[Call]) -> tuple[ast.expr, Scope] | None:
    for one in (call, *makers):
        value = one.kw(*names)
        if value is not None:
            return value, one.scope
    return None


def _model_name(model: tuple[ast.expr, Scope] | None, call: Call, makers: list[Call], module: Module) -> str:
    if model:
        return module.text(*model)[:120]
    for maker in makers:
        if maker.node.args and (text := module.text(maker.node.args[-1], maker.scope)):
            return text[:120]
    return ""


def _given(names: tuple[str, ...], call: Call, makers: list[Call]) -> bool | None:
    """Whether a setting is on the call or what made its client; None if that could not be seen."""
    if _first(names, call, makers):
        return True
    if call.splat or any(m.splat for m in makers):
        return None
    # `litellm.completion(…)` needs no client; `client.x(…)` may be set up in another file.
    return False if makers or call.name.count(".") <= 1 else None


def _waits(call: Call) -> bool:
    return any(c.last in ("wait_for", "timeout", "fail_after", "move_on_after") for c in call.scope.calls)


def _token_limit(call: Call, makers: list[Call], module: Module) -> bool | None:
    for names in (_TOKENS, _TOKEN_HOLDERS):
        found = _first(names, call, makers)
        if found and (names is _TOKENS or _mentions_tokens(found[0], found[1], module)):
            return True
    return _given(_TOKENS, call, makers)


def _mentions_tokens(node: ast.AST, scope: Scope, module: Module) -> bool:
    if isinstance(node, ast.Name) and (found := module.value_of(node, scope)):
        node = found[0]
    for one in ast.walk(node):
        if isinstance(one, ast.keyword) and one.arg in _TOKENS:
            return True
        if isinstance(one, ast.Constant) and one.value in _TOKENS:
            return True
    return False


def _handles_failure(call: Call, makers: list[Call], module: Module) -> bool | None:
    names = " ".join((call.name, *(m.name for m in makers)))
    if call.tried or _first(_RESILIENT, call, makers) or "with_retry" in names or "with_fallbacks" in names:
        return True
    for scope in call.scope.up():
        for decorator in scope.decorators:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if any(
                word in module.dotted(target, scope).lower()
                for word in ("retry", "backoff", "fallback", "circuit")
            ):
                return True
    return None if call.splat else False


def _system_prompt(call: Call, prompt: ast.expr | None, makers: list[Call], module: Module) -> bool | None:
    if _first(_SYSTEMS, call, makers):
        return True
    nodes: list[ast.AST] = [prompt] if prompt is not None else []
    if isinstance(prompt, ast.Name):
        nodes = [*call.scope.assigns.get(prompt.id, ()), *module.root.assigns.get(prompt.id, ())][:20]
        if not nodes:
            return None
    for node in nodes:
        for count, one in enumerate(ast.walk(node)):
            if count > 400:
                break
            if isinstance(one, ast.Constant) and one.value in ("system", "developer"):
                return True
            if isinstance(one, ast.Call) and module.dotted(one.func, call.scope).endswith("SystemMessage"):
                return True
    return (
        False
        if any(isinstance(n, ast.List | ast.Dict | ast.Constant | ast.JoinedStr) for n in nodes)
        else None
    )


def _tools(call: Call, makers: list[Call], module: Module) -> tuple[str, ...]:
    found = _first(("tools", "functions"), call, makers)
    if found is None:
        bound = next((m for m in makers if m.name.endswith("bind_tools") and m.node.args), None)
        if bound is None:
            return ()
        found = bound.node.args[0], bound.scope
    node, scope = found
    if isinstance(node, ast.Name) and (value := module.value_of(node, scope)):
        node = value[0]
    return tuple(_tool_names(node, module))[:40]


def _tool_names(node: ast.AST, module: Module) -> Iterator[str]:
    inside = {id(n) for n in ast.walk(node)}
    yield from (name for name, schema, _ in schema_tools(module) if id(schema) in inside)
    for one in node.elts if isinstance(node, ast.List | ast.Tuple) else ():
        if isinstance(one, ast.Name):
            yield one.id
        elif isinstance(one, ast.Attribute):
            yield one.attr
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            yield one.func.id


def _output_schema(call: Call, makers: list[Call]) -> bool | None:
    if _first(_SCHEMAS, call, makers) or call.last == "parse":
        return True
    if (
        any("with_structured_output" in m.name or "from_outlines" in m.name for m in makers)
        or "with_structured_output" in call.name
    ):
        return True
    return None if call.splat else False
