"""JSON that is read strictly and edited in place: only the strings that change are rewritten.

Key order, spacing and the spelling of numbers stay as the client wrote them, because nothing but the
strings at the given pointers is touched. What two parsers could read in two ways is refused: a name
given twice in one object, `NaN`, bytes that are not UTF-8.
"""

import json
import re
from collections.abc import Mapping

__all__ = ["Json", "Malformed", "escaped", "parse", "replace", "resolve"]

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

_TOKEN = re.compile(r'[ \t\r\n]*(?:([{}\[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|([^\s{}\[\],:"]+))', re.DOTALL)
_LONG_NUMBER = 4000
"""Digits beyond which Python refuses to build an integer; no field that we read is so long."""


_TOKENS = "/logprobs"
_NOTHING = {"{": "null", "[": "[]"}
"""What stands where tokens were listed."""


class Malformed(ValueError):
    """The body is not JSON as everybody reads it; the message says why and never quotes it."""


def escaped(name: str) -> str:
    """A name as it stands in a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def parse(body: bytes, max_depth: int = 64) -> Json:
    """Read `body`.

    Raises:
        Malformed: it is not UTF-8, not JSON, deeper than `max_depth`, or ambiguous.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None
    try:
        found: Json = json.loads(
            text, object_pairs_hook=_unambiguous, parse_constant=_no_constant, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON at character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise Malformed(f"nested deeper than {max_depth}") from None
    if _deeper(found, max_depth):
        raise Malformed(f"nested deeper than {max_depth}")
    return found


def replace(body: bytes, texts: Mapping[str, str]) -> bytes:
    """`body` with the strings at the pointers in `texts` replaced, everything else byte for byte.

    Lists of tokens (`logprobs`) are emptied: they would say again what was cut.

    Raises:
        KeyError: no string stands at one of the pointers.
    """
    source = body.decode("utf-8")
    spans = _spans(source, texts)
    parts, last = [], 0
    for start, end, pointer in sorted(spans):
        if start >= last:
            parts += [
                source[last:start],
                json.dumps(texts[pointer]) if pointer in texts else _NOTHING[source[start]],
            ]
            last = end
    if missing := set(texts) - {pointer for _, _, pointer in spans}:
        raise KeyError(min(missing))
    return "".join([*parts, source[last:]]).encode("utf-8")


def resolve(document: Json, pointer: str) -> str:
    """The string at `pointer`.

    Raises:
        KeyError: there is none.
    """
    node = document
    for part in pointer.split("/")[1:]:
        if isinstance(node, dict):
            node = node.get(part.replace("~1", "/").replace("~0", "~"))
        elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
            node = node[int(part)]
        else:
            raise KeyError(pointer)
    if not isinstance(node, str):
        raise KeyError(pointer)
    return node


def _unambiguous(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a name is given twice in one object")
    return found


def _no_constant(name: str) -> Json:
    raise Malformed(f"{name} is not JSON")


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= _LONG_NUMBER else 0


def _deeper(root: Json, limit: int) -> bool:
    level, depth = [root], 0
    while level:
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        depth += 1
        if depth > limit:
            return bool(level)
    return False


class _Place:
    """Where in the document the reader stands: one open object or array."""

    __slots__ = ("index", "is_object", "key", "path", "start")

    def __init__(self, path: str, is_object: bool, start: int) -> None:
        self.path, self.is_object, self.start = path, is_object, start
        self.index, self.key = 0, ""

    def pointer(self) -> str:
        """Of the value that comes next."""
        return f"{self.path}/{escaped(self.key)}" if self.is_object else f"{self.path}/{self.index}"


def _spans(source: str, wanted: Mapping[str, str]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    places: list[_Place] = []
    is_key = False
    for match in _TOKEN.finditer(source):
        mark, string = match[1], match[2]
        if mark in ("{", "["):
            places.append(_Place(places[-1].pointer() if places else "", mark == "{", match.start(1)))
            is_key = mark == "{"
        elif mark in ("}", "]"):
            closed = places.pop()
            if closed.path.endswith(_TOKENS):
                found.append((closed.start, match.end(1), closed.path))
        elif mark == ",":
            places[-1].index += 1
            is_key = places[-1].is_object
        elif mark == ":":
            is_key = False
        elif string and is_key:
            places[-1].key = json.loads(string, strict=True)
        elif string and (pointer := places[-1].pointer() if places else "") in wanted:
            found.append((match.start(2), match.end(2), pointer))
    return found
