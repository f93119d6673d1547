"""Endpoints that the code serves, and who may call them."""

import ast
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Effect, Endpoint, Fact, FunctionReach
from assaymark.scan.python._effects import effects_of
from assaymark.scan.python._guards import guarded_names
from assaymark.scan.python._llm_names import is_llm_call
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._roles import is_handler, is_tool
from assaymark.scan.python._routes import MUTATING, Route, keyword_of, routes_of

__all__ = ["endpoints", "function_reaches"]

_CALLS = 40
"""Calls into other files that are kept for one endpoint."""
_PASSED_ON = frozenset({"llm", "model", "tool", "database", "shell"})

_AUTH = re.compile(
    r"(auth|login|logged_in|jwt|bearer|api_?key|current_?user|get_user|require_?user|principal|identity|permission|credential|"
    r"session_user|verify_(token|key|user|signature)|check_(token|key|user|access)|oauth|token_required|access_token|"
    r"require_role|has_role|compare_digest|security|current_active|signed_in|admin_required|staff_member)",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"(limiter|rate_?limit|throttl|slowapi|quota)", re.IGNORECASE)
_OWNER = re.compile(
    r"(owner|user_id|tenant|account_id|belongs|can_access|authori[sz]e|permission|current_user|org_id|team_id|created_by)",
    re.IGNORECASE,
)
_BOUND = re.compile(r"(max_length|max_size|content_length|le|lt|max_items|MAX_CONTENT_LENGTH|max_upload)$")
_OBJECT = re.compile(
    r"[{<][^{}<>]{0,60}(id|name|key|uuid|slug|path|file)\w{0,20}(:[^{}<>]{0,40})?[}>]", re.IGNORECASE
)
_ACTING = {Effect.WRITE, Effect.DELETE, Effect.PAY, Effect.SEND, Effect.EXECUTE}
_REACHES = {
    Effect.EXECUTE: "shell",
    Effect.FETCH: "fetch",
    Effect.QUERY: "database",
    Effect.READ: "file",
}


def endpoints(module: Module) -> Iterable[Fact]:
    """One for each route, form or chat page."""
    for scope in module.functions:
        if is_handler(scope, module):
            for route in routes_of(scope, module):
                yield _endpoint(scope, route, module)
    if module.uses("streamlit"):
        for call in module.named(("streamlit.chat_input", "streamlit.file_uploader")):
            yield _streamlit(call, module)
            break


def _endpoint(scope: Scope, route: Route, module: Module) -> Endpoint:
    reaches = _reaches(scope, module)
    effects = effects_of(scope, module)
    return Endpoint(
        at=module.at(scope),
        framework=route.framework,
        method=route.method,
        route=route.path[:200],
        handler=scope.qualname,
        authenticated=_covered(scope, route, _AUTH, module),
        checks_ownership=_owned(scope, module) if _OBJECT.search(route.path) else None,
        rate_limited=_covered(scope, route, _LIMIT, module),
        bounded_input=_bounded(scope, module),
        validated=_validated(scope, route, module),
        reaches=reaches,
        mutates=route.method in ("PUT", "PATCH", "DELETE") or bool(_ACTING & set(effects)),
        calls=_foreign_calls(scope, module),
    )


def _covered(scope: Scope, route: Route, pattern: re.Pattern[str], module: Module) -> bool | None:
    """Whether something of this kind stands before the handler; None if it may be in another file."""
    if (
        _by_decorators(scope, pattern, module)
        or _by_dependencies(scope, pattern, module)
        or _in_body(scope, pattern, module)
    ):
        return True
    if _app_wide(pattern, module):
        return True
    elsewhere = (
        "Router" in route.owner
        or "Blueprint" in route.owner
        or "()" not in route.owner
        or _depends_elsewhere(scope, module)
    )
    return (
        None
        if elsewhere or route.framework in ("django", "gradio", "chainlit", "discord", "slack_bolt")
        else False
    )


def _by_decorators(scope: Scope, pattern: re.Pattern[str], module: Module) -> bool:
    for decorator in scope.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = module.dotted(target, module.root)
        if pattern.search(name.rpartition(".")[2]) or (pattern is _LIMIT and pattern.search(name)):
            return True
        depends = keyword_of(decorator, "dependencies") if isinstance(decorator, ast.Call) else None
        if depends is not None and _mentions(depends, pattern):
            return True
    owner = scope.parent
    return (
        owner is not None
        and isinstance(owner.node, ast.ClassDef)
        and any(_mentions(b, pattern) for b in owner.node.bases)
    )


