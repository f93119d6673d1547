"""Functions that a model may call: Vercel AI SDK, LangChain, OpenAI, Anthropic, MCP, Mastra, LlamaIndex."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.facts import Fact, Mechanism, ToolDefinition
from assaymark.scan.javascript.effects import calls_within, effects_of, touches_of
from assaymark.scan.javascript.libraries import library_of
from assaymark.scan.javascript.linking import foreign_calls
from assaymark.scan.javascript.module import Call, Function, line_of, text
from assaymark.scan.javascript.values import Values

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["FoundTool", "find_tools", "tool_facts"]


class FoundTool(Struct, eq=False):
    """A tool before it is described as a fact."""

    name: str
    framework: str
    line: int
    options: "dict[str, Node]"
    scope: Function
    handler: Function | None = None
    schema: "Node | None" = None
    branch: "Node | None" = None
    """The `case` of the handler that is this tool's, where one function serves several."""


_MAKERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("ai", re.compile(r"^(tool|dynamicTool)$"), "vercel-ai"),
    ("@openai/agents", re.compile(r"^tool$"), "openai-agents"),
    ("@langchain/", re.compile(r"(^|\.)(tool|DynamicTool|DynamicStructuredTool)$"), "langchain"),
    ("langchain", re.compile(r"^(tool|DynamicTool|DynamicStructuredTool)$"), "langchain"),
    ("@mastra/core", re.compile(r"^createTool$"), "mastra"),
    ("llamaindex", re.compile(r"^(tool|FunctionTool\.from|FunctionTool)$"), "llama-index"),
    ("@anthropic-ai/claude-agent-sdk", re.compile(r"^tool$"), "claude-agent-sdk"),
    ("fastmcp", re.compile(r"\.addTool$"), "mcp"),
)
_MCP = re.compile(r"(^|[.:)])(\w*[sS]erver\w*|mcp|McpServer\(\)|this\.\w+|\(\))\.(tool|registerTool)$")
_HANDLERS = ("execute", "func", "handler", "fn", "run", "invoke")
_APPROVALS = ("needsApproval", "requireApproval", "requiresApproval", "requireConfirmation", "confirm")
APPROVAL = re.compile(
    r"(^|[.:_])(interrupt|elicit\w*|ask(User|Human|Operator)\w*|confirm\w*|\w*[aA]pprov\w*|human\w*|"
    r"request(Confirmation|Permission|Approval)\w*|getUserConsent)(\(\))?$"
)
"""Callees that stop for a person."""
_CONSTRAINTS = re.compile(
    r"\.(enum|nativeEnum|literal|min|max|length|regex|refine|superRefine|url|email|uuid|int|positive|startsWith"
    r"|discriminatedUnion|datetime|lte|gte)\s*\(|z\.(enum|literal|email|uuid|url|iso)\b"
    r"|\b(enum|pattern|maxLength|minLength|minimum|maximum|format|const)\b['\"]?\s*:"
)
_REFUSAL = re.compile(
    r"\bif\s*\([^;{}]{1,300}\)\s*\{?\s*(throw|return)\b|\.(includes|has|test|safeParse|parse|startsWith)\("
)


_CHECKER = re.compile(
    r"(^|[.:_])(validate|sanitize|sanitise|assert|ensure|verify|resolveSafe|is(Safe|Allowed|Valid))_?[A-Z]\w*$"
)


def find_tools(values: Values) -> list[FoundTool]:
    """Every tool of the module; marks their handlers so that origins know of them."""
    module = values.module
    speaks_mcp = any("modelcontextprotocol" in s or "mcp" in s for s in module.import_lines)
    found: list[FoundTool] = []
    for call in module.calls:
        tool = _made(values, call) or (speaks_mcp and _registered(values, call)) or None
        if tool:
            found.append(tool)
    found += _described(values, speaks_mcp)
    for tool in found:
        if tool.handler is not None and tool.handler.node is not None:
            values.tool_handlers.add(tool.handler.node.id)
    return found[:500]


