"""A pickle assembler. Each function gives the bytes that leave one value on the unpickler's stack."""

from __future__ import annotations

import random
import struct
from typing import Any, NamedTuple

MARK, STOP, POP, POP_MARK, DUP = b"(", b".", b"0", b"1", b"2"
REDUCE, BUILD, OBJ, NEWOBJ, NEWOBJ_EX = b"R", b"b", b"o", b"\x81", b"\x92"
STACK_GLOBAL, MEMOIZE, BINPERSID = b"\x93", b"\x94", b"Q"
APPEND, APPENDS, SETITEM, SETITEMS, ADDITEMS = b"a", b"e", b"s", b"u", b"\x90"
EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, EMPTY_SET, NONE = b"}", b"]", b")", b"\x8f", b"N"

SHORT, BIN, LONG, LINE, OLD, OLD_SHORT = "short", "bin", "long", "line", "old", "old short"
"""The ways to spell a text."""


class Raw(NamedTuple):
    """A value that is already assembled."""

    code: bytes


def proto(number: int) -> bytes:
    """Begin a stream."""
    return b"\x80" + bytes([number])


def text(value: str, how: str = BIN) -> bytes:
    """Push a text."""
    data = value.encode("utf-8", "surrogatepass")
    if how == SHORT and len(data) < 256:
        return b"\x8c" + bytes([len(data)]) + data
    if how == LONG:
        return b"\x8d" + struct.pack("<Q", len(data)) + data
    if how == LINE:
        return b"V" + value.encode("raw_unicode_escape") + b"\n"
    if how == OLD:
        return b"S" + repr(value).encode("ascii", "backslashreplace") + b"\n"
    if how == OLD_SHORT and len(data) < 256:
        return b"U" + bytes([len(data)]) + data
    return b"X" + struct.pack("<I", len(data)) + data


def escaped(value: str) -> bytes:
    """Push a text of which no letter stands in the file as itself."""
    return b"V" + "".join(f"\\u{ord(c):04x}" for c in value).encode() + b"\n"


def blob(value: bytes) -> bytes:
    """Push bytes."""
    return (b"C" + bytes([len(value)]) if len(value) < 256 else b"B" + struct.pack("<I", len(value))) + value


def integer(value: int) -> bytes:
    """Push an integer."""
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def value(thing: Any, how: str = BIN) -> bytes:
    """Push plain data, or what is assembled already."""
    match thing:
        case Raw():
            return thing.code
        case None:
            return NONE
        case True:
            return b"\x88"
        case False:
            return b"\x89"
        case int():
            return integer(thing)
        case float():
            return b"G" + struct.pack(">d", thing)
        case str():
            return text(thing, how)
        case bytes():
            return blob(thing)
        case tuple():
            return tuple_(*(value(part, how) for part in thing))
        case list():
            return EMPTY_LIST + MARK + b"".join(value(part, how) for part in thing) + APPENDS
        case dict():
            pairs = b"".join(value(key, how) + value(part, how) for key, part in thing.items())
            return EMPTY_DICT + MARK + pairs + SETITEMS
    raise TypeError(f"no opcode for {type(thing).__name__}")


def tuple_(*parts: bytes) -> bytes:
    """Push a tuple."""
    if not parts:
        return EMPTY_TUPLE
    if len(parts) <= 3:
        return b"".join(parts) + bytes([0x84 + len(parts)])
    return MARK + b"".join(parts) + b"t"


def name(dotted: str, style: str = "global", module: str | None = None) -> bytes:
    """Push what is imported; `module` says where the module's name ends if not at the last dot."""
    module = module or dotted.rpartition(".")[0]
    attribute = dotted[len(module) + 1 :]
    if style == "global":
        return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"
    how = {"stack": SHORT, "stack long": LONG, "stack line": LINE}.get(style, BIN)
    return text(module, how) + text(attribute, how) + STACK_GLOBAL


def call(callable_: bytes, *arguments: Any, style: str = "reduce", how: str = BIN) -> bytes:
    """Push the result of a call."""
    parts = [value(a, how) for a in arguments]
    if style == "obj":
        return MARK + callable_ + b"".join(parts) + OBJ
    if style == "newobj":
        return callable_ + tuple_(*parts) + NEWOBJ
    if style == "newobj_ex":
        return callable_ + tuple_(*parts) + EMPTY_DICT + NEWOBJ_EX
    return callable_ + tuple_(*parts) + REDUCE


def inst(module: str, attribute: str, *arguments: Any, how: str = LINE) -> bytes:
    """Push the result of a call as INST spells it."""
    parts = b"".join(value(a, how) for a in arguments)
    return MARK + parts + b"i" + module.encode() + b"\n" + attribute.encode() + b"\n"


def build(target: bytes, state: Any) -> bytes:
    """Push `target` after its state was set."""
    return target + value(state) + BUILD


def stream(body: bytes, number: int = 4, *, frame: bool = False) -> bytes:
    """Make a whole pickle of it."""
    body += STOP
    if number < 2:
        return body
    if frame and number >= 4:
        body = b"\x95" + struct.pack("<Q", len(body)) + body
    return proto(number) + body


BENIGN = value({"epoch": 3, "loss": [0.5, 0.25], "name": "net"})
"""A value without any import."""


def wrap(expression: bytes, rng: random.Random) -> bytes:
    """Place a value somewhere in ordinary data."""
    raw = Raw(expression)
    forms = (
        expression,
        value({"weights": [0.1, 0.2, 0.3], "extra": raw}),
        value([1.0] * 20 + [raw]),
        expression + POP + BENIGN,
        MARK + expression + POP_MARK + BENIGN,
        value((1, (2, (raw,)))),
        value({"a": {"b": {"c": raw}}}),
        BENIGN + expression + POP,
        build(call(name("types.SimpleNamespace")), {"x": raw}),
        EMPTY_DICT + expression + POP + value("k") + value(1) + SETITEM,
    )
    return rng.choice(forms)
