"""Functions that a model may call."""

import ast
import re
from collections.abc import Iterable

from assaymark.scan.facts import Effect, Fact, ToolDefinition
from assaymark.scan.python._asking import asked_at
from assaymark.scan.python._effects import effects_of, touches_of
from assaymark.scan.python._guards import guarded_names
from assaymark.scan.python._module import Module, Scope
from assaymark.scan.python._reach import foreign_calls
from assaymark.scan.python._roles import schema_tools, tool_frameworks

__all__ = ["tool_definitions"]

_APPROVAL = re.compile(
    r"(interrupt|approv|confirm|human_in_the_loop|humanintheloop|require_human|ask_human|ask_user|human_input|"
    r"needs_review|elicit|requires_confirmation)",
    re.IGNORECASE,
)
_APPROVAL_KEYWORDS = (
    "needs_approval",
    "requires_approval",
    "require_confirmation",
    "requires_confirmation",
    "approval_mode",
    "confirm",
)
_CONSTRAINED_HINTS = frozenset(
    {"Literal", "conint", "constr", "confloat", "Enum", "EmailStr", "HttpUrl", "PositiveInt"}
)
_BUILDERS = frozenset(
    {
        "create_agent",
        "create_react_agent",
        "AgentExecutor",
        "Agent",
        "CodeAgent",
        "initialize_agent",
        "FastMCP",
    }
)


def tool_definitions(module: Module) -> Iterable[Fact]:
    """Tools by decorator, wrapper, base class or JSON schema."""
    frameworks = tool_frameworks(module)
    named: set[str] = set()
    for scope in module.functions:
        if id(scope) in frameworks and not (_dispatches(scope) and module.by_last.get("Tool")):
            tool = _tool(scope, frameworks[id(scope)], module)
            named |= {tool.name, scope.name}
            yield tool
    yield from _listed(module, named)
    for name, node, framework in schema_tools(module):
        if name not in named:
            named.add(name)
            yield _from_schema(name, node, framework, module)


def _dispatches(scope: Scope) -> bool:
    """Whether it is the one function behind all tools of a low-level MCP server."""
    targets = [d.func if isinstance(d, ast.Call) else d for d in scope.decorators]
    return any(isinstance(t, ast.Attribute) and t.attr == "call_tool" for t in targets)


def _listed(module: Module, named: set[str]) -> Iterable[ToolDefinition]:
    """Tools that a low-level MCP server lists, all run by its one dispatching function."""
    runner = next((scope for scope in module.functions if _dispatches(scope)), None)
    for call in module.ending("Tool"):
        name = module.text(call.kw("name"), call.scope)
        if name and name not in named and call.kw("inputSchema") is not None:
            named.add(name)
            yield ToolDefinition(
                at=module.at(call),
                name=name,
                framework="mcp",
                effects=effects_of(runner, module) if runner else (),
                touches=touches_of(runner, module) if runner else (),
                approval=_approval(runner, module) if runner else None,
                described=call.kw("description") is not None,
                calls=foreign_calls(runner, module) if runner else (),
            )


def _tool(scope: Scope, framework: str, module: Module) -> ToolDefinition:
    effects = effects_of(scope, module)
    parameters = tuple(p for p in scope.params if p not in ("self", "cls", "ctx", "context", "run_context"))
    return ToolDefinition(
        at=module.at(scope),
        name=_name(scope, module),
        framework=framework,
        effects=effects,
        touches=touches_of(scope, module),
        parameters=parameters[:40],
        approval=_approval(scope, module),
        constrained=_constrained(scope, parameters, module) if parameters else None,
        described=bool(scope.doc) or _described_by_decorator(scope),
        calls=foreign_calls(scope, module),
    )


def _name(scope: Scope, module: Module) -> str:
    if (
        isinstance(scope.parent and scope.parent.node, ast.ClassDef)
        and scope.parent is not None
        and scope.name in ("_run", "_arun", "forward", "__call__")
    ):
        for value in scope.parent.assigns.get("name", ()):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
        return scope.parent.name
    for decorator in scope.decorators:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg in ("name", "name_override") and (
                    text := module.text(keyword.value, module.root)
                ):
                    return text[:80]
    return scope.name


def _described_by_decorator(scope: Scope) -> bool:
    return any(
        isinstance(d, ast.Call) and any(k.arg and "description" in k.arg for k in d.keywords)
        for d in scope.decorators
    )


def _approval(scope: Scope, module: Module) -> bool | None:
    """Whether a person is asked: in the body, by the decorator, or by the agent that the file builds."""
    for one in module.callees(scope):
        if any(_APPROVAL.search(call.last) for call in one.calls) or any(_mentions(t) for t in one.tests):
            return True
        if asked_at(one, module):
            return True
    for decorator in scope.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if _APPROVAL.search(module.dotted(target, module.root)):
            return True
        if isinstance(decorator, ast.Call) and any(_asks(k) for k in decorator.keywords):
            return True
    return _agent_asks(scope.name, module)


