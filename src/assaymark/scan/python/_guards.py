"""Whether a value is checked in a function before it is used."""

import ast
import re

from assaymark.scan.python._module import Call, Module, Scope

__all__ = ["escapes", "guarded_names", "is_guarded", "names_in"]

_CHECK = re.compile(
    r"(^|_)(validate\w*|valid|check\w*|sanitis\w*|sanitiz\w*|is_safe\w*|safe\w*|allowed?\w*|verify\w*|assert\w*|ensure\w*|"
    r"escape\w*|quote|clean|permit\w*|authori[sz]e\w*|is_relative_to|relative_to|commonpath|is_private|secure_filename|"
    r"model_validate\w*|parse_obj|parse_raw|literal_eval|fullmatch|guard\w*|moderat\w*|restrict\w*|"
    r"containment|whitelist\w*|allowlist\w*|safe_join|is_global|bleach|approve\w*|confirm\w*|scan\w*)($|_)",
    re.IGNORECASE,
)
_COMPARES = (ast.In, ast.NotIn, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_TESTED = frozenset(
    {"startswith", "endswith", "is_relative_to", "match", "fullmatch", "isalnum", "isdigit", "isidentifier"}
)


def names_in(node: ast.AST | None, limit: int = 400) -> set[str]:
    """Names read in an expression, `self` attributes included, bounded."""
    found: set[str] = set()
    if node is None:
        return found
    for count, one in enumerate(ast.walk(node)):
        if count > limit:
            break
        if isinstance(one, ast.Name):
            found.add(one.id)
    return found - {"self", "cls"}


def guarded_names(scope: Scope, module: Module) -> frozenset[str]:
    """Names that a function checks: passed to something that validates, or tested against a list or range."""
    cached = scope.notes.get("guarded")
    if cached is None:
        found: set[str] = set()
        for call in scope.calls:
            if _CHECK.search(call.last):
                for value in call.values():
                    found |= names_in(value)
                found |= names_in(call.node.func)
        for test in scope.tests:
            found |= _tested(test)
        found |= _derived(scope, found)
        cached = scope.notes["guarded"] = frozenset(found)
    return cached


def _tested(test: ast.expr) -> set[str]:
    found: set[str] = set()
    for count, node in enumerate(ast.walk(test)):
        if count > 200:
            break
        if (isinstance(node, ast.Compare) and isinstance(node.ops[0], _COMPARES) and not _is_none(node)) or (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TESTED
        ):
            found |= names_in(node)
    return found


def _is_none(node: ast.Compare) -> bool:
    return isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value in (
        None,
        "",
        "__main__",
    )


def _derived(scope: Scope, guarded: set[str]) -> set[str]:
    """If what was made of a value is checked (`parsed = urlparse(url)`), so is the value, and vice versa."""
    found: set[str] = set()
    for name, values in scope.assigns.items():
        sources = set().union(*(names_in(v, 60) for v in values[:4]))
        if name in guarded:
            found |= sources
        elif len(sources & guarded) and len(values) == 1:
            found.add(name)
        if any(isinstance(v, ast.Call) and _CHECK.search(_last(v)) for v in values[:4]):
            found.add(name)
    return found


def _last(node: ast.Call) -> str:
    target = node.func
    return (
        target.attr
        if isinstance(target, ast.Attribute)
        else target.id
        if isinstance(target, ast.Name)
        else ""
    )


def is_guarded(node: ast.AST | None, scope: Scope, module: Module) -> bool:
    """Whether the value of `node` is checked in its function or in what wraps it."""
    if node is None:
        return False
    if isinstance(node, ast.Call) and _CHECK.search(_last(node)):
        return True
    names = names_in(node)
    return bool(names & guarded_names(scope, module)) or _decorated(scope)


def _decorated(scope: Scope) -> bool:
    for decorator in scope.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = (
            target.attr
            if isinstance(target, ast.Attribute)
            else target.id
            if isinstance(target, ast.Name)
            else ""
        )
        if _CHECK.search(name) and name != "validate_call":
            return True
    return False


def escapes(call: Call) -> bool:
    """Whether a call itself is one that checks or escapes."""
    return _CHECK.search(call.last) is not None
