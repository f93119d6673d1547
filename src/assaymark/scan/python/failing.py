"""Safeguards that let through when they break."""

import ast
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, FailOpen
from assaymark.scan.python._decisions import decided_by
from assaymark.scan.python._module import Module, Scope
from assaymark.scan.python._safeguard_names import ALLOWING, BLOCKING, is_log, safeguard_kind

__all__ = ["fail_opens"]


def fail_opens(module: Module) -> Iterable[Fact]:
    """Handlers around a safeguard that go on as if it had allowed."""
    for scope in module.scopes:
        for attempt in scope.tries:
            own = scope.name if _is_safeguard(scope, module) else ""
            guarded = own or _guarded_call(attempt)
            if guarded:
                yield from _open_handlers(attempt, guarded, scope, module)


def _is_safeguard(scope: Scope, module: Module) -> bool:
    """Whether a function protects: it says so, or a refusal in its file depends on its answer."""
    if not scope.is_function:
        return False
    if "decided" not in module.notes:
        module.notes["decided"] = {n for one in module.functions for n in decided_by(one, module)}
    return bool(safeguard_kind(scope.name)) or scope.name in module.notes["decided"]


def _guarded_call(attempt: ast.Try) -> str:
    """Name of the first safeguard called in the body of a try."""
    for statement in attempt.body[:30]:
        for count, node in enumerate(ast.walk(statement)):
            if count > 400:
                break
            if isinstance(node, ast.Call):
                target = node.func
                name = (
                    target.attr
                    if isinstance(target, ast.Attribute)
                    else target.id
                    if isinstance(target, ast.Name)
                    else ""
                )
                if name and safeguard_kind(name) not in ("", "redaction"):
                    return name
    return ""


def _open_handlers(attempt: ast.Try, guarded: str, scope: Scope, module: Module) -> Iterator[FailOpen]:
    for handler in attempt.handlers:
        if not (_is_broad(handler) or (guarded == scope.name and _is_failure(handler))):
            continue
        how = _how(handler, guarded, attempt, scope, module)
        if how:
            yield FailOpen(
                at=module.at(handler),
                function=module.where(scope, handler.lineno),
                safeguard=guarded,
                how=how,
            )


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether it catches what a broken safeguard raises rather than one expected refusal."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [k.attr if isinstance(k, ast.Attribute) else getattr(k, "id", "") for k in kinds]
    broad = (
        "Exception",
        "BaseException",
        "Timeout",
        "TimeoutError",
        "ConnectionError",
        "RequestException",
        "HTTPError",
        "APIError",
        "RedisError",
        "ImportError",
    )
    return any(n in broad or n.endswith(("Timeout", "ConnectionError", "APIError")) for n in names)


_REFUSALS = frozenset(
    {
        "ArithmeticError",
        "AssertionError",
        "AttributeError",
        "DecodeError",
        "FileNotFoundError",
        "IndexError",
        "InvalidTokenError",
        "JSONDecodeError",
        "KeyError",
        "LookupError",
        "NotFoundError",
        "ParseError",
        "TypeError",
        "UnicodeDecodeError",
        "ValidationError",
        "ValueError",
    }
)
"""What a check may meet in the ordinary course of its work; any other error means that it is broken."""


