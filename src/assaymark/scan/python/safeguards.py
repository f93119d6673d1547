"""Safeguards: where they are written, and whether anything calls them."""

import ast
from collections.abc import Iterable

from assaymark.scan.facts import Fact, SafeguardDefinition, SafeguardUse
from assaymark.scan.python._module import Module, Scope
from assaymark.scan.python._safeguard_names import BLOCKING, LONGEST, MENTIONS, is_log, safeguard_kind

__all__ = ["safeguard_definitions", "safeguard_uses"]

_HOOKS = frozenset(
    {
        "dispatch",
        "process_request",
        "before_request",
        "authenticate",
        "has_permission",
        "has_object_permission",
        "validate",
        "__call__",
        "get_queryset",
        "authenticate_credentials",
    }
)


def _defined(module: Module) -> list[tuple[Scope, str]]:
    cached = module.notes.get("safeguards")
    if cached is None:
        scopes = [*module.functions, *(c for c in module.classes if not _is_data(c, module))]
        cached = module.notes["safeguards"] = [(s, kind) for s in scopes if (kind := safeguard_kind(s.name))]
    return cached


def _is_data(owner: Scope, module: Module) -> bool:
    """An exception, enumeration or record named after a safeguard is none."""
    words = ("Error", "Exception", "Enum", "TypedDict", "NamedTuple", "Protocol", "BaseModel", "Settings")
    return any(module.dotted(b, module.root).endswith(words) for b in owner.node.bases)  # type: ignore[union-attr]


def safeguard_definitions(module: Module) -> Iterable[Fact]:
    """Functions and classes that say by their name that they protect."""
    for scope, kind in _defined(module):
        if isinstance(scope.node, ast.ClassDef) or not _is_abstract(scope):
            yield SafeguardDefinition(
                at=module.at(scope),
                name=scope.name,
                kind=kind,
                used=_is_used(scope, module),
                trivial=scope.is_function and _is_trivial(scope),
            )


def _is_abstract(scope: Scope) -> bool:
    body = [s for s in scope.node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if not body:
        return True
    raises = body[0].exc if isinstance(body[0], ast.Raise) else None
    target = raises.func if isinstance(raises, ast.Call) else raises
    return isinstance(target, ast.Name) and target.id == "NotImplementedError"


def _is_used(scope: Scope, module: Module) -> bool:
    registered = any(_registers(d) for d in scope.decorators)
    hook = scope.name in _HOOKS or (scope.name.startswith("__") and scope.name.endswith("__"))
    overrides = isinstance(scope.parent and scope.parent.node, ast.ClassDef) and bool(
        getattr(scope.parent and scope.parent.node, "bases", ())
    )
    exported = any(
        isinstance(n, ast.Constant) and n.value == scope.name
        for v in module.root.assigns.get("__all__", ())
        for n in ast.walk(v)
    )
    return registered or hook or overrides or exported or module.references[scope.name] > 0


def _registers(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = (
        target.attr
        if isinstance(target, ast.Attribute)
        else target.id
        if isinstance(target, ast.Name)
        else ""
    )
    return name not in (
        "staticmethod",
        "classmethod",
        "property",
        "cache",
        "lru_cache",
        "wraps",
        "contextmanager",
        "override",
        "cached_property",
        "abstractmethod",
    )


def _is_trivial(scope: Scope) -> bool:
    """Whether the body can only let through: it passes, logs, or returns True or its own argument."""
    body = [s for s in scope.node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if not body or isinstance(scope.parent and scope.parent.node, ast.ClassDef):
        return False
    return len(body) <= 3 and all(_lets_through(s, scope) for s in body)


def _lets_through(statement: ast.stmt, scope: Scope) -> bool:
    match statement:
        case ast.Pass():
            return True
        case ast.Return(value=None | ast.Constant(value=True)):
            return not (statement.value is not None and BLOCKING.search(scope.name))
        case ast.Return(value=ast.Name()):
            return statement.value.id in scope.params  # type: ignore[union-attr]
        case ast.Return(value=ast.Constant(value=False | None)):
            return BLOCKING.search(scope.name) is not None
        case ast.Expr(value=ast.Call()):
            return is_log(statement.value)
    return False


def safeguard_uses(module: Module) -> Iterable[Fact]:
    """References to names that some other file may define as a safeguard."""
    own = {scope.name for scope, _ in _defined(module)}
    seen: dict[str, int] = {}
    for call in module.calls:
        last = call.last
        if last not in seen and last not in own and MENTIONS.search(last) and safeguard_kind(last):
            seen[last] = call.line
    for name, count in module.references.items():
        if (
            name not in seen
            and name not in own
            and count > 0
            and len(name) < LONGEST
            and safeguard_kind(name)
        ):
            seen[name] = module.import_lines.get(module.imports.get(name, ""), 0)
    for bound, full in module.imports.items():
        original = full.rpartition(".")[2]
        if (
            original != bound
            and original not in own
            and module.references[bound] > 0
            and safeguard_kind(original)
        ):
            seen.setdefault(original, module.import_lines.get(full, 0))
    for name, line in seen.items():
        yield SafeguardUse(at=module.at(line), name=name)
