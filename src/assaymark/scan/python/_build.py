"""Walk a syntax tree once and fill a `Module`."""

import ast
from typing import Any

from assaymark.scan.python._module import Call, Module, Scope

__all__ = ["build_module"]

_NO_NODES = frozenset(
    [
        "ctx",
        "op",
        "ops",
        "id",
        "attr",
        "name",
        "asname",
        "module",
        "level",
        "names",
        "kind",
        "type_comment",
        "conversion",
        "simple",
        "is_async",
        "kwd_attrs",
        "rest",
        "type_ignores",
        "lineno",
        "arg",
    ]
)
_NODES: dict[type, tuple[str, ...]] = {
    cls: tuple(f for f in reversed(cls._fields) if f not in _NO_NODES)
    for cls in vars(ast).values()
    if isinstance(cls, type) and issubclass(cls, ast.AST)
}
# Their `value` is a plain value, not a node.
_NODES[ast.Constant] = _NODES[ast.MatchSingleton] = ()
_EXTENDS = frozenset({"append", "extend", "add", "insert", "update"})


class _Builder:
    """Walks the tree once and fills a `Module`."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.stack: list[tuple[ast.AST, Scope, bool]] = []
        self.visits = {
            ast.Call: self._call,
            ast.Assign: self._assign,
            ast.AnnAssign: self._bind_value,
            ast.AugAssign: self._bind_value,
            ast.NamedExpr: self._bind_value,
            ast.For: self._bind_iter,
            ast.AsyncFor: self._bind_iter,
            ast.comprehension: self._comprehension,
            ast.withitem: self._with,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Return: self._return,
            ast.If: self._test,
            ast.While: self._test,
            ast.Assert: self._test,
            ast.IfExp: self._test,
            ast.Raise: self._raise,
            ast.Dict: self._dict,
        }

    def run(self, tree: ast.Module) -> None:  # noqa: C901 - the hot loop; a call a node would double its cost
        """Fill the module."""
        stack, visits, nodes = self.stack, self.visits, _NODES
        references = self.module.references
        stack.append((tree, self.module.root, False))
        while stack:
            node, scope, tried = stack.pop()
            kind = type(node)
            # Names, attributes and constants are most of a tree: no call, no lookup for them.
            if kind is ast.Name:
                references[node.id] += 1  # type: ignore[attr-defined]
                continue
            if kind is ast.Attribute:
                references[node.attr] += 1  # type: ignore[attr-defined]
                stack.append((node.value, scope, tried))  # type: ignore[attr-defined]
                continue
            if kind is ast.Constant:
                continue
            if kind is ast.FunctionDef or kind is ast.AsyncFunctionDef or kind is ast.ClassDef:
                self._scope(node, scope)
                continue
            if kind is ast.Try:
                self._try(node, scope, tried)  # type: ignore[arg-type]
                continue
            visit = visits.get(kind)
            if visit is not None:
                visit(node, scope, tried)
            for name in nodes[kind]:
                child = getattr(node, name)
                if child.__class__ is list:
                    for one in reversed(child):
                        if one is not None:
                            stack.append((one, scope, tried))
                elif child is not None:
                    stack.append((child, scope, tried))

    def _scope(self, node: Any, scope: Scope) -> None:
        qualname = f"{scope.qualname}.{node.name}" if scope.qualname else node.name
        inner = Scope(node.name, qualname, node, scope)
        if isinstance(node, ast.ClassDef):
            self.module.classes.append(inner)
            outside: list[ast.AST] = [*node.decorator_list, *node.bases, *node.keywords]
        else:
            self.module.functions.append(inner)
            self.module.by_name[node.name] = inner
            outside = [*node.decorator_list, node.args]
            _parameters(inner, node.args)
        for one in reversed(node.body):
            self.stack.append((one, inner, False))
        for one in reversed(outside):
            self.stack.append((one, scope, False))

    def _try(self, node: ast.Try, scope: Scope, tried: bool) -> None:
        scope.tries.append(node)
        rest: list[ast.AST] = [*node.handlers, *node.orelse, *node.finalbody]
        self.stack.extend((one, scope, tried) for one in reversed(rest))
        self.stack.extend((one, scope, tried or bool(node.handlers)) for one in reversed(node.body))

    def _call(self, node: Any, scope: Scope, tried: bool) -> None:
        call = Call(node, scope, tried)
        scope.calls.append(call)
        self.module.calls.append(call)
        target = node.func
        if type(target) is ast.Attribute and target.attr in _EXTENDS and type(target.value) is ast.Name:
            scope.assigns.setdefault(target.value.id, []).extend(node.args)

    def _bind(self, target: ast.AST, value: ast.expr, scope: Scope) -> None:
        kind = type(target)
        if kind is ast.Name:
            scope.assigns.setdefault(target.id, []).append(value)  # type: ignore[attr-defined]
        elif kind is ast.Tuple or kind is ast.List:
            for one in target.elts:  # type: ignore[attr-defined]
                self._bind(one, value, scope)
        elif kind is ast.Starred:
            self._bind(target.value, value, scope)  # type: ignore[attr-defined]
        elif kind is ast.Attribute:
            owner = target.value  # type: ignore[attr-defined]
            if type(owner) is ast.Name and owner.id in ("self", "cls"):
                self.module.self_attributes.setdefault(target.attr, []).append(value)  # type: ignore[attr-defined]
            else:
                self.module.attribute_assigns.append((target, value, scope))  # type: ignore[arg-type]
        elif kind is ast.Subscript:
            self.module.item_assigns.append((target, value, scope))  # type: ignore[arg-type]

    def _assign(self, node: Any, scope: Scope, tried: bool) -> None:
        for target in node.targets:
            self._bind(target, node.value, scope)

    def _bind_value(self, node: Any, scope: Scope, tried: bool) -> None:
        if node.value is not None:
            self._bind(node.target, node.value, scope)

    def _bind_iter(self, node: Any, scope: Scope, tried: bool) -> None:
        self._bind(node.target, node.iter, scope)

    def _comprehension(self, node: Any, scope: Scope, tried: bool) -> None:
        self._bind(node.target, node.iter, scope)
        scope.tests.extend(node.ifs)

    def _with(self, node: Any, scope: Scope, tried: bool) -> None:
        if node.optional_vars is not None:
            self._bind(node.optional_vars, node.context_expr, scope)

    def _import(self, node: Any, scope: Scope, tried: bool) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            full = alias.name if alias.asname else bound
            self.module.imports[bound] = full
            self.module.import_lines.setdefault(alias.name, node.lineno)
            if not alias.asname and "." in alias.name:
                self.module.imports[alias.name] = alias.name

    def _import_from(self, node: Any, scope: Scope, tried: bool) -> None:
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            glue = "" if base.endswith(".") or not base else "."
            self.module.imports[alias.asname or alias.name] = f"{base}{glue}{alias.name}"
            self.module.import_lines.setdefault(f"{base}{glue}{alias.name}", node.lineno)
            self.module.references[alias.name] += 0

    def _return(self, node: Any, scope: Scope, tried: bool) -> None:
        if node.value is not None:
            scope.returns.append(node.value)

    def _test(self, node: Any, scope: Scope, tried: bool) -> None:
        scope.tests.append(node.test)

    def _raise(self, node: Any, scope: Scope, tried: bool) -> None:
        scope.raises.append(node)

    def _dict(self, node: Any, scope: Scope, tried: bool) -> None:
        self.module.dicts.append((node, scope))


def _parameters(scope: Scope, args: ast.arguments) -> None:
    for one in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        scope.params[one.arg] = one.annotation
    for rest in (args.vararg, args.kwarg):
        if rest is not None:
            scope.params[rest.arg] = rest.annotation
    scope.defaults = [*args.defaults, *(d for d in args.kw_defaults if d is not None)]


def build_module(path: str, tree: ast.Module, cells: tuple[int, ...] = ()) -> Module:
    """Walk `tree` once and resolve the name of every call.

    Args:
        path: relative path of the file, for locations.
        tree: what `ast.parse` gave.
        cells: for a notebook, the line at which each cell starts.
    """
    module = Module(path, tree, cells)
    _Builder(module).run(tree)
    for call in module.calls:
        call.name = module.dotted(call.node.func, call.scope)
        call.last = call.name.rpartition(".")[2]
        module.by_last.setdefault(call.last, []).append(call)
        module.by_full.setdefault(call.name, []).append(call)
    return module
