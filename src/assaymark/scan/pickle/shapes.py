"""A small language for what arguments look like: ``(str, int?, [any*]) | ()``.

`( )` a tuple, `[ ]` a list, `{'a': x, k: v*}` a dict, `x*` any number of x, `x?` maybe one, `x|y` either,
`'text'` and numbers stand for themselves, `=a.b` is the imported name a.b, `@a.b` the result of calling a.b,
`<group>` a named shape, and a word is one of `_WORDS`. The text is ours; values are the machine's, and may
be hostile.
"""

import functools
import re
from collections.abc import Callable

from assaymark.scan.pickle.texts import is_formula, is_template
from assaymark.scan.pickle.values import Box, Imported, Made, Opaque, Persistent, Value, kind_of, walk

__all__ = ["Shape", "made_by", "shape"]

Shape = Callable[[Value], bool]
"""Whether a value looks like that."""

_TOKEN = re.compile(r"\s*(?:('[^']*')|(-?\d+)|([=@][\w.]+)|(<[\w-]+>)|([\w-]+)|(\S))")
_DTYPE = re.compile(
    r"[<>=|]?[A-Za-z?]\d{0,9}(?:\[\w{1,8}\])?\Z|(?:u?int|float|complex|bool|object|str|bytes)\d{0,3}\Z"
)
_FILE = re.compile(r"(?!\.)[^/\\:\0\n]{1,255}\Z")
"""A name in the same folder, not a path."""
_LITERALS = frozenset({"none", "bool", "int", "float", "str", "bytes", "bytearray"})
_BYTES_MAKERS = frozenset({"_codecs.encode", "builtins.bytes", "builtins.bytearray"})


def made_by(value: Value) -> str:
    """The full name of the function whose call gave the value, or empty."""
    if isinstance(value, Made) and isinstance(value.function, Imported):
        return value.function.full
    return ""


def _is(*kinds: str) -> Shape:
    wanted = frozenset(kinds)
    return lambda value: kind_of(value) in wanted


def _bytes(value: Value) -> bool:
    return kind_of(value) in ("bytes", "bytearray", "str", "buffer") or made_by(value) in _BYTES_MAKERS


def _octets(value: Value) -> bool:
    return (
        not isinstance(value, str)
        and _bytes(value)
        and not (isinstance(value, Opaque) and value.kind == "str")
    )


def _plain(value: Value) -> bool:
    """Literals, and containers of them at any depth."""
    for part in walk(value):
        if isinstance(part, Box):
            if not part.kinds <= _LITERALS | {"tuple", "list", "dict", "set", "frozenset"}:
                return False
        elif isinstance(part, Made) and made_by(part) in _BYTES_MAKERS:
            continue
        elif not isinstance(part, Opaque) and kind_of(part) not in _LITERALS:
            return False
    return True


def _data(value: Value) -> bool:
    """Anything that the stream made: no function, no class, no computed thing at any depth."""
    return not any(kind_of(part) in ("imported", "computed", "persistent") for part in walk(value))


def _standing(kind: str) -> Shape:
    def matches(value: Value) -> bool:
        from assaymark.scan.pickle.names import safe_named

        if not isinstance(value, Imported):
            return False
        known = safe_named(value.full)
        return known is not None and (kind == "reference" or known.kind == kind)

    return matches


def _identifier(value: Value) -> bool:
    return isinstance(value, str) and value.isidentifier() and not value.startswith("_")


def _attribute(value: Value) -> bool:
    return isinstance(value, str) and value.isidentifier() and not value.startswith("__")


def _made_safely(value: Value) -> bool:
    return isinstance(value, Made) and value.standing in ("safe", "foreign")


def _code(value: Value) -> bool:
    return isinstance(value, Made) and value.standing == "code"