def _is_failure(handler: ast.ExceptHandler) -> bool:
    """Whether, within a safeguard, it catches an error of what the safeguard relies on."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [k.attr if isinstance(k, ast.Attribute) else getattr(k, "id", "") for k in kinds]
    return any(n.endswith("Error") and n not in _REFUSALS for n in names)


def _how(handler: ast.ExceptHandler, guarded: str, attempt: ast.Try, scope: Scope, module: Module) -> str:
    own = _is_safeguard(scope, module)
    refusing = BLOCKING.search(scope.name if own else guarded) is not None
    for statement in handler.body:
        match statement:
            case ast.Raise():
                return ""
            case ast.Return():
                return _returned(statement.value, refusing, own, scope)
            case ast.Continue() | ast.Break():
                return "continues without it" if isinstance(statement, ast.Continue) and not own else ""
            case ast.Assign(value=ast.Constant(value=value)) if isinstance(value, bool):
                return _assigned(statement, value)
            case ast.If() | ast.With() | ast.Try() | ast.For() | ast.While() | ast.Match():
                return ""
            case ast.Expr(value=ast.Call()) if not is_log(statement.value) and not _is_quiet(statement.value):
                return ""  # it calls something: that may refuse
    return _fell_through(attempt, own, scope, guarded)


def _is_quiet(node: ast.expr) -> bool:
    target = node.func if isinstance(node, ast.Call) else None
    return isinstance(target, ast.Attribute) and target.attr in (
        "inc",
        "increment",
        "capture_exception",
        "record_exception",
        "append",
        "print_exc",
        "observe",
    )


def _returned(value: ast.expr | None, refusing: bool, own: bool, scope: Scope) -> str:
    if isinstance(value, ast.Constant) and value.value is True and not refusing:
        return "returns True" if own else ""
    if isinstance(value, ast.Constant) and value.value is False and refusing and own:
        return "returns False, which means nothing was found"
    if own and isinstance(value, ast.Name) and value.id in scope.params:
        return "returns its input unchecked"
    if own and value is None:
        return (
            "returns without refusing"
            if not scope.returns or all(_is_nothing(r) for r in scope.returns)
            else ""
        )
    if (
        own
        and isinstance(value, ast.Tuple)
        and value.elts
        and isinstance(value.elts[0], ast.Constant)
        and value.elts[0].value is True
    ):
        return "returns True" if not refusing else ""
    return ""


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _assigned(statement: ast.Assign, value: bool) -> str:
    names = [t.id for t in statement.targets if isinstance(t, ast.Name)]
    opens = any(
        (value and ALLOWING.search(n) and not BLOCKING.search(n)) or (not value and BLOCKING.search(n))
        for n in names
    )
    return "default allows" if opens else ""


def _fell_through(attempt: ast.Try, own: bool, scope: Scope, guarded: str) -> str:
    """The handler swallows the error and the function goes on."""
    if own:
        refuses = bool(scope.raises) or any(
            isinstance(r, ast.Constant) and r.value is False for r in scope.returns
        )
        last = scope.node.body[-1]
        if isinstance(last, ast.Return) and _allows_by_default(last.value, attempt, scope):
            return "default allows"
        allows = (
            isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is True
        )
        return (
            "passes"
            if allows or (refuses and last is attempt and not BLOCKING.search(scope.name) and scope.raises)
            else ""
        )
    bare = any(isinstance(s, ast.Expr) and guarded in _called(s.value) for s in attempt.body)
    return "continues without it" if bare or _refusal_is_caught(attempt, guarded) else ""


def _allows_by_default(value: ast.expr | None, attempt: ast.Try, scope: Scope) -> bool:
    """Whether what is returned at the end was set to True before the attempt."""
    if not isinstance(value, ast.Name) or BLOCKING.search(scope.name) or BLOCKING.search(value.id):
        return False
    given = scope.assigns.get(value.id, ())
    return any(
        isinstance(v, ast.Constant) and v.value is True and v.lineno < attempt.lineno for v in given[:8]
    )


def _refusal_is_caught(attempt: ast.Try, guarded: str) -> bool:
    """Whether `if not allowed(x): raise` stands in the try, so that its own handler swallows the refusal."""
    return any(
        isinstance(s, ast.If)
        and isinstance(s.body[-1], ast.Raise)
        and any(guarded == _called(n) for n in list(ast.walk(s.test))[:60] if isinstance(n, ast.expr))
        for s in attempt.body
    )


def _called(node: ast.expr) -> str:
    node = node.value if isinstance(node, ast.Await) else node
    target = node.func if isinstance(node, ast.Call) else None
    return (
        target.attr
        if isinstance(target, ast.Attribute)
        else target.id
        if isinstance(target, ast.Name)
        else ""
    )
