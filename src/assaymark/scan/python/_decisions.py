"""Which functions decide whether something is refused, and how a function answers when it breaks."""

import ast
import re

from assaymark.scan.python._module import Module, Scope

__all__ = ["decided_by", "opening"]

_REFUSES = re.compile(
    r"(Permission|Denied|Refus|Block|Forbid|Unauthori[sz]ed|Violation|NotAllowed|Reject|Moderat|Unsafe)"
)
_STATUSES = frozenset({400, 401, 403, 422, 429})


def decided_by(scope: Scope, module: Module) -> tuple[str, ...]:
    """Names of functions on whose answer `if not allowed(x): raise Refused` depends."""
    if not scope.raises or not any(_refuses(r, scope, module) for r in scope.raises[:20]):
        return ()
    asked = [t.operand for t in scope.tests if isinstance(t, ast.UnaryOp) and isinstance(t.op, ast.Not)]
    inner = [a.value if isinstance(a, ast.Await) else a for a in asked]
    return tuple(module.dotted(c.func, scope) for c in inner[:20] if isinstance(c, ast.Call))


def _refuses(raised: ast.Raise, scope: Scope, module: Module) -> bool:
    if raised.exc is None:
        return False
    if _REFUSES.search(module.dotted(raised.exc, scope)):
        return True
    values = (
        [*raised.exc.args, *(k.value for k in raised.exc.keywords)]
        if isinstance(raised.exc, ast.Call)
        else []
    )
    return any(isinstance(v, ast.Constant) and v.value in _STATUSES for v in values)


def opening(scope: Scope) -> tuple[str, int]:
    """How a function that answers yes or no says yes when what it relies on fails, and on which line.

    Not for handlers of errors by which a check says no or which belong to reading its input.
    """
    for attempt in scope.tries:
        for handler in attempt.handlers:
            last = handler.body[-1]
            true = (
                isinstance(last, ast.Return)
                and isinstance(last.value, ast.Constant)
                and last.value.value is True
            )
            if true and len(handler.body) <= 3 and not _all_true(scope):
                return "returns True", handler.lineno
    return "", 0


def _all_true(scope: Scope) -> bool:
    return all(isinstance(r, ast.Constant) and r.value is True for r in scope.returns)
