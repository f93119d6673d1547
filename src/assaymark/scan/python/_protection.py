"""What stands before a handler: checks of identity, rate and ownership, as far as its own file shows."""

import ast
import re

from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._routes import Route, keyword_of

__all__ = [
    "AUTH",
    "LIMIT",
    "app_wide",
    "compares_owner",
    "covered",
    "denies",
    "dependencies",
    "in_body",
    "injected",
    "mentions",
    "owned",
]

AUTH = re.compile(
    r"(auth|login|logged_in|jwt|bearer|api_?key|current_?user|get_user|require_?user|principal|identity|permission|credential|"
    r"session_user|verify_(token|key|user|signature)|check_(token|key|user|access)|oauth|token_required|access_token|"
    r"require_role|has_role|compare_digest|security|current_active|signed_in|admin_required|staff_member)",
    re.IGNORECASE,
)
LIMIT = re.compile(r"(limiter|rate_?limit|throttl|slowapi|quota)", re.IGNORECASE)
_OWNER = re.compile(
    r"(owner|user_id|tenant|account_id|belongs|can_access|authori[sz]e|permission|current_user|org_id|team_id|created_by)",
    re.IGNORECASE,
)


def covered(scope: Scope, route: Route, pattern: re.Pattern[str], module: Module) -> bool | None:
    """Whether something of this kind stands before the handler; None if it may be in another file."""
    if (
        _by_decorators(scope, pattern, module)
        or _by_dependencies(scope, pattern, module)
        or in_body(scope, pattern, module)
    ):
        return True
    if app_wide(pattern, module):
        return True
    elsewhere = (
        "Router" in route.owner
        or "Blueprint" in route.owner
        or "()" not in route.owner
        or bool(dependencies(scope, route, module))
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
        if pattern.search(name.rpartition(".")[2]) or (pattern is LIMIT and pattern.search(name)):
            return True
        if pattern is AUTH and name == "starlette.authentication.requires":
            return True
        depends = keyword_of(decorator, "dependencies") if isinstance(decorator, ast.Call) else None
        if depends is not None and mentions(depends, pattern):
            return True
    owner = scope.parent
    return (
        owner is not None
        and isinstance(owner.node, ast.ClassDef)
        and any(mentions(b, pattern) for b in owner.node.bases)
    )


def _by_dependencies(scope: Scope, pattern: re.Pattern[str], module: Module) -> bool:
    for default in scope.defaults:
        if isinstance(default, ast.Call):
            name = module.dotted(default.func, scope)
            if name.endswith("Security") and pattern is AUTH:
                return True
            if name.endswith("Depends") and any(
                mentions(a, pattern) or pattern.search(module.dotted(a, module.root)) for a in default.args
            ):
                return True
            if (
                name.endswith("Header")
                and pattern is AUTH
                and any(mentions(n, pattern) for n in _guarding(scope))
            ):
                return True
    return any(hint is not None and mentions(hint, pattern) for hint in scope.params.values())


def dependencies(scope: Scope, route: Route, module: Module) -> tuple[str, ...]:
    """Names of functions of other files that stand before a handler, as FastAPI's `Depends` puts them."""
    given: list[ast.AST] = [*scope.defaults, *(h for h in scope.params.values() if h is not None)]
    decorated = [keyword_of(d, "dependencies") for d in scope.decorators if isinstance(d, ast.Call)]
    given += [d for d in decorated if d is not None]
    made = (
        module.value_of(route.receiver, scope.parent or module.root) if route.receiver is not None else None
    )
    if made is not None and isinstance(made[0], ast.Call):
        listed = keyword_of(made[0], "dependencies")
        given += [listed] if listed is not None else []
    names = [n for one in given[:40] for n in injected(one, module)]
    return tuple(dict.fromkeys(n for n in names if "." in n))[:20]


def injected(node: ast.AST, module: Module) -> list[str]:
    """Dotted names of what `Depends(…)` or `Security(…)` names in an expression."""
    found = []
    for count, one in enumerate(ast.walk(node)):
        if count > 120:
            break
        if isinstance(one, ast.Call) and one.args and _injects(one.func):
            found.append(module.dotted(one.args[0], module.root))
    return found


def _injects(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("Depends", "Security")


_DENIED = frozenset({401, 403})
_ANSWERS = frozenset(
    {"HTTPException", "abort", "HTTPError", "JSONResponse", "Response", "WebSocketException"}
)
_DENIES = re.compile(
    r"(Unauthori[sz]ed|Unauthenticated|NotAuthenticated|AuthenticationFailed|AuthenticationError|AuthError|"
    r"InvalidToken|PermissionDenied|Forbidden|InvalidCredentials|CredentialsError)",
)


def denies(scope: Scope, module: Module) -> bool:
    """Whether a function refuses who is not known: it raises or answers 401 or 403, or says so by name."""
    for one in module.callees(scope)[:12]:
        if any(_DENIES.search(module.dotted(r.exc, one)) for r in one.raises[:20] if r.exc is not None):
            return True
        answers = (c for c in one.calls if c.last in _ANSWERS)
        if any(_is_denial(v) for call in answers for v in call.values()):
            return True
    return False


def _is_denial(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value in _DENIED
    name = value.attr if isinstance(value, ast.Attribute) else ""
    return name in ("HTTP_401_UNAUTHORIZED", "HTTP_403_FORBIDDEN", "UNAUTHORIZED", "FORBIDDEN")


def _guarding(scope: Scope) -> list[ast.expr]:
    return scope.tests


def in_body(scope: Scope, pattern: re.Pattern[str], module: Module) -> bool:
    """Whether a call or condition of the function, or of a helper of its file, is named for such a check."""
    for one in module.callees(scope)[:12]:
        if any(pattern.search(call.last) or pattern.search(call.name) for call in one.calls):
            return True
        if one.name != scope.name and pattern.search(one.name):
            return True
    return any(mentions(test, pattern) for test in scope.tests)


def mentions(node: ast.AST, pattern: re.Pattern[str]) -> bool:
    """Whether a name or header in an expression matches."""
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
            pattern.search(name) or (pattern is AUTH and name.lower() in ("authorization", "x-api-key"))
        ):
            return True
    return False


def app_wide(pattern: re.Pattern[str], module: Module) -> bool:
    """Whether the file puts a check of this kind before everything its application or routers serve."""
    key = f"app-wide {pattern.pattern}"
    if key not in module.notes:
        module.notes[key] = _find_app_wide(pattern, module)
    return module.notes[key]  # type: ignore[no-any-return]


def _find_app_wide(pattern: re.Pattern[str], module: Module) -> bool:
    for call in module.ending("FastAPI", "APIRouter", "include_router"):
        listed = call.kw("dependencies")
        if listed is not None and mentions(listed, pattern):
            return True
    for call in module.ending("add_middleware", "Middleware", "middleware", "before_request"):
        if any(mentions(a, pattern) for a in call.node.args):
            return True
    for call in module.ending("launch", "ChatInterface", "Limiter"):
        if (call.last == "launch" and pattern is AUTH and call.kw("auth", "auth_dependency") is not None) or (
            call.last == "Limiter" and pattern is LIMIT and call.kw("default_limits") is not None
        ):
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
            return pattern.search(scope.name) is not None or in_body(scope, pattern, module)
    return False


def owned(scope: Scope, module: Module, placed: frozenset[str] = frozenset()) -> bool:
    """Whether an owner is compared or selected by; `placed` are the names that the route gives to objects."""
    if any(_looks_up_for_caller(call, placed, scope) for call in scope.calls):
        return True
    for one in module.callees(scope)[:8]:
        for call in one.calls:
            if _OWNER.search(call.last) or any(k.arg and _OWNER.search(k.arg) for k in call.node.keywords):
                return True
            if any(mentions(v, _OWNER) for v in call.values()):
                return True
        if any(mentions(test, _OWNER) or _compares_key(test) for test in one.tests):
            return True
    return False


def _looks_up_for_caller(call: Call, placed: frozenset[str], scope: Scope) -> bool:
    """Whether one call gets both the object's name and the caller, as `find(chat_id, request.user)` does."""
    values = list(call.values())
    names = {v.id for v in values if isinstance(v, ast.Name)}
    return bool(names & placed) and any(_is_caller(v, scope) for v in values)


def _is_caller(value: ast.expr, scope: Scope) -> bool:
    """Whether what is passed on is the caller: `request.user.object`, or a name that holds it."""
    if isinstance(value, ast.Name):
        held = [v for v in scope.assigns.get(value.id, ())[:4] if not isinstance(v, ast.Name)]
        return any(_is_caller(v, scope) for v in held)
    if isinstance(value, ast.IfExp):
        return _is_caller(value.body, scope)
    chain: list[str] = []
    while isinstance(value, ast.Attribute):
        chain.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name) or value.id not in scope.params:
        return False
    return "user" in chain and not {"is_authenticated", "is_anonymous"} & set(chain)


def compares_owner(scope: Scope, module: Module) -> bool:
    """Whether the function, or a helper of its file, decides by the owner of an object."""
    tests = (t for one in module.callees(scope)[:8] for t in one.tests)
    return any(_compares_key(t) or (_is_comparison(t) and mentions(t, _OWNER)) for t in tests)


def _compares_key(test: ast.expr) -> bool:
    """Whether a record's owner is compared by its key: `found["owner"] != caller.id`."""
    keys = [n.slice for n in ast.walk(test) if isinstance(n, ast.Subscript)] if _is_comparison(test) else []
    return any(isinstance(k, ast.Constant) and _OWNER.search(str(k.value)) for k in keys)


def _is_comparison(test: ast.expr) -> bool:
    return any(isinstance(n, ast.Compare) for n in ast.walk(test))