_WORDS: dict[str, Shape] = {
    "any": lambda value: True,
    "none": _is("none"), "bool": _is("bool"), "int": _is("int", "bool"), "str": _is("str"),
    "num": _is("int", "bool", "float"), "bytes": _bytes, "octets": _octets,
    "dict": _is("dict"), "list": _is("list"),
    "tuple": _is("tuple"), "set": _is("set", "frozenset"),
    "scalar": _is("none", "bool", "int", "float", "str", "bytes"),
    "plain": _plain, "data": _data, "class": _standing("class"), "function": _standing("function"),
    "reference": _standing("reference"), "identifier": _identifier, "attribute": _attribute,
        "template": is_template, "formula": is_formula, "made": _made_safely, "code": _code,
    "persistent": lambda value: isinstance(value, Persistent),
    "dtype-code": lambda value: isinstance(value, str) and _DTYPE.match(value) is not None,
    "file-name": lambda value: isinstance(value, str) and _FILE.match(value) is not None,
    "true": lambda value: value is True or value == 1, "false": lambda value: value is False or value == 0,
}  # fmt: skip


@functools.cache
def shape(text: str) -> Shape:
    """The shape that `text` describes; raises ValueError if it is not written in the language."""
    parser = _Parser(text)
    parsed = parser.either()
    if parser.peek():
        raise ValueError(f"{text!r}: unexpected {parser.peek()!r}")
    return parsed


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [found.group().strip() for found in _TOKEN.finditer(text.strip())]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def expect(self, word: str) -> None:
        if self.next() != word:
            raise ValueError(f"{self.text!r}: {word!r} is missing")

    def either(self) -> Shape:
        options = [self.one()]
        while self.peek() == "|":
            self.next()
            options.append(self.one())
        if len(options) == 1:
            return options[0]
        return lambda value: any(option(value) for option in options)

    def one(self) -> Shape:
        word = self.next()
        if word == "(":
            return self._sequence("tuple", ")")
        if word == "[":
            return self._sequence("list", "]")
        if word == "{":
            return self._mapping()
        return self._atom(word)

    def _atom(self, word: str) -> Shape:
        name = word[1:]
        if word.startswith("'"):
            text = word.strip("'")
            return lambda value: isinstance(value, str) and value == text
        if word.startswith("="):
            return lambda value: isinstance(value, Imported) and value.full == name
        if word.startswith("@"):
            return lambda value: made_by(value) == name
        if word.lstrip("-").isdigit():
            number = int(word)
            return lambda value: isinstance(value, int) and value == number
        if word.startswith("<"):
            from assaymark.scan.pickle.names import group

            return group(word.strip("<>"))
        if word not in _WORDS:
            raise ValueError(f"{self.text!r}: {word!r} is no word of the language")
        return _WORDS[word]

    def _sequence(self, kind: str, end: str) -> Shape:
        parts: list[tuple[Shape, str]] = []
        while self.peek() != end:
            part = self.either()
            count = self.next() if self.peek() in ("*", "?") else ""
            parts.append((part, count))
            if self.peek() != end:
                self.expect(",")
        self.expect(end)
        return lambda value: _is_sequence(value, kind, parts)

    def _mapping(self) -> Shape:
        named: dict[str, Shape] = {}
        while self.peek().startswith("'"):
            name = self.next().strip("'")
            self.expect(":")
            named[name] = self.either()
            self.expect(",")
        key = self.either()
        self.expect(":")
        part = self.either()
        self.expect("*")
        self.expect("}")
        return lambda value: _is_mapping(value, key, part, named)


def _is_mapping(value: Value, key: Shape, part: Shape, named: dict[str, Shape]) -> bool:
    """Every key and value matches; those under a name of their own, that one's shape."""
    if not isinstance(value, Box) or value.kind != "dict":
        return isinstance(value, Opaque) and value.kind == "dict" and not named
    if not value.whole and (named or not value.kinds <= _LITERALS):
        return False
    items = value.items
    if value.kinds:
        return all(map(key, items[::2]))
    return all(
        key(k) and named.get(k if isinstance(k, str) else "", part)(v)
        for k, v in zip(items[::2], items[1::2], strict=False)
    )


def _is_sequence(value: Value, kind: str, parts: list[tuple[Shape, str]]) -> bool:
    """Each item matches the part in its place; a repeated part takes as many as it can."""
    if not isinstance(value, Box) or value.kind != kind:
        return isinstance(value, Opaque) and value.kind == kind and len(parts) == 1 and parts[0][1] == "*"
    if not value.whole and not (parts and parts[-1][1] == "*"):
        return False
    items = value.items
    at = 0
    for part, count in parts:
        if count == "*":
            while at < len(items) and part(items[at]):
                at += 1
        elif at < len(items) and part(items[at]):
            at += 1
        elif count != "?":
            return False
    return at == len(items)
