"""Prompt text: literals that reach a model call or are named as prompts."""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, Origin, PromptText
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._origins import origin_of

__all__ = ["prompt_texts"]

_NAMED = re.compile(
    r"(prompt|system_message|instructions?|sys_msg|persona)(s|_template|_text|_base)?$", re.IGNORECASE
)
_UNTRUSTED = re.compile(
    r"(^|_)(user|question|query|input|message|content|context|documents?|docs?|text|e?mail|page|html|search|results?|"
    r"history|comment|review|ticket|feedback|description|title|transcript|body|chunks?|passages?|snippets?|url|"
    r"article|request|conversation|tool|output|observation|retrieved|source|answer|response|readme|file|code|log)(s|_|$)",
    re.IGNORECASE,
)
_OFFERED = frozenset({"tools", "tool_names", "tool_list", "available_tools", "tool_descriptions"})
"""Placeholders for what the program itself offers a model."""
_FIELD = re.compile(r"(?<!\{)\{([A-Za-z_][\w.\[\]]{0,60})(?:![rsa])?(?::[^{}]{0,20})?\}(?!\})")
_IN_CODE = re.compile(r"\b[rb]?f[rb]?([\"'])(?:(?!\1)[^\n])*$")
"""Just before a brace: an f-string that an example of code in the prompt has opened on this line."""
_OPENERS = re.compile(
    r"(<[A-Za-z_][\w-]{0,40}[^<>\n]{0,40}>|"
    r"```\w{0,12}|\"\"\"|'''|[\"'`«“]|#{3,}|-{3,}|={3,}|~{3,}|\[\w{2,30}\])[ \t]*\n?$"
)
_STATES = re.compile(
    r"(untrusted|(treat|regard|consider)[^.\n]{0,80}\bas (data|content|text|information)\b|"
    r"(do not|don't|never|ignore)[^.\n]{0,60}\b(instructions?|commands?|directives?)\b"
    r"[^.\n]{0,60}\b(in|inside|within|from|contained|embedded|between)\b|"
    r"not (as )?instructions)",
    re.IGNORECASE,
)
_SYSTEM_KEYWORDS = {
    "system": "system",
    "system_prompt": "system",
    "instructions": "system",
    "system_message": "system",
    "system_instruction": "system",
    "backstory": "system",
    "state_modifier": "system",
    "preamble": "system",
}
_ASKER = re.compile(
    r"agent|assistant|model|llm|chat|complet|generat|prompt|ask|create|stream|message|session|client|crew|"
    r"predict|invoke|respon|parse|query|run$|call|engine|program|module|template|gpt|claude|gemini",
    re.IGNORECASE,
)
"""Callees whose `system` or `instructions` go to a model; a result or a record has such fields too."""
_TEMPLATES = frozenset(
    {
        "PromptTemplate",
        "from_template",
        "ChatPromptTemplate",
        "SystemMessage",
        "HumanMessage",
        "SystemMessagePromptTemplate",
        "HumanMessagePromptTemplate",
    }
)
_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "tool": "tool",
}
_WORD = re.compile(r"[^\W\d_]{2}")
_LEAST = 20
"""Characters below which an unnamed literal is no prompt worth naming."""


