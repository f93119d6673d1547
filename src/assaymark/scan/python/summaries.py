"""What functions and routers are for other files: see `assaymark.discover.link`."""

import ast
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, FunctionSummary, Mount, Origin, Passed
from assaymark.scan.paths import is_test_path
from assaymark.scan.python._asking import asked_at
from assaymark.scan.python._decisions import decided_by, opening
from assaymark.scan.python._effects import effects_of, touches_of
from assaymark.scan.python._guards import is_guarded
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._origins import origin_of, parameter_behind
from assaymark.scan.python._protection import (
    AUTH,
    LIMIT,
    app_wide,
    compares_owner,
    denies,
    in_body,
    injected,
)
from assaymark.scan.python._reach import foreign_calls, foreign_name, reaches_of
from assaymark.scan.python.endpoints import sets_bounds

__all__ = ["function_summaries", "mounts"]

_PASSED = 12
"""Arguments handed to other files that are followed for one function."""
_CHOSEN = (Origin.REQUEST, Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.RETRIEVED)
_PROVIDES = ("get_", "provide", "require", "ensure", "check", "verify", "current", "with_", "use_")
"""Names of functions that are put before handlers; that such a one checks nothing matters too."""
_IDENTIFIES = "starlette.middleware.authentication.AuthenticationMiddleware"
"""It says who is asking and refuses nobody."""
_HARMLESS = (
    "CORS",
    "GZip",
    "TrustedHost",
    "HTTPSRedirect",
    "RequestID",
    "CorrelationId",
    "Prometheus",
    "Timing",
)


def function_summaries(module: Module) -> Iterable[Fact]:
    """What each function, method and data model does that could matter to a caller in another file."""
    if is_test_path(module.path):
        return
    for scope in module.functions:
        owner = scope.parent
        outer = owner is None or owner is module.root or isinstance(owner.node, ast.ClassDef)
        if outer and (found := _summary(scope, module)) is not None:
            yield found
    for model in module.classes:
        if any(module.dotted(b, module.root) == "pydantic.BaseModel" for b in model.node.bases):  # type: ignore[union-attr]
            yield FunctionSummary(at=module.at(model), function=model.name, bounds=sets_bounds(model))
    yield from _passed_on_names(module)


def _summary(scope: Scope, module: Module) -> FunctionSummary | None:
    opens, line = opening(scope)
    reaches = reaches_of(scope, module)
    calls = foreign_calls(scope, module)
    authenticates = _authenticates(scope, module)
    given = scope.name.startswith(_PROVIDES)
    if not (reaches or calls or authenticates or opens or given or LIMIT.search(scope.qualname)):
        return None
    return FunctionSummary(
        at=module.at(scope),
        function=scope.qualname,
        parameters=tuple(p for p in scope.params if p not in ("self", "cls"))[:12]
        if reaches or calls
        else (),
        reaches=reaches,
        effects=effects_of(scope, module),
        touches=touches_of(scope, module),
        authenticates=authenticates,
        limits=LIMIT.search(scope.qualname) is not None or in_body(scope, LIMIT, module),
        checks_ownership=compares_owner(scope, module),
        asks=any(asked_at(one, module) is not None for one in module.callees(scope)),
        opens=opens,
        opens_line=line,
        decides=tuple(n for name in decided_by(scope, module) if (n := foreign_name(name, module))),
        calls=calls,
        passes=tuple(_passes(scope, module)) if calls else (),
    )


def _authenticates(scope: Scope, module: Module) -> bool:
    if denies(scope, module):
        return True
    return bool(scope.raises) and in_body(scope, AUTH, module)


def _passes(scope: Scope, module: Module) -> Iterator[Passed]:
    count = 0
    for call in scope.calls:
        callee = foreign_name(call.name, module)
        for position, keyword, value in _arguments(call) if callee and count < _PASSED else ():
            origin = origin_of(value, scope, module)
            parameter = parameter_behind(value, scope) if origin is Origin.PARAMETER else ""
            if (origin in _CHOSEN or parameter) and not is_guarded(value, scope, module):
                count += 1
                yield Passed(
                    callee=callee, position=position, keyword=keyword, origin=origin, parameter=parameter
                )


def _arguments(call: Call) -> Iterator[tuple[int, str, ast.expr]]:
    for position, value in enumerate(call.node.args[:8]):
        if not isinstance(value, ast.Constant):
            yield position, "", value
    for keyword in call.node.keywords[:12]:
        if keyword.arg and not isinstance(keyword.value, ast.Constant):
            yield -1, keyword.arg, keyword.value


def _passed_on_names(module: Module) -> Iterator[FunctionSummary]:
    """What a package's `__init__.py` takes from its files to offer under its own name."""
    if module.path.endswith("__init__.py"):
        for name, full in list(module.imports.items())[:200]:
            if full.startswith(".") and name not in module.by_name:
                yield FunctionSummary(at=module.at(1), function=name, calls=(full,))


def mounts(module: Module) -> Iterable[Fact]:
    """Routers of other files that are put under an application or router of this one."""
    for call in module.ending("include_router", "register_blueprint", "mount"):
        router = call.arg(0, "router", "blueprint") if call.last != "mount" else call.arg(1, "app")
        name = _mounted(router, call.scope, module) if router is not None else ""
        receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        if name:
            listed = call.kw("dependencies")
            yield Mount(
                at=module.at(call),
                target=name,
                under=_router_name(receiver, call, module),
                authenticated=app_wide(AUTH, module) and _IDENTIFIES not in module.imports.values(),
                rate_limited=app_wide(LIMIT, module),
                dependencies=tuple(injected(listed, module))[:20] if listed is not None else (),
                open=_is_open(call, receiver, module),
            )


def _mounted(router: ast.expr, scope: Scope, module: Module) -> str:
    """Where the router comes from; nothing for one made in this file."""
    name = module.dotted(router, scope)
    return name if "." in name and "()" not in name and not name.startswith("self.") else ""


def _router_name(receiver: ast.expr | None, call: Call, module: Module) -> str:
    made = module.dotted(receiver, call.scope) if receiver is not None else ""
    return receiver.id if isinstance(receiver, ast.Name) and "Router" in made else ""


def _is_open(call: Call, receiver: ast.expr | None, module: Module) -> bool:
    """Whether the application is made here, and nothing that it is given or handed to can check identity."""
    if not isinstance(receiver, ast.Name) or call.kw("dependencies") is not None:
        return False
    made = module.dotted(receiver, call.scope)
    if made not in ("fastapi.FastAPI()", "flask.Flask()", "starlette.applications.Starlette()"):
        return False
    for one in module.ending("add_middleware", "middleware", "before_request", "Depends"):
        kind = module.dotted(one.node.args[0], one.scope) if one.node.args else ""
        if one.last != "add_middleware" or not any(word in kind for word in _HARMLESS):
            return False
    if any(
        "middleware" in k.arg or k.arg == "dependencies"
        for c in module.ending("FastAPI")
        for k in c.node.keywords
        if k.arg
    ):
        return False
    return not any(_hands_over(c, receiver.id) for c in module.calls)


def _hands_over(call: Call, application: str) -> bool:
    """Whether a call other than that of a server gets the application and could put something before it."""
    given = any(isinstance(v, ast.Name) and v.id == application for v in call.values())
    return given and call.name not in ("uvicorn.run", "hypercorn.run", "print")