def _asks(keyword: ast.keyword) -> bool:
    off = isinstance(keyword.value, ast.Constant) and keyword.value.value in (
        False,
        None,
        "never",
        "never_require",
    )
    return keyword.arg in _APPROVAL_KEYWORDS and not off


def _mentions(test: ast.expr) -> bool:
    for count, node in enumerate(ast.walk(test)):
        if count > 60:
            break
        if isinstance(node, ast.Name | ast.Attribute) and _APPROVAL.search(
            node.id if isinstance(node, ast.Name) else node.attr
        ):
            return True
    return False


def _agent_asks(name: str, module: Module) -> bool | None:
    """`interrupt_before=["tools"]`, `HumanInTheLoopMiddleware(interrupt_on={…})` in the same file."""
    for call in module.calls:
        if not call.node.keywords:
            continue
        listed = call.kw("interrupt_on", "interrupt_before", "interrupt_after")
        if listed is None:
            continue
        names = [
            n.value for n in ast.walk(listed) if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        if name in names or (call.kw("interrupt_before") is not None and "tools" in names):
            return True
    # Approval may be wired where the agent is put together, which can be another file.
    return False if any(call.last in _BUILDERS for call in module.calls) else None


def _constrained(scope: Scope, parameters: tuple[str, ...], module: Module) -> bool | None:
    if guarded_names(scope, module) & set(parameters):
        # `startswith("SELECT")` lets stacked statements and common table expressions through.
        return None if _checks_first_word(scope, module) else True
    hints = [h for p in parameters if (h := scope.params.get(p)) is not None]
    if any(_is_constrained(h, module) for h in hints):
        return True
    return False if hints or parameters else None


_FIRST_WORDS = frozenset({"select", "with", "pragma", "explain", "show"})


def _checks_first_word(scope: Scope, module: Module) -> bool:
    """Whether a statement is executed as written after a look at how it begins, and nothing more."""
    if module.uses("sqlglot", "sqlparse", "pglast") or "set_authorizer" in module.by_last:
        return False
    for test in scope.tests:
        for count, node in enumerate(ast.walk(test)):
            if count > 60 or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            words = [n.value for a in node.args for n in ast.walk(a) if isinstance(n, ast.Constant)]
            if node.func.attr == "startswith" and any(str(w).strip().lower() in _FIRST_WORDS for w in words):
                return Effect.QUERY in effects_of(scope, module) or Effect.READ in effects_of(scope, module)
    return False


def _is_constrained(hint: ast.expr, module: Module) -> bool:
    for node in ast.walk(hint):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in _CONSTRAINED_HINTS:
                return True
            owner = next((c for c in module.classes if c.name == name), None)
            if owner is not None and any("Enum" in module.dotted(b, module.root) for b in owner.node.bases):  # type: ignore[union-attr]
                return True
        if isinstance(node, ast.Call) and any(
            k.arg in ("ge", "le", "gt", "lt", "max_length", "pattern", "regex") for k in node.keywords
        ):
            return True
    return False


def _from_schema(name: str, node: ast.Dict, framework: str, module: Module) -> ToolDefinition:
    words = {str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    effects = _announced(node)
    bounded = {"enum", "pattern", "maximum", "maxLength", "const"} & words
    return ToolDefinition(
        at=module.at(node),
        name=name,
        framework=framework,
        effects=effects,
        parameters=tuple(_properties(node))[:40],
        # A list of languages beside a free `code` bounds nothing.
        constrained=bool(bounded) and not effects,
        described="description" in words,
        body_read=False,
    )


_RUNS_CODE = re.compile(
    r"\b(execut(e|es|ing)|runs?|evaluates?)\b[^.\n]{0,40}"
    r"\b(code|scripts?|bash|shell|(shell|terminal|system) commands?)\b",
    re.IGNORECASE,
)


def _announced(node: ast.Dict) -> tuple[Effect, ...]:
    """What the schema's own description says that the tool does, where its body is not known."""
    keys = {k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)}
    said = keys.get("description")
    text = said.value[:2_000] if isinstance(said, ast.Constant) and isinstance(said.value, str) else ""
    return (Effect.EXECUTE,) if _RUNS_CODE.search(text) else ()


def _properties(node: ast.Dict) -> Iterable[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Dict):
            for key, value in zip(one.keys, one.values, strict=True):
                if (
                    isinstance(key, ast.Constant)
                    and key.value == "properties"
                    and isinstance(value, ast.Dict)
                ):
                    yield from (str(k.value) for k in value.keys if isinstance(k, ast.Constant))
                    return
