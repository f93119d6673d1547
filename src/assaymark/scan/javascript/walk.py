"""The one walk over the syntax tree that fills a `Module`."""

from typing import TYPE_CHECKING

from assaymark.scan.javascript.module import (
    Attempt,
    Binding,
    Call,
    Function,
    Module,
    line_of,
    required,
    text,
    unwrap,
)

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["DEPTH", "NODES", "build"]

NODES = 400_000
"""Syntax nodes looked at in one file."""
DEPTH = 600
"""Levels of syntax looked into."""
BINDINGS = 8
"""Values remembered for one name."""
LEAVES = frozenset(
    {
        "comment",
        "import_statement",
        "interface_declaration",
        "jsx_text",
        "regex",
        "string",
        "type_alias_declaration",
        "type_annotation",
        "type_arguments",
        "type_parameters",
    }
)
"""Syntax that holds nothing to gather below it."""
FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)


def build(path: str, source: bytes, root: "Node") -> Module:
    """Walk `root` once, in the order of the text, and gather what the extractors look at."""
    top = Function("", None, None, ())
    walker = _Walker(Module(path, source, top))
    pending = [(root, 0)]
    for _ in range(NODES):
        if not pending:
            return walker.module
        node, depth = pending.pop()
        kind = node.type
        # Most nodes are identifiers: counted here, without a call.
        if kind == "identifier":
            walker.count_name(node)
            continue
        if kind in walker.wanted:
            walker.leave(depth)
            walker.enter(node, kind, depth)
        if kind in LEAVES:
            continue
        below = node.named_children
        if below and depth >= DEPTH:
            walker.module.cut = f"syntax nested deeper than {DEPTH}"
        elif below:
            depth += 1
            pending += [(child, depth) for child in reversed(below)]
    walker.module.cut = f"more than {NODES:,} syntax nodes"
    return walker.module


