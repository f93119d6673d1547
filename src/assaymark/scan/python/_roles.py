"""What a function is for: a tool that a model may call, or the handler of an endpoint."""

import ast
import re

from assaymark.scan.python._module import Module, Scope

__all__ = ["ROUTE_METHODS", "framework_of", "is_handler", "is_tool", "schema_tools", "tool_frameworks"]

ROUTE_METHODS = frozenset(
    ["get", "post", "put", "patch", "delete", "head", "options", "route", "websocket", "api_route"]
)
_DECORATORS = {
    "langchain": ("langchain.tools.tool", "langchain_core.tools.tool", "langchain.agents.tool"),
    "openai-agents": ("agents.function_tool",),
    "crewai": ("crewai.tools.tool", "crewai_tools.tool"),
    "smolagents": ("smolagents.tool",),
    "semantic-kernel": (
        "semantic_kernel.functions.kernel_function",
        "semantic_kernel.functions.kernel_function_decorator.kernel_function",
    ),
    "anthropic": ("anthropic.beta_tool", "anthropic.beta_async_tool"),
    "claude-agent-sdk": ("claude_agent_sdk.tool",),
    "strands-agents": ("strands.tool",),
    "agno": ("agno.tools.tool",),
    "haystack": ("haystack.tools.tool",),
    "autogen": ("ag2.tool", "autogen.tools.tool"),
}
_DECORATED = {name: framework for framework, names in _DECORATORS.items() for name in names}
_WRAPPERS = {
    "Tool": ("func", "function", "coroutine"),
    "StructuredTool": ("func", "coroutine"),
    "from_function": ("func", "coroutine"),
    "from_defaults": ("fn", "async_fn"),
    "FunctionTool": ("func", "fn", "function"),
    "register_function": ("f",),
    "add_tool": ("fn", "func"),
    "tool_plain": ("func",),
}
_BASES = {
    "BaseTool": "langchain",
    "Tool": "smolagents",
    "BaseToolSpec": "llama-index",
    "BaseAnthropicTool": "anthropic",
}
_BODY = frozenset({"_run", "_arun", "forward", "run", "execute", "__call__"})
_AGENTS = re.compile(
    r"(^|\.)(create_\w*agent|\w*Agent|ToolNode|bind_tools|AgentExecutor|ReActAgent|GenerativeModel|initialize_agent|from_tools)$"
)
_FRAMEWORK_ROOTS = (
    ("langchain", "langchain"),
    ("langgraph", "langchain"),
    ("llama_index", "llama-index"),
    ("crewai", "crewai"),
    ("autogen", "autogen"),
    ("smolagents", "smolagents"),
    ("pydantic_ai", "pydantic-ai"),
    ("agents", "openai-agents"),
    ("fastmcp", "mcp"),
    ("mcp", "mcp"),
    ("google.adk", "google-adk"),
    ("haystack", "haystack"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("ollama", "ollama"),
)


def is_tool(scope: Scope, module: Module) -> bool:
    """Whether a model may call this function."""
    return id(scope) in tool_frameworks(module)


def tool_frameworks(module: Module) -> dict[int, str]:
    """Identity of each function that a model may call → framework; worked out once for a module."""
    cached = module.notes.get("tools")
    if cached is None:
        cached = module.notes["tools"] = {}
        if _uses_framework(module):
            cached |= _by_decorator(module) | _by_wrapper(module) | _by_class(module) | _by_schema(module)
    return cached


def _uses_framework(module: Module) -> bool:
    roots = (
        *(root for root, _ in _FRAMEWORK_ROOTS),
        "semantic_kernel",
        "strands",
        "agno",
        "claude_agent_sdk",
    )
    return any(
        full.partition(".")[0].startswith(roots) or full.startswith("google.adk")
        for full in module.imports.values()
    )


def framework_of(name: str, module: Module) -> str:
    """The agent framework a dotted name belongs to, else the first that the file imports."""
    for root, framework in _FRAMEWORK_ROOTS:
        if name == root or name.startswith((root + ".", root + "_")):
            return framework
    return next((f for root, f in _FRAMEWORK_ROOTS if _imports(root, module)), "")


def _imports(root: str, module: Module) -> bool:
    return any(full == root or full.startswith((root + ".", root + "_")) for full in module.imports.values())


def _by_decorator(module: Module) -> dict[int, str]:
    found: dict[int, str] = {}
    for scope in module.functions:
        for decorator in scope.decorators:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            framework = _decorator_framework(module.dotted(target, scope.parent or module.root), module)
            if framework:
                found[id(scope)] = framework
    return found


def _decorator_framework(name: str, module: Module) -> str:
    if name in _DECORATED:
        return _DECORATED[name]
    owner, _, last = name.rpartition(".")
    if last in ("tool", "call_tool"):
        if ("FastMCP()" in owner or "Server()" in owner or module.uses("mcp", "fastmcp")) and owner:
            return "mcp"
        if "pydantic_ai" in owner or module.uses("pydantic_ai"):
            return "pydantic-ai"
        if name == "tool" or owner:
            return framework_of(name, module)
    if last in ("tool_plain", "register_for_llm", "register_for_execution", "ai_function", "function_tool"):
        return framework_of(name, module)
    return ""


def _by_wrapper(module: Module) -> dict[int, str]:
    found: dict[int, str] = {}
    for last, keywords in _WRAPPERS.items():
        for call in module.by_last.get(last, ()):
            candidates = [*call.node.args[:3], *(k.value for k in call.node.keywords if k.arg in keywords)]
            _mark(candidates, framework_of(call.name, module), module, found)
    for call in module.calls:
        tools = call.kw("tools", "functions") if call.node.keywords else None
        if tools is None and call.last in ("bind_tools", "ToolNode") and call.node.args:
            tools = call.node.args[0]
        if tools is not None and (_AGENTS.search(call.name) or call.last in ("chat", "bind_tools", "create")):
            _mark(_elements(tools, call.scope, module), framework_of(call.name, module), module, found)
    return found


def _elements(node: ast.expr, scope: Scope, module: Module) -> list[ast.expr]:
    if isinstance(node, ast.Name) and (value := module.value_of(node, scope)):
        node = value[0]
    return node.elts if isinstance(node, ast.List | ast.Tuple) else []


def _mark(nodes: list[ast.expr], framework: str, module: Module, found: dict[int, str]) -> None:
    for node in nodes:
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        target = module.by_name.get(name)
        if target is not None and name not in module.imports:
            found.setdefault(id(target), framework)


def _by_class(module: Module) -> dict[int, str]:
    found: dict[int, str] = {}
    for scope in module.functions:
        owner = scope.parent
        if scope.name not in _BODY or owner is None or not isinstance(owner.node, ast.ClassDef):
            continue
        for base in owner.node.bases:
            name = module.dotted(base, module.root)
            last = name.rpartition(".")[2]
            if last in _BASES:
                found[id(scope)] = framework_of(name, module) or _BASES[last]
    return found


def _by_schema(module: Module) -> dict[int, str]:
    """Functions named by a JSON schema offered to a model (`{"type": "function", "name": …}`)."""
    found: dict[int, str] = {}
    for name, _, framework in schema_tools(module):
        target = module.by_name.get(name)
        if target is not None:
            found.setdefault(id(target), framework)
    return found


def schema_tools(module: Module) -> list[tuple[str, ast.Dict, str]]:
    """Tools written as JSON schemas: name, the dictionary that describes it, framework."""
    cached = module.notes.get("schemas")
    if cached is None:
        cached = module.notes["schemas"] = [
            found for node, _ in module.dicts if (found := _schema(node, module))
        ]
    return cached


def _schema(node: ast.Dict, module: Module) -> tuple[str, ast.Dict, str] | None:
    keys = {k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)}
    name = keys.get("name")
    described = "parameters" in keys or "input_schema" in keys or "inputSchema" in keys
    if not described or not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    framework = "anthropic" if "input_schema" in keys else framework_of("", module)
    return name.value, node, framework