def _by_dependencies(scope: Scope, pattern: re.Pattern[str], module: Module) -> bool:
    for default in scope.defaults:
        if isinstance(default, ast.Call):
            name = module.dotted(default.func, scope)
            if name.endswith("Security") and pattern is _AUTH:
                return True
            if name.endswith("Depends") and any(
                _mentions(a, pattern) or pattern.search(module.dotted(a, module.root)) for a in default.args
            ):
                return True
            if (
                name.endswith("Header")
                and pattern is _AUTH
                and any(_mentions(n, pattern) for n in _guarding(scope))
            ):
                return True
    return any(hint is not None and _mentions(hint, pattern) for hint in scope.params.values())


def _depends_elsewhere(scope: Scope, module: Module) -> bool:
    """Whether a dependency of the handler is defined in another file, where it may check anything."""
    given = [d for d in scope.defaults if isinstance(d, ast.Call)]
    named = [a for d in given if module.dotted(d.func, scope).endswith("Depends") for a in d.args]
    return any(isinstance(a, ast.Name) and a.id in module.imports for a in named)


def _guarding(scope: Scope) -> list[ast.expr]:
    return scope.tests


def _in_body(scope: Scope, pattern: re.Pattern[str], module: Module) -> bool:
    for one in module.callees(scope)[:12]:
        if any(pattern.search(call.last) or pattern.search(call.name) for call in one.calls):
            return True
        if one.name != scope.name and pattern.search(one.name):
            return True
    return any(_mentions(test, pattern) for test in scope.tests)


def _mentions(node: ast.AST, pattern: re.Pattern[str]) -> bool:
    for count, one in enumerate(ast.walk(node)):
        if count > 120:
            break
        name = one.id if isinstance(one, ast.Name) else one.attr if isinstance(one, ast.Attribute) else ""
        if not name and isinstance(one, ast.Constant) and isinstance(one.value, str):
            name = (
                one.value[:60]
                if one.value.lower() in ("authorization", "x-api-key", "token", "user", "user_id")
                else ""
            )
        if name and (
            pattern.search(name) or (pattern is _AUTH and name.lower() in ("authorization", "x-api-key"))
        ):
            return True
    return False


def _app_wide(pattern: re.Pattern[str], module: Module) -> bool:
    key = f"app-wide {pattern.pattern}"
    if key not in module.notes:
        module.notes[key] = _find_app_wide(pattern, module)
    return module.notes[key]  # type: ignore[no-any-return]


def _find_app_wide(pattern: re.Pattern[str], module: Module) -> bool:
    for call in module.ending("FastAPI", "APIRouter", "include_router"):
        listed = call.kw("dependencies")
        if listed is not None and _mentions(listed, pattern):
            return True
    for call in module.ending("add_middleware", "Middleware", "middleware", "before_request"):
        if any(_mentions(a, pattern) for a in call.node.args):
            return True
    for call in module.ending("launch", "ChatInterface", "Limiter"):
        if (
            call.last == "launch" and pattern is _AUTH and call.kw("auth", "auth_dependency") is not None
        ) or (call.last == "Limiter" and pattern is _LIMIT and call.kw("default_limits") is not None):
            return True
    return any(_is_hook(scope, pattern, module) for scope in module.functions)


def _is_hook(scope: Scope, pattern: re.Pattern[str], module: Module) -> bool:
    """A function run before every request that looks like a check of this kind."""
    for decorator in scope.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and target.attr in (
            "middleware",
            "before_request",
            "on_request",
        ):
            return pattern.search(scope.name) is not None or _in_body(scope, pattern, module)
    return False


def _owned(scope: Scope, module: Module) -> bool:
    for one in module.callees(scope)[:8]:
        for call in one.calls:
            if _OWNER.search(call.last) or any(k.arg and _OWNER.search(k.arg) for k in call.node.keywords):
                return True
            if any(_mentions(v, _OWNER) for v in call.values()):
                return True
        if any(_mentions(test, _OWNER) or _compares_key(test) for test in one.tests):
            return True
    return False


def _compares_key(test: ast.expr) -> bool:
    """Whether a record's owner is compared by its key: `found["owner"] != caller.id`."""
    keys = [n.slice for n in ast.walk(test) if isinstance(n, ast.Subscript)] if _is_comparison(test) else []
    return any(isinstance(k, ast.Constant) and _OWNER.search(str(k.value)) for k in keys)


def _is_comparison(test: ast.expr) -> bool:
    return any(isinstance(n, ast.Compare) for n in ast.walk(test))