class _Text:
    """A prompt put together from literals and values: its text, with `{name}` where a value goes."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.size = 0
        self.literal = 0
        self.worded = False
        self.values: list[tuple[int, str, ast.expr | None]] = []

    def add(self, literal: str) -> None:
        """Add text as written."""
        self.pieces.append(literal)
        self.size += len(literal)
        self.literal += len(literal.strip())
        self.worded = self.worded or _WORD.search(literal) is not None

    def slot(self, name: str, value: ast.expr) -> None:
        """Add a placeholder for a value."""
        self.values.append((self.size, name, value))
        self.pieces.append("{" + name + "}")
        self.size += len(name) + 2


def prompt_texts(module: Module) -> Iterable[Fact]:
    """Each prompt once, by place."""
    seen: set[int] = set()
    for name, role, node, scope in _candidates(module):
        if id(node) in seen:
            continue
        seen.add(id(node))
        fact = _fact(name, role, node, scope, module)
        if fact is not None:
            yield fact


def _candidates(module: Module) -> Iterator[tuple[str, str, ast.expr, Scope]]:
    for scope in module.scopes:
        for name, values in scope.assigns.items():
            if _NAMED.search(name) or (_asks(module) and name.lower().endswith("template")):
                role = "system" if "system" in name.lower() or "instruction" in name.lower() else "template"
                yield from ((name, role, value, scope) for value in values[:8])
    for target, value, scope in module.attribute_assigns:
        if _NAMED.search(target.attr):
            role = "system" if re.search("system|instruction", target.attr.lower()) else "template"
            yield target.attr, role, value, scope
    if not _asks(module):
        return
    for node, scope in module.dicts:
        yield from _message(node, scope, module)
    for call in module.calls:
        yield from _keywords(call)
    for call in module.ending(*sorted(_TEMPLATES)):
        first = call.arg(0, "template", "content")
        if first is not None:
            role = (
                "system"
                if call.name.rpartition(".")[0].endswith("System") or "System" in call.name
                else "template"
            )
            yield _variable(call) or call.last, role, first, call.scope
    for call in module.ending("from_messages"):
        yield from _pairs(call)


def _variable(call: Call) -> str:
    """The name that what the call makes is given: `answer` in `answer = PromptTemplate.from_template(…)`."""
    return next(
        (name for name, values in call.scope.assigns.items() if any(v is call.node for v in values)), ""
    )


def _asks(module: Module) -> bool:
    """Whether the file has to do with models at all, by its imports."""
    cached = module.notes.get("asks")
    if cached is None:
        from assaymark.scan.libraries import library_named

        wanted = ("llm-client", "agent", "mcp")
        cached = module.notes["asks"] = any(
            (library := library_named(i)) is not None and library.category in wanted
            for i in module.import_lines
            if not i.startswith(".")
        ) or module.uses("transformers", "boto3")
    return cached


def _message(node: ast.Dict, scope: Scope, module: Module) -> Iterator[tuple[str, str, ast.expr, Scope]]:
    keys = {k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)}
    role = module.text(keys.get("role"), scope)
    content = keys.get("content") or keys.get("parts")
    if role in _ROLES and content is not None:
        if isinstance(content, ast.Name) and (found := module.value_of(content, scope)):
            content = found[0]
        yield f"{role} message", _ROLES[role], content, scope


def _keywords(call: Call) -> Iterator[tuple[str, str, ast.expr, Scope]]:
    if not _ASKER.search(call.last):
        return
    for keyword in call.node.keywords:
        if keyword.arg in _SYSTEM_KEYWORDS and isinstance(
            keyword.value, ast.Constant | ast.JoinedStr | ast.BinOp
        ):
            yield keyword.arg or "", _SYSTEM_KEYWORDS[keyword.arg or ""], keyword.value, call.scope


def _pairs(call: Call) -> Iterator[tuple[str, str, ast.expr, Scope]]:
    listed = call.node.args[0] if call.node.args else None
    for pair in listed.elts if isinstance(listed, ast.List) else ():
        if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and isinstance(pair.elts[0], ast.Constant):
            role = _ROLES.get(str(pair.elts[0].value), "")
            if role:
                yield f"{role} message", role, pair.elts[1], call.scope


def _collect(node: ast.AST, into: _Text, scope: Scope, module: Module, depth: int = 0) -> None:
    """Add `node` to the text; what is not literal becomes a placeholder."""
    match node:
        case ast.Constant() if isinstance(node.value, str):
            into.add(node.value)
        case ast.JoinedStr():
            for value in node.values:
                _collect(
                    value.value if isinstance(value, ast.FormattedValue) else value,
                    into,
                    scope,
                    module,
                    depth + 1,
                )
        case ast.BinOp(op=ast.Add()) if depth < 30:
            _collect(node.left, into, scope, module, depth + 1)
            _collect(node.right, into, scope, module, depth + 1)
        case ast.Call(func=ast.Attribute(attr="format" | "strip" | "lstrip" | "dedent" as method)) if (
            depth < 30
        ):
            inner = node.args[0] if method == "dedent" and node.args else node.func.value  # type: ignore[attr-defined]
            _collect(inner, into, scope, module, depth + 1)
        case ast.expr():
            constant = module.constant(node, scope)
            if isinstance(constant, str):
                into.add(constant)
            else:
                name = _label(node)
                into.slot(name, node)


def _label(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Subscript(slice=ast.Constant()) if isinstance(node.slice.value, str):  # type: ignore[attr-defined]
            return str(node.slice.value)[:40]  # type: ignore[attr-defined]
        case ast.Subscript() | ast.Await():
            return _label(node.value)
        case ast.Call(args=[first, *_]):
            return _label(first)
        case ast.Call():
            return _label(node.func)
    return "value"


def _fact(name: str, role: str, node: ast.expr, scope: Scope, module: Module) -> PromptText | None:
    made = _Text()
    _collect(node, made, scope, module)
    text = "".join(made.pieces)
    least = 1 if _NAMED.search(name) and not made.values and " " in text.strip() else _LEAST
    if not made.worded or (made.literal < least and not _is_message(name, made.literal)):
        return None
    if not made.values and not any(c.isspace() for c in text.strip()):
        return None  # one word is an identifier, such as that of a sandbox's template
    taken = {start for start, _, _ in made.values}
    fields = [
        (m.start(), m[1].partition(".")[0], None)
        for m in _FIELD.finditer(text)
        if m.start() not in taken and not _IN_CODE.search(text[max(0, m.start() - 200) : m.start()])
    ]
    slots: list[tuple[int, str, ast.expr | None]] = sorted([*made.values, *fields], key=lambda s: s[0])
    untrusted = [(start, label) for start, label, value in slots if _untrusted(label, value, scope, module)]
    return PromptText(
        at=module.at(node),
        name=name,
        role=role,
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        length=len(text),
        placeholders=tuple(dict.fromkeys(label for _, label, _ in slots))[:40],
        untrusted=tuple(dict.fromkeys(label for _, label in untrusted))[:40],
        delimited=all(_delimited(text, start) for start, _ in untrusted) if untrusted else None,
        states_untrusted=_STATES.search(text[:200_000]) is not None,
    )


def _is_message(name: str, literal: int) -> bool:
    return name.endswith(" message") and literal >= 3


def _untrusted(label: str, value: ast.expr | None, scope: Scope, module: Module) -> bool:
    if value is not None:
        origin = origin_of(value, scope, module)
        if origin in (Origin.REQUEST, Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.RETRIEVED):
            return True
        if origin in (Origin.CONSTANT, Origin.CONFIGURATION):
            return False
    if label.lower() in _OFFERED:
        return False
    return _UNTRUSTED.search(label) is not None


def _delimited(text: str, start: int) -> bool:
    return _OPENERS.search(text[max(0, start - 120) : start]) is not None
