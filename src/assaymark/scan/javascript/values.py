"""What an expression means within its own file: a canonical name, a constant, an origin."""

import re
from typing import TYPE_CHECKING

from assaymark.scan.facts import Origin
from assaymark.scan.javascript.libraries import library_of
from assaymark.scan.javascript.module import Binding, Call, Function, Module, text, unwrap

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Piece", "Values"]

HOPS = 8
"""How many bindings are followed from one expression."""
WIDTH = 400
"""How many nodes of an expression are looked at for its origin."""

Piece = tuple[str, str, frozenset[Origin]]
"""A part of a text: literal text, or the name of what is inserted and where that comes from."""

_REQUEST = re.compile(
    r"^(req|request|ctx|c|context|event)\.(body|query|params|param|headers?|json|text|formData|req|request|files?|"
    r"cookies|url|nextUrl|searchParams|data|message)\b|^(searchParams|formData|getQuery|readBody)\b"
)
_MODEL = re.compile(
    r"(chat\.completions\.(create|parse)|responses\.(create|parse)|messages\.(create|stream)|generateContent"
    r"|generateText|streamText|generateObject|streamObject|chatCompletion|textGeneration|sendMessage)\(\)"
)
_RETRIEVED = re.compile(
    r"(^|\.|::)(fetch|axios|got|similaritySearch\w*|invokeRetriever|retrieve\w*|getRelevantDocuments|readFile\w*"
    r"|scrape\w*|crawl\w*|search\w*|query|loadDocuments|callTool)(\.\w+)?\(\)"
)
_CONFIGURED = re.compile(
    r"^(process\.env|import\.meta\.env|Deno\.env|Bun\.env|process\.argv|config|settings|env)\b"
)
_HANDLER_NAMES = frozenset({"req", "request", "ctx", "event"})


