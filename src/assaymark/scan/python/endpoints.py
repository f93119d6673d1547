"""Endpoints that the code serves, and who may call them."""

import ast
import re
from collections.abc import Iterable

from assaymark.scan.facts import Effect, Endpoint, Fact
from assaymark.scan.python._effects import effects_of
from assaymark.scan.python._guards import guarded_names
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._origins import is_injected
from assaymark.scan.python._protection import AUTH, LIMIT, covered, dependencies, mentions, owned
from assaymark.scan.python._reach import foreign_calls, reached, reaches_of
from assaymark.scan.python._roles import is_handler
from assaymark.scan.python._routes import MUTATING, Route, routes_of

__all__ = ["endpoints", "sets_bounds"]

_BOUND = re.compile(r"(max_length|max_size|content_length|le|lt|max_items|MAX_CONTENT_LENGTH|max_upload)$")
_OBJECT = re.compile(
    r"[{<][^{}<>]{0,60}(id|name|key|uuid|slug|path|file)\w{0,20}(:[^{}<>]{0,40})?[}>]", re.IGNORECASE
)
_ACTING = {Effect.WRITE, Effect.DELETE, Effect.PAY, Effect.SEND, Effect.EXECUTE}


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
    reaches = reaches_of(scope, module)
    effects = effects_of(scope, module)
    return Endpoint(
        at=module.at(scope),
        framework=route.framework,
        method=route.method,
        route=route.path[:200],
        handler=scope.qualname,
        authenticated=covered(scope, route, AUTH, module),
        checks_ownership=owned(scope, module, _placed(route))
        if _reads_object(scope, route, module)
        else None,
        rate_limited=covered(scope, route, LIMIT, module),
        bounded_input=_bounded(scope, module),
        validated=_validated(scope, route, module),
        reaches=reaches,
        mutates=route.method in ("PUT", "PATCH", "DELETE") or bool(_ACTING & set(effects)),
        calls=foreign_calls(scope, module),
        dependencies=dependencies(scope, route, module),
        accepts=_accepted(scope, module),
        router=route.router,
    )


def _reads_object(scope: Scope, route: Route, module: Module) -> bool:
    """Whether the route names an object and the handler reads that name: a fixed page shows nobody's."""
    if _OBJECT.search(route.path) is None:
        return False
    if route.framework != "fastapi":
        return True
    by_hand = module.references["path_params"] + module.references["scope"]
    return by_hand > 0 or bool(_placed(route) & scope.params.keys())


def _placed(route: Route) -> frozenset[str]:
    return frozenset(re.findall(r"[{<:](\w{1,60})", route.path))


def _accepted(scope: Scope, module: Module) -> tuple[str, ...]:
    """Dotted names of the types of other files that the handler's parameters have."""
    given = [n for n in scope.params if not is_injected(n, scope, module)]
    hints = [h for n in given if isinstance(h := scope.params[n], ast.Name) and h.id[:1].isupper()]
    names = [module.imports.get(h.id, "") for h in hints]
    return tuple(n for n in names if "." in n and not n.startswith(_WEB))[:20]


_WEB = (
    "fastapi.",
    "starlette.",
    "flask.",
    "django.",
    "typing.",
    "datetime.",
    "uuid.",
    "sqlalchemy.",
    "sqlmodel.",
)


def _bounded(scope: Scope, module: Module) -> bool | None:
    """Whether the size of what is accepted is bounded; None if its type is defined elsewhere."""
    if any(mentions(t, re.compile(r"^(len|content_length|size)$")) for t in scope.tests):
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
                if node.id in known and sets_bounds(known[node.id]):
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


def sets_bounds(model: Scope) -> bool:
    """Whether a data model bounds the length or size of any of its fields."""
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


def _streamlit(call: Call, module: Module) -> Endpoint:
    reaches = {r for c in module.calls for r in reached(c, module)}
    logged_in = any(
        c.name in ("streamlit.login", "streamlit.experimental_user") or AUTH.search(c.last)
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
        reaches=tuple(sorted(reaches)),
    )