def _bounded(scope: Scope, module: Module) -> bool | None:
    """Whether the size of what is accepted is bounded; None if its type is defined elsewhere."""
    if any(_mentions(t, re.compile(r"^(len|content_length|size)$")) for t in scope.tests):
        return True
    if any(
        isinstance(d, ast.Call) and any(k.arg and _BOUND.search(k.arg) for k in d.keywords)
        for d in scope.defaults
    ):
        return True
    if "MAX_CONTENT_LENGTH" in module.references or _configured(module):
        return True
    known = {c.name: c for c in module.classes}
    unknown, found = False, False
    for hint in scope.params.values():
        for node in ast.walk(hint) if hint is not None else ():
            if isinstance(node, ast.Name):
                found = found or node.id in known
                if node.id in known and _bounds(known[node.id]):
                    return True
                unknown = unknown or (
                    node.id in module.imports
                    and node.id[:1].isupper()
                    and node.id not in ("Request", "Annotated")
                )
            elif isinstance(node, ast.keyword) and node.arg and _BOUND.search(node.arg):
                return True
    return None if unknown and not found else False


def _configured(module: Module) -> bool:
    return any(
        isinstance(t.slice, ast.Constant) and t.slice.value in ("MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE")
        for t, _, _ in module.item_assigns
    )


def _bounds(model: Scope) -> bool:
    return any(
        k.arg and _BOUND.search(k.arg)
        for n in ast.walk(model.node)
        if isinstance(n, ast.Call)
        for k in n.keywords
    )


def _validated(scope: Scope, route: Route, module: Module) -> bool | None:
    loose = any(c.last in ("json", "get_json", "body", "form") and c.name.count(".") for c in scope.calls)
    checked = any(
        "validate" in c.last or c.last in ("parse_obj", "loads_schema", "load", "convert")
        for c in scope.calls
    )
    checked = checked or bool(guarded_names(scope, module) & _local_names(scope))
    typed = any(h is not None and not _is_request(h, module) for n, h in scope.params.items() if n != "self")
    if route.framework in ("fastapi", "litestar") and not loose:
        return True if typed or not scope.params else None
    if route.framework == "flask" and not scope.params and not loose and "request" not in module.imports:
        return None
    return checked if loose or route.method in MUTATING else (checked or None)


def _local_names(scope: Scope) -> set[str]:
    return set(scope.assigns) | set(scope.params)


def _is_request(hint: ast.expr, module: Module) -> bool:
    return module.dotted(hint, module.root).rpartition(".")[2] in (
        "Request",
        "HttpRequest",
        "WebSocket",
        "Response",
    )


def function_reaches(module: Module) -> Iterable[Fact]:
    """What a function that other files may call reaches: models, tools, databases, shells."""
    for scope in module.functions:
        if scope.parent in (None, module.root) and not scope.name.startswith("__"):
            reaches = _reaches(scope, module)
            if _PASSED_ON & set(reaches):
                yield FunctionReach(at=module.at(scope), function=scope.name, reaches=reaches)


def _foreign_calls(scope: Scope, module: Module) -> tuple[str, ...]:
    """Dotted names of what the handler calls, itself or through helpers of its file, in other files."""
    heads = {full for full in module.imports.values() if full}
    names = [c.name for one in module.callees(scope)[:12] for c in one.calls]
    foreign = [n for n in names if "()" not in n and (n in heads or n.rpartition(".")[0] in heads)]
    return tuple(dict.fromkeys(foreign))[:_CALLS]


def _reaches(scope: Scope, module: Module) -> tuple[str, ...]:
    found = {_REACHES[e] for e in effects_of(scope, module) if e in _REACHES}
    if {Effect.WRITE, Effect.DELETE} & set(effects_of(scope, module)):
        found.add("file")
    for one in module.callees(scope):
        if is_tool(one, module):
            found.add("tool")
        for call in one.calls:
            found |= set(_reached(call, module))
    return tuple(sorted(found))


def _reached(call: Call, module: Module) -> Iterator[str]:
    if is_llm_call(call.node, module):
        yield "llm"
    elif call.last in ("predict", "predict_proba", "transcribe", "forward"):
        yield "model"
    elif call.last in (
        "execute",
        "executemany",
        "query",
        "find_one",
        "insert_one",
        "similarity_search",
        "commit",
    ):
        yield "database"


def _streamlit(call: Call, module: Module) -> Endpoint:
    reached = {r for c in module.calls for r in _reached(c, module)}
    logged_in = any(
        c.name in ("streamlit.login", "streamlit.experimental_user") or _AUTH.search(c.last)
        for c in module.calls
    )
    return Endpoint(
        at=module.at(call),
        framework="streamlit",
        method="",
        route="",
        handler=module.where(call.scope, call.line),
        authenticated=True if logged_in else None,
        bounded_input=call.kw("max_chars") is not None if call.last == "chat_input" else None,
        reaches=tuple(sorted(reached)),
    )