def is_handler(scope: Scope, module: Module) -> bool:
    """Whether a network request or a user's message reaches this function's parameters."""
    cached = module.notes.get("handlers")
    if cached is None:
        cached = module.notes["handlers"] = _handlers(module)
    return id(scope) in cached


_HANDLED = {
    "Interface": ("fn",),
    "ChatInterface": ("fn",),
    "Route": ("endpoint",),
    "add_url_rule": ("view_func",),
    "add_api_route": ("endpoint",),
}
_EVENTS = frozenset(["click", "submit", "change", "upload"])
_ROUTERS = frozenset(["path", "re_path", "url", "add_get", "add_post", "add_put", "add_delete", "add_route"])


def _handlers(module: Module) -> set[int]:
    found: dict[int, str] = {}
    for scope in module.functions:
        for decorator in scope.decorators:
            if _is_route(decorator, scope, module):
                found[id(scope)] = "decorator"
    for last, keywords in _HANDLED.items():
        for call in module.by_last.get(last, ()):
            _mark(
                [*call.node.args[:3], *(k.value for k in call.node.keywords if k.arg in keywords)],
                last,
                module,
                found,
            )
    if module.uses("gradio"):
        for call in module.ending(*_EVENTS):
            _mark(
                [*call.node.args[:1], *(k.value for k in call.node.keywords if k.arg == "fn")],
                "gradio",
                module,
                found,
            )
    if module.uses("django", "aiohttp", "starlette"):
        for call in module.ending(*_ROUTERS):
            _mark(call.node.args[1:3], "router", module, found)
    return set(found)


_CHAINLIT = re.compile(r"^chainlit\.(on_\w+|action_callback|author_rename)$")
"""Other decorators below `chainlit.` are its own."""


def _is_route(decorator: ast.expr, scope: Scope, module: Module) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(target, ast.Attribute):
        name = module.dotted(target, module.root)
        return (
            name.startswith(("litestar.", "rest_framework.decorators.api_view", "modal.fastapi_endpoint"))
            or _CHAINLIT.match(name) is not None
        )
    if target.attr in ("on_message", "message", "event") and module.uses("chainlit", "discord", "slack_bolt"):
        return True
    return target.attr in ROUTE_METHODS and isinstance(decorator, ast.Call) and _has_path(decorator)


def _has_path(decorator: ast.Call) -> bool:
    first = (
        decorator.args[0]
        if decorator.args
        else next((k.value for k in decorator.keywords if k.arg in ("path", "rule")), None)
    )
    if isinstance(first, ast.Constant):
        return isinstance(first.value, str) and first.value[:1] in ("/", "")
    return first is not None