class _Walker:
    """State of the walk: the functions and try blocks around the current node."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.scopes: list[tuple[int, Function]] = [(-1, module.top)]
        self.tries: list[tuple[int, Function]] = []
        self.kept: list[tuple[Node, str]] = []
        self.exporting = -1
        self.handlers = {
            "import_statement": self.on_import,
            "export_statement": self.on_export,
            "variable_declarator": self.on_declarator,
            "pair": self.on_pair,
            "public_field_definition": self.on_field,
            "assignment_expression": self.on_assignment,
            "for_in_statement": self.on_loop,
            "call_expression": self.on_call,
            "new_expression": self.on_new,
            "try_statement": self.on_try,
            "jsx_attribute": self.on_attribute,
            "object": self.on_object,
            "ERROR": self.on_error,
        }
        self.wanted = FUNCTIONS | self.handlers.keys() | {"statement_block"}

    @property
    def function(self) -> Function:
        return self.scopes[-1][1]

    def leave(self, depth: int) -> None:
        while self.scopes[-1][0] >= depth:
            self.scopes.pop()
        while self.tries and self.tries[-1][0] >= depth:
            self.tries.pop()

    def count_name(self, node: "Node") -> None:
        name = (node.text or b"")[:100].decode("utf-8", "replace")
        self.module.names[name] = self.module.names.get(name, 0) + 1

    def enter(self, node: "Node", kind: str, depth: int) -> None:
        if kind in FUNCTIONS:
            self.on_function(node, depth)
        elif kind == "statement_block" and self.tries and self.tries[-1][0] == -depth:
            self.tries[-1] = (depth, self.function)
        else:
            handler = self.handlers.get(kind)
            if handler is not None:
                handler(node, depth)

    def name_for(self, node: "Node") -> str:
        """The variable, property or field that `node` is the value of."""
        while self.kept and self.kept[-1][0].end_byte < node.end_byte:
            self.kept.pop()
        if not self.kept:
            return ""
        value, name = self.kept[-1]
        inner = unwrap(value)
        return name if node in (value, inner) else ""

    def keep(self, value: "Node | None", name: str) -> None:
        if value is not None:
            while self.kept and self.kept[-1][0].end_byte < value.start_byte:
                self.kept.pop()
            self.kept.append((value, name))

    def on_function(self, node: "Node", depth: int) -> None:
        named = node.child_by_field_name("name")
        name = text(named, 100) or self.name_for(node)
        made = Function(name, node, self.function, _parameters(node), exported=self.exporting == depth - 1)
        self.function.inner.append(made)
        self.module.functions.append(made)
        self.module.by_node[node.id] = made
        if made.exported and name:
            self.module.exports[name] = line_of(node)
        self.scopes.append((depth, made))

    def on_import(self, node: "Node", depth: int) -> None:
        source = text(node.child_by_field_name("source"), 300).strip("'\"`")
        self.module.import_lines.setdefault(source, line_of(node))
        for clause in node.named_children:
            if clause.type == "import_clause":
                for part in clause.named_children:
                    self.import_part(part, source)

    def import_part(self, part: "Node", source: str) -> None:
        if part.type == "identifier":
            self.module.imports[text(part, 100)] = f"{source}::"
        elif part.type == "namespace_import":
            self.module.imports[text(part.named_children[0], 100)] = f"{source}::"
        elif part.type == "named_imports":
            for item in part.named_children:
                name = text(item.child_by_field_name("name"), 100)
                local = text(item.child_by_field_name("alias"), 100) or name
                self.module.imports[local] = f"{source}::{'' if name == 'default' else name}"

    def on_export(self, node: "Node", depth: int) -> None:
        self.exporting = depth
        declared = node.child_by_field_name("declaration")
        if declared is not None and declared.type in ("lexical_declaration", "variable_declaration"):
            self.exporting = depth + 2  # export → declaration → declarator → value
            for item in declared.named_children:
                name = item.child_by_field_name("name")
                if name is not None and name.type == "identifier":
                    self.module.exports[text(name, 100)] = line_of(item)
        for item in node.named_children:
            if item.type == "export_clause":
                for one in item.named_children:
                    self.module.exports[text(one.child_by_field_name("name"), 100)] = line_of(one)
        if any(c.type == "default" for c in node.children):
            self.module.exports["default"] = line_of(node)

    def on_declarator(self, node: "Node", depth: int) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return
        self.keep(value, text(name, 100) if name.type == "identifier" else "")
        source = required(value)
        if source:
            self.module.import_lines.setdefault(source, line_of(node))
        for local, path in _bound_names(name):
            if source:
                self.module.imports[local] = f"{source}::{path.lstrip('.')}"
            else:
                self.bind(local, value, path)

    def bind(self, name: str, value: "Node", path: str = "") -> None:
        known = self.function.bindings.setdefault(name, [])
        if len(known) < BINDINGS:
            known.append(Binding(value, path))

    def on_pair(self, node: "Node", depth: int) -> None:
        self.keep(node.child_by_field_name("value"), text(node.child_by_field_name("key"), 100).strip("'\"`"))

    def on_field(self, node: "Node", depth: int) -> None:
        name, value = text(node.child_by_field_name("name"), 100), node.child_by_field_name("value")
        self.keep(value, name)
        if value is not None:
            self.module.fields.setdefault(f"this.{name}", Binding(value))

    def on_assignment(self, node: "Node", depth: int) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        target = text(left, 100)
        self.keep(right, target.rpartition(".")[2])
        self.module.assignments.append((left, right, self.function))
        if target.startswith("this."):
            self.module.fields.setdefault(target, Binding(right))
        elif left.type == "identifier":
            self.bind_outward(target, right)

    def bind_outward(self, name: str, value: "Node") -> None:
        """Bind where the name was declared, so that `let x; … x = …` inside a block is seen."""
        here: Function | None = self.function
        while here is not None and name not in here.bindings:
            here = here.parent
        known = (here or self.function).bindings.setdefault(name, [])
        if len(known) < BINDINGS:
            known.append(Binding(value))

    def on_loop(self, node: "Node", depth: int) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            for local, path in _bound_names(left):
                self.bind(local, right, f"[]{path}")

    def on_call(self, node: "Node", depth: int) -> None:
        arguments = node.child_by_field_name("arguments")
        target = node.child_by_field_name("function")
        if arguments is None or target is None:
            return
        tagged = arguments.type == "template_string"
        given = (arguments,) if tagged else _given(arguments)
        self.add_call(Call(node, self.function, target, given, tagged=tagged))

    def on_new(self, node: "Node", depth: int) -> None:
        target, arguments = node.child_by_field_name("constructor"), node.child_by_field_name("arguments")
        if target is not None:
            given = _given(arguments) if arguments is not None else ()
            self.add_call(Call(node, self.function, target, given, new=True))

    def add_call(self, call: Call) -> None:
        call.attempted = bool(self.tries) and self.tries[-1][0] > 0 and self.tries[-1][1] is self.function
        call.name = self.name_for(call.node)
        self.module.calls.append(call)
        self.function.calls.append(call)

    def on_try(self, node: "Node", depth: int) -> None:
        self.module.attempts.append(Attempt(node, self.function))
        if node.child_by_field_name("handler") is not None:
            self.tries.append(
                (-(depth + 1), self.function)
            )  # armed: the next block at this depth is its body

    def on_attribute(self, node: "Node", depth: int) -> None:
        self.module.attributes.append((node, self.function))

    def on_object(self, node: "Node", depth: int) -> None:
        self.module.objects.append((node, self.function, self.name_for(node)))

    def on_error(self, node: "Node", depth: int) -> None:
        self.module.errors += node.end_byte - node.start_byte


def _given(arguments: "Node") -> "tuple[Node, ...]":
    return tuple(a for a in arguments.named_children if a.type != "comment")


def _parameters(node: "Node") -> tuple[str, ...]:
    single = node.child_by_field_name("parameter")
    if single is not None:
        return (text(single, 100),)
    listed = node.child_by_field_name("parameters")
    names: list[str] = []
    for parameter in listed.named_children if listed is not None else ():
        pattern = parameter.child_by_field_name("pattern") or parameter
        names += [name for name, _ in _bound_names(pattern)]
    return tuple(names[:40])


def _bound_names(pattern: "Node") -> list[tuple[str, str]]:
    """Names that a pattern binds, each with the property path it takes."""
    found: list[tuple[str, str]] = []
    pending: list[tuple[Node, str]] = [(pattern, "")]
    while pending and len(found) < 60:
        node, path = pending.pop()
        match node.type:
            case "identifier":
                found.append((text(node, 100), path))
            case "shorthand_property_identifier_pattern":
                found.append((text(node, 100), f"{path}.{text(node, 100)}"))
            case "pair_pattern":
                value = node.child_by_field_name("value")
                if value is not None:
                    pending.append((value, f"{path}.{text(node.child_by_field_name('key'), 100)}"))
            case "object_assignment_pattern" | "assignment_pattern":
                left = node.child_by_field_name("left")
                if left is not None:
                    pending.append((left, path))
            case "object_pattern" | "array_pattern" | "rest_pattern":
                pending += [(c, path) for c in reversed(node.named_children)]
            case "lexical_declaration" | "variable_declaration":
                pending += [(c, path) for c in reversed(node.named_children)]
    return found