def _made(values: Values, call: Call) -> FoundTool | None:
    specifier, _, rest = values.call_name(call).rpartition("::")
    library = library_of(specifier)
    for prefix, shape, framework in _MAKERS:
        if (library == prefix or (prefix[-1] == "/" and library.startswith(prefix))) and shape.search(rest):
            return _from_call(values, call, framework)
    return None


def _from_call(values: Values, call: Call, framework: str) -> FoundTool:
    options: dict[str, Node] = {}
    for argument in call.arguments:
        options.update(values.properties(argument, call.function))
    name = next((c for k in ("name", "id") if (c := values.constant(options.get(k), call.function))), "")
    handler = next((h for k in _HANDLERS if (h := _function(values, options.get(k), call.function))), None)
    handler = handler or next((h for a in call.arguments if (h := _function(values, a, call.function))), None)
    if not name and call.arguments and call.arguments[0].type == "string":
        name = values.constant(call.arguments[0], call.function) or ""
    schema = next((options[k] for k in ("inputSchema", "parameters", "schema") if k in options), None)
    return FoundTool(name or call.name, framework, call.line, options, call.function, handler, schema)


def _registered(values: Values, call: Call) -> FoundTool | None:
    """`server.tool("name", …, handler)` and `server.registerTool("name", {…}, handler)`."""
    if len(call.arguments) < 2 or not _MCP.search(values.call_name(call)):
        return None
    name = values.constant(call.arguments[0], call.function)
    if name is None:
        return None
    tool = _from_call(values, call, "mcp")
    tool.name = name
    tool.handler = _function(values, call.arguments[-1], call.function)
    literals = [a for a in call.arguments[1:-1] if a.type == "object"]
    tool.schema = tool.schema or (literals[0] if literals else None)
    if any(a.type == "string" for a in call.arguments[1:-1]):
        tool.options.setdefault("description", call.arguments[1])
    return tool


def _function(values: Values, node: "Node | None", scope: Function | None) -> Function | None:
    node = values.follow(node, scope)
    if node is None:
        return None
    found = values.module.by_node.get(node.id)
    return found or (values.module.named(text(node, 100)) if node.type == "identifier" else None)


def _described(values: Values, speaks_mcp: bool) -> Iterator[FoundTool]:
    """Tools written as JSON: OpenAI functions, Anthropic tools, the answer to an MCP list request."""
    shared = _call_tool_handler(values) if speaks_mcp else None
    branches = _branches(values)
    for node, scope, _ in values.module.objects:
        raw_keys = {
            text(c.child_by_field_name("key"), 40).strip("'\"")
            for c in node.named_children[:30]
            if c.type == "pair"
        }
        if not raw_keys & {"input_schema", "inputSchema", "parameters"} or "description" not in raw_keys:
            continue
        if "name" not in raw_keys or raw_keys & set(_HANDLERS):
            continue
        options = values.properties(node, scope)
        name = values.constant(options.get("name"), scope)
        if name:
            schema = next(options[k] for k in ("input_schema", "inputSchema", "parameters") if k in options)
            framework = "anthropic" if "input_schema" in raw_keys else "mcp" if shared else "openai"
            handler = values.module.named(name) or values.module.named(_camel(name))
            branch, dispatcher = branches.get(name, (None, None)) if handler is None else (None, None)
            handler = handler or dispatcher or shared
            yield FoundTool(name, framework, line_of(node), options, scope, handler, schema, branch)


def _branches(values: Values) -> "dict[str, tuple[Node, Function]]":
    """Constant → the `case` for it that calls something, and the function around it."""
    found: dict[str, tuple[Node, Function]] = {}
    for call in values.module.calls:
        case = _case_around(call.node)
        if case is not None:
            name = values.constant(case.child_by_field_name("value"), call.function)
            home = call.function
            while (
                home.node is not None and home.node.start_byte > case.start_byte and home.parent is not None
            ):
                home = home.parent
            if name and home.node is not None:
                found.setdefault(name, (case, home))
    return found