class Values:
    """Lookups over one module, remembered so that each expression is worked out once."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.request_handlers: set[int] = set()
        """Nodes of functions that serve a request."""
        self.tool_handlers: set[int] = set()
        """Nodes of functions that a model calls."""
        self._names: dict[int, str] = {}
        self._called: dict[int, str] = {}
        self._origins: dict[tuple[int, int], frozenset[Origin]] = {}
        self._calls = {call.node.id: call for call in module.calls}
        self.clients: dict[int, str] = {}
        """Call node → client of a language model, or an empty string."""

    def lookup(self, name: str, scope: Function | None) -> tuple[Binding, ...]:
        """What `name` is bound to, innermost scope first."""
        while scope is not None:
            found = scope.bindings.get(name)
            if found:
                return tuple(found)
            if name in scope.parameters:
                return ()
            scope = scope.parent
        return ()

    def name(self, node: "Node | None", scope: Function | None, hops: int = 0) -> str:
        """Canonical dotted name: `openai::().chat.completions.create`; `` if there is none."""
        node = unwrap(node)
        if node is None or hops > HOPS:
            return ""
        known = self._names.get(node.id)
        if known is None:
            known = self._name(node, scope, hops)[:300]
            self._names[node.id] = known
        return known

    def _name(self, node: "Node", scope: Function | None, hops: int) -> str:
        parts: list[str] = []
        here: Node | None = node
        for _ in range(60):
            here = unwrap(here)
            if here is None:
                return ""
            match here.type:
                case "member_expression":
                    parts.append("." + text(here.child_by_field_name("property"), 100))
                    here = here.child_by_field_name("object")
                case "subscript_expression":
                    key = here.child_by_field_name("index")
                    parts.append("." + text(key, 60).strip("'\"`") if key is not None else ".")
                    here = here.child_by_field_name("object")
                case "call_expression":
                    parts.append("()")
                    here = here.child_by_field_name("function")
                case "new_expression":
                    parts.append("()")
                    here = here.child_by_field_name("constructor")
                case "identifier" | "this" | "super" | "import":
                    return self._head(here, parts, scope, hops)
                case _:
                    return ""
        return ""

    def _head(self, node: "Node", parts: list[str], scope: Function | None, hops: int) -> str:
        local = text(node, 100)
        rest = "".join(reversed(parts))
        if local == "this":
            field = "this" + rest.split("(")[0]
            for end in (field, ".".join(field.split(".")[:2])):
                bound = self.module.fields.get(end)
                if bound is not None:
                    return self.name(bound.value, scope, hops + 1) + ("this" + rest)[len(end) :]
            return "this" + rest
        found = self.lookup(local, scope)
        for binding in found:
            base = self.name(binding.value, scope, hops + 1)
            if base and base != local:
                return _join(base, binding.path + rest)
        imported = self.module.imports.get(local) if not found else None
        return _join(imported, rest) if imported else local + rest

    def call_name(self, call: Call) -> str:
        """Canonical name of what `call` calls, bare if another file of the project defines it.

        A function made by `promisify(exec)` counts as `exec`.
        """
        known = self._called.get(id(call))
        if known is None:
            known = self._called[id(call)] = self._call_name(call)
        return known

    def _call_name(self, call: Call) -> str:
        name = self.name(call.target, call.function)
        if name.endswith("promisify()"):
            maker = self.call_of(self.follow(call.target, call.function))
            if maker is not None and maker.arguments:
                return self.name(maker.arguments[0], maker.function)
        specifier, _, rest = name.rpartition("::")
        return rest if rest[:1].isalpha() and specifier and not library_of(specifier) else name

    def call_of(self, node: "Node | None") -> Call | None:
        """The recorded call at `node`."""
        node = unwrap(node)
        return self._calls.get(node.id) if node is not None else None

    def follow(self, node: "Node | None", scope: Function | None, hops: int = 0) -> "Node | None":
        """The expression behind an identifier, as far as one binding tells."""
        node = unwrap(node)
        if node is None or node.type != "identifier" or hops > HOPS:
            return node
        found = self.lookup(text(node, 100), scope)
        if len(found) != 1 or found[0].path:
            return node
        return self.follow(found[0].value, scope, hops + 1)

    def constant(self, node: "Node | None", scope: Function | None) -> str | None:
        """The text of a constant string or number, or None."""
        node = self.follow(node, scope)
        if node is None:
            return None
        if node.type == "string":
            return text(node, 20_000)[1:-1]
        if node.type == "template_string" and all(
            c.type != "template_substitution" for c in node.named_children
        ):
            return text(node, 20_000)[1:-1]
        if node.type in ("number", "true", "false", "null"):
            return text(node, 60)
        if node.type == "binary_expression" and node.end_byte - node.start_byte < 60:
            raw = text(node, 60)
            return raw if re.fullmatch(r"[\d_ *+.e]+", raw) else None
        return None

    def properties(self, node: "Node | None", scope: Function | None) -> "dict[str, Node]":
        """Keys and values of an object literal (also through a name); empty if it is none."""
        node = self.follow(node, scope)
        found: dict[str, Node] = {}
        if node is None or node.type != "object":
            return found
        for child in node.named_children[:200]:
            match child.type:
                case "pair":
                    value = child.child_by_field_name("value")
                    if value is not None:
                        found[text(child.child_by_field_name("key"), 100).strip("'\"`")] = value
                case "shorthand_property_identifier":
                    found[text(child, 100)] = child
                case "method_definition":
                    found[text(child.child_by_field_name("name"), 100)] = child
                case "spread_element":
                    found.setdefault("...", child)
                    found.update(self.properties(child, scope) if len(found) < 100 else {})
        return found

    def pieces(self, node: "Node | None", scope: Function | None, hops: int = 0) -> list[Piece]:
        """A text as literals (`(text, "", …)`) and insertions (`("", name, origins)`)."""
        node = unwrap(node)
        if node is None or hops > HOPS:
            return []
        match node.type:
            case "string":
                return [(text(node, 20_000)[1:-1], "", frozenset())]
            case "template_string":
                return self._template(node, scope, hops)
            case "binary_expression":
                return self._concatenation(node, scope, hops)
            case "identifier":
                found = self.lookup(text(node, 100), scope)
                if len(found) == 1 and not found[0].path and _is_text(unwrap(found[0].value)):
                    return self.pieces(found[0].value, scope, hops + 1)
            case "call_expression":
                joined = self._joined(node, scope, hops)
                if joined:
                    return joined
        return [("", text(node, 60), self.origins(node, scope))]

    def _template(self, node: "Node", scope: Function | None, hops: int) -> list[Piece]:
        found: list[Piece] = []
        for child in node.named_children:
            if child.type == "template_substitution":
                inner = child.named_children[0] if child.named_children else None
                found += self.pieces(inner, scope, hops + 1)
            else:
                found.append((text(child, 20_000), "", frozenset()))
        return found

    def _concatenation(self, node: "Node", scope: Function | None, hops: int) -> list[Piece]:
        operands: list[Node] = []
        here: Node | None = node
        while here is not None and here.type == "binary_expression" and len(operands) < WIDTH:
            right = here.child_by_field_name("right")
            operands += [right] if right is not None else []
            here = unwrap(here.child_by_field_name("left"))
        operands += [here] if here is not None else []
        return [p for operand in reversed(operands) for p in self.pieces(operand, scope, hops + 1)]

    def _joined(self, node: "Node", scope: Function | None, hops: int) -> list[Piece]:
        """The texts of an array literal that is joined."""
        target = node.child_by_field_name("function")
        inner = unwrap(target.child_by_field_name("object")) if target is not None else None
        if inner is None or inner.type != "array" or not text(target, 4_000).endswith(".join"):
            return []
        found: list[Piece] = []
        for item in inner.named_children[:100]:
            found += [*self.pieces(item, scope, hops + 1), ("\n", "", frozenset())]
        return found

    def origins(self, node: "Node | None", scope: Function | None, hops: int = 0) -> frozenset[Origin]:
        """Where the value of an expression comes from."""
        node = unwrap(node)
        if node is None or hops > HOPS:
            return frozenset()
        key = (node.id, id(scope))
        if key not in self._origins:
            self._origins[key] = frozenset({Origin.UNKNOWN})  # a cycle ends here
            self._origins[key] = self._origins_within(node, scope, hops)
        return self._origins[key]

    def _origins_within(self, node: "Node", scope: Function | None, hops: int) -> frozenset[Origin]:
        found: set[Origin] = set()
        pending, looked = [node], 0
        while pending and looked < WIDTH:
            here = pending.pop()
            looked += 1
            match here.type:
                case (
                    "string"
                    | "number"
                    | "true"
                    | "false"
                    | "null"
                    | "undefined"
                    | "regex"
                    | "string_fragment"
                ):
                    found.add(Origin.CONSTANT)
                case "identifier" | "shorthand_property_identifier":
                    found |= self._of_name(text(here, 100), scope, hops)
                case "member_expression" | "call_expression" | "subscript_expression" | "new_expression":
                    named = self._of_dotted(here, scope, hops)
                    if named:
                        found |= named
                    else:
                        pending += _operands(here)
                case "arrow_function" | "function_expression" | "property_identifier" | "comment":
                    pass
                case _:
                    pending += here.named_children
        return frozenset(found - {Origin.CONSTANT} or found) or frozenset({Origin.CONSTANT})

    def _of_dotted(self, node: "Node", scope: Function | None, hops: int) -> set[Origin]:
        name = self.name(node, scope)
        if not name:
            return set()
        if _MODEL.search(name):
            return {Origin.MODEL_OUTPUT}
        if _CONFIGURED.match(name):
            return {Origin.CONFIGURATION}
        if self._is_request(name, scope):
            return {Origin.REQUEST}
        if _RETRIEVED.search(name):
            return {Origin.RETRIEVED}
        return set()

    def _is_request(self, name: str, scope: Function | None) -> bool:
        if _REQUEST.match(name) is None:
            return False
        head = re.split(r"[.(]", name, maxsplit=1)[0]
        return head not in ("c", "context", "event", "ctx") or self.kind_of(scope) == "request"

    def kind_of(self, scope: Function | None) -> str:
        """`request` or `tool` if the code runs within such a handler, else an empty string."""
        while scope is not None and scope.node is not None:
            if scope.node.id in self.tool_handlers:
                return "tool"
            if scope.node.id in self.request_handlers:
                return "request"
            scope = scope.parent
        return ""

    def _of_name(self, name: str, scope: Function | None, hops: int) -> set[Origin]:
        here = scope
        while here is not None:
            if here.bindings.get(name):
                return self._of_bindings(tuple(here.bindings[name]), here, scope, hops)
            if name in here.parameters:
                return {self._of_parameter(name, here)}
            here = here.parent
        if name in ("undefined", "NaN", "JSON", "String", "Number", "Math", "Object", "Array"):
            return {Origin.CONSTANT}
        return {Origin.UNKNOWN}

    def _of_bindings(
        self, found: tuple[Binding, ...], home: Function, scope: Function | None, hops: int
    ) -> set[Origin]:
        origins: set[Origin] = set()
        for binding in found:
            origins |= self.origins(binding.value, scope if home is not scope else home, hops + 1)
        return origins

    def _of_parameter(self, name: str, function: Function) -> Origin:
        node = function.node
        if node is not None and node.id in self.tool_handlers:
            return Origin.TOOL_ARGUMENT
        if node is not None and node.id in self.request_handlers:
            return Origin.REQUEST
        return Origin.REQUEST if name in _HANDLER_NAMES else Origin.PARAMETER


def _join(base: str, rest: str) -> str:
    return base + rest.lstrip(".") if base.endswith("::") and not rest.startswith("()") else base + rest


def _is_text(node: "Node | None") -> bool:
    return node is not None and node.type in (
        "string",
        "template_string",
        "binary_expression",
        "call_expression",
    )


def _operands(node: "Node") -> "list[Node]":
    parts = ("object", "function", "arguments", "constructor")
    return [c for c in (node.child_by_field_name(p) for p in parts) if c is not None]