def _case_around(node: "Node") -> "Node | None":
    here: Node | None = node
    for _ in range(30):
        if here is None or here.type == "switch_case":
            return here
        here = here.parent
    return None


def _camel(name: str) -> str:
    first, *rest = re.split(r"[_-]", name)
    return first + "".join(r.capitalize() for r in rest)


def _call_tool_handler(values: Values) -> Function | None:
    for call in values.module.calls:
        handles = call.arguments and text(call.target, 200).endswith("setRequestHandler")
        if handles and "CallTool" in text(call.arguments[0], 100):
            return _function(values, call.arguments[-1], call.function)
    return None


def tool_facts(values: Values, tools: list[FoundTool]) -> Iterator[Fact]:
    """`ToolDefinition` facts, and a `Mechanism` for each approval."""
    for tool in tools:
        calls = _calls(values, tool)
        approval = _approval(values, tool, calls)
        place = Location(values.module.path, tool.line)
        parameters = _parameters(values, tool)
        yield ToolDefinition(
            at=place,
            name=tool.name[:120] or "(unnamed)",
            framework=tool.framework,
            effects=effects_of(values, calls),
            touches=touches_of(values, calls),
            parameters=parameters,
            approval=approval,
            constrained=_constrained(values, tool, calls) if parameters else None,
            described="description" in tool.options,
            calls=foreign_calls(values, calls),
        )
        if approval:
            yield Mechanism(
                at=place, kind="human-approval", name=tool.name[:120], function=tool.scope.qualified
            )


def _calls(values: Values, tool: FoundTool) -> tuple[Call, ...]:
    """The calls of a tool's handler; of its own branch only, where it has one."""
    if tool.handler is None:
        return ()
    every = tuple(calls_within(values, tool.handler))
    if tool.branch is None:
        return every
    start, end = tool.branch.start_byte, tool.branch.end_byte
    own = [c for c in tool.handler.calls if start <= c.node.start_byte < end]
    inner = [f for f in tool.handler.inner if f.node is not None and start <= f.node.start_byte < end]
    named = [values.module.named(values.call_name(c)) for c in own if c.target.type == "identifier"]
    within = [c for f in (*inner, *filter(None, named)) for c in calls_within(values, f, 1)]
    return (*own, *within)


def _approval(values: Values, tool: FoundTool, calls: tuple[Call, ...]) -> bool | None:
    for key in _APPROVALS:
        if key in tool.options:
            return text(tool.options[key], 20) != "false"
    if any(APPROVAL.search(values.call_name(c)) for c in calls):
        return True
    return False if tool.handler is not None else None


def _parameters(values: Values, tool: FoundTool) -> tuple[str, ...]:
    schema = values.follow(tool.schema, tool.scope)
    if schema is not None and schema.type == "member_expression":  # Schema.shape
        schema = values.follow(schema.child_by_field_name("object"), tool.scope)
    if schema is None:
        return ()
    maker = values.call_of(schema)
    if maker is not None and maker.arguments:
        schema = maker.arguments[0]
    keys = values.properties(schema, tool.scope)
    inner = values.properties(keys.get("properties"), tool.scope)
    return tuple(k for k in (inner or keys) if k not in ("...", "type", "required", "additionalProperties"))[
        :40
    ]


def _constrained(values: Values, tool: FoundTool, calls: tuple[Call, ...]) -> bool:
    schema = text(tool.schema, 8_000)
    body = text(tool.branch or tool.handler.node, 8_000) if tool.handler is not None else ""
    checked = any(_CHECKER.search(values.call_name(c)) for c in calls)
    return checked or _CONSTRAINTS.search(schema) is not None or _REFUSAL.search(body) is not None
