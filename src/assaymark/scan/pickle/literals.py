"""Opcodes that push literals, and those of the memo and the stack itself."""

import re
import struct
from collections.abc import Callable

from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.skim import skim_scalars, skim_texts, text_of
from assaymark.scan.pickle.stream import LINE, BrokenError
from assaymark.scan.pickle.values import Box, Computed, Opaque, Run

__all__ = ["HANDLERS", "unescaped"]

KEPT = 4096
"""Bytes of a text or bytes literal that are kept whole."""
HEAD = 256
"""First bytes kept of a longer one."""
_INTEGER = re.compile(rb"[-+]?(?:0|[1-9][0-9]*)L?\Z")
_FLOAT = re.compile(rb"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?\Z")
_ODD_NUMBER = re.compile(rb"[\sa-zA-Z0-9_.+-]+\Z")
"""What C's number parsers may take beyond the usual: octal, hexadecimal, underscores, inf, nan."""
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(x)|([\n\\'\"abfnrtv]))")
_MEANT = (b"", b"\\", b"'", b'"', b"\a", b"\b", b"\f", b"\n", b"\r", b"\t", b"\v")
_ESCAPES = dict(zip(b"\n\\'\"abfnrtv", _MEANT, strict=True))
_KEY = re.compile(rb"\s{0,99}\+?[0-9]{1,18}\s{0,99}\Z")


def _none(m: Machine) -> None:
    if not skim_scalars(m):
        m.stack.append(None)


def _true(m: Machine) -> None:
    if not skim_scalars(m):
        m.stack.append(True)


def _false(m: Machine) -> None:
    if not skim_scalars(m):
        m.stack.append(False)


def _binfloat(m: Machine) -> None:
    if not skim_scalars(m):
        m.stack.append(struct.unpack(">d", m.stream.take(8))[0])


def _binint1(m: Machine) -> None:
    if not skim_scalars(m):
        m.stack.append(m.stream.take(1)[0])


def _binint2(m: Machine) -> None:
    if not skim_scalars(m):
        m.stack.append(m.stream.number(2))


def _binint4(m: Machine) -> None:
    if not skim_scalars(m):
        m.stack.append(int.from_bytes(m.stream.take(4), "little", signed=True))


def _int(m: Machine) -> None:
    line = m.stream.line()
    if line in (b"00", b"01"):
        m.push(line == b"01")
    else:
        m.push(_number(line))


def _long(m: Machine) -> None:
    m.push(_number(m.stream.line()))


def _number(line: bytes) -> int | Opaque:
    if len(line) < 400 and _INTEGER.match(line):
        return int(line.removesuffix(b"L"))
    if not _ODD_NUMBER.match(line):
        raise BrokenError("a number is not one")
    return Opaque("int", len(line))


def _float(m: Machine) -> None:
    line = m.stream.line()
    if len(line) < 400 and _FLOAT.match(line):
        m.push(float(line))
        return
    if not _ODD_NUMBER.match(line):
        raise BrokenError("a number is not one")
    m.push(Opaque("float", len(line)))


def _long1(m: Machine) -> None:
    m.push(int.from_bytes(m.stream.take(m.stream.number(1)), "little", signed=True))


def _long4(m: Machine) -> None:
    length = m.stream.number(4)
    if length >= 1 << 31:
        raise BrokenError("a length is negative")
    if length > 512:
        m.stream.skip(length)
        m.push(Opaque("int", length))
    else:
        m.push(int.from_bytes(m.stream.take(length), "little", signed=True))


def _counted(width: int, kind: str, signed: bool = False) -> Callable[[Machine], None]:
    """The handler of text or bytes with a length of `width` bytes in front."""
    limit = 1 << (8 * width - 1) if signed or width == 8 else 1 << (8 * width)

    def handle(m: Machine) -> None:
        stream = m.stream
        length = stream.number(width)
        if length >= limit:
            raise BrokenError("a length is out of range")
        if kind == "str":
            m.text_at = m.at
        if length > KEPT or kind == "bytearray":
            if length > stream.left:
                raise BrokenError("it ends in the middle of an opcode")
            start = stream.offset
            head = stream.take(min(length, HEAD))
            stream.skip(length - len(head))
            m.stack.append(Opaque("str" if kind == "latin" else kind, length, start, head))
            return
        data = stream.take(length)
        if kind == "str":
            m.stack.append(_decoded(data))
        elif kind == "bytes":
            m.stack.append(data)
        else:
            m.stack.append(data.decode("latin-1"))

    return handle


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as wrong:
        raise BrokenError("text is not UTF-8") from wrong


_plain_text = _counted(1, "str")


def _short_text(m: Machine) -> None:
    if len(m.stack) - m.fence < 64 or not skim_texts(m):
        _plain_text(m)


def _string(m: Machine) -> None:
    line = m.stream.line()
    if len(line) < 2 or line[0] != line[-1] or line[:1] not in (b"'", b'"'):
        if len(line) >= LINE:
            m.push(Opaque("str", len(line), m.at + 1, line[:HEAD]))
            return
        raise BrokenError("a STRING is not quoted")
    m.text_at = m.at
    m.push(unescaped(line[1:-1]).decode("latin-1"))


def unescaped(data: bytes) -> bytes:
    """What the escapes of a Python 2 string literal stand for."""

    def one(found: re.Match[bytes]) -> bytes:
        octal, digits, broken, char = found.groups()
        if broken:
            raise BrokenError("an escape sequence is broken")
        if octal:
            return bytes([int(octal, 8) & 0xFF])
        return bytes([int(digits, 16)]) if digits else _ESCAPES[char[0]]

    return _ESCAPE.sub(one, data) if b"\\" in data else data


def _unicode(m: Machine) -> None:
    line = m.stream.line()
    m.text_at = m.at
    if len(line) >= LINE:
        m.push(Opaque("str", len(line), m.at + 1, line[:HEAD]))
        return
    try:
        m.push(line.decode("raw_unicode_escape"))
    except UnicodeDecodeError as wrong:
        raise BrokenError("an escape sequence is broken") from wrong


def _put(m: Machine, key: int) -> None:
    stack = m.stack
    value = stack[-1] if len(stack) > m.fence else None
    if value is None or type(value) is Run:
        value = m.top()
    if type(value) is str and m.memo.used > 100_000 and key == m.memo.used and m.recent[-2] == m.text_at:
        m.memo.memoize_text(m.text_at)
    else:
        m.memo.put(key, value)


def _memoize(m: Machine) -> None:
    _put(m, m.memo.used)


def _line_put(m: Machine) -> None:
    m.top()
    _put(m, _key(m.stream.line()))


def _binput(m: Machine) -> None:
    _put(m, m.stream.number(1))


def _long_binput(m: Machine) -> None:
    _put(m, m.stream.number(4))


def _get(m: Machine, key: int) -> None:
    value = m.memo.get(key, m.at)
    if type(value) is tuple:
        value = text_of(m.stream.blob, value[0])
    m.stack.append(value)


def _line_get(m: Machine) -> None:
    _get(m, _key(m.stream.line()))


def _binget(m: Machine) -> None:
    _get(m, m.stream.number(1))


def _long_binget(m: Machine) -> None:
    _get(m, m.stream.number(4))


def _key(line: bytes) -> int:
    if not _KEY.match(line):
        raise BrokenError("a memo key is no number")
    return int(line)


def _mark(m: Machine) -> None:
    m.fence = len(m.stack)
    m.marks.append(m.fence)


def _pop(m: Machine) -> None:
    if m.marks and m.marks[-1] == len(m.stack):
        m.pop_mark()
    else:
        m.pop()


def _pop_to_mark(m: Machine) -> None:
    m.pop_mark()


def _dup(m: Machine) -> None:
    m.push(m.top())


def _proto(m: Machine) -> None:
    m.protocol = m.stream.number(1)
    if m.protocol > 5:
        raise BrokenError(f"protocol {m.protocol} does not exist")
    m.highest = max(m.highest, m.protocol)


def _frame(m: Machine) -> None:
    m.stream.skip(8)  # CPython's C unpickler wants the whole frame to be there; its Python twin does not care


def _next_buffer(m: Machine) -> None:
    m.push(Opaque("buffer", -1))


def _readonly_buffer(m: Machine) -> None:
    value = m.top()
    if isinstance(value, Box | str | int | float | None):
        raise BrokenError("READONLY_BUFFER on what is no buffer")
    if isinstance(value, Computed):
        return


HANDLERS: dict[int, Callable[[Machine], None]] = {
    ord("N"): _none, 0x88: _true, 0x89: _false, ord("G"): _binfloat, ord("K"): _binint1, ord("M"): _binint2,
    ord("J"): _binint4, ord("I"): _int, ord("L"): _long, ord("F"): _float, 0x8A: _long1, 0x8B: _long4,
    0x8C: _short_text, ord("X"): _counted(4, "str"), 0x8D: _counted(8, "str"),
    ord("C"): _counted(1, "bytes"), ord("B"): _counted(4, "bytes"), 0x8E: _counted(8, "bytes"),
    0x96: _counted(8, "bytearray"), ord("U"): _counted(1, "latin"),
    ord("T"): _counted(4, "latin", signed=True),
    ord("S"): _string, ord("V"): _unicode, ord("p"): _line_put, ord("q"): _binput, ord("r"): _long_binput,
    0x94: _memoize, ord("g"): _line_get, ord("h"): _binget, ord("j"): _long_binget, ord("("): _mark,
    ord("0"): _pop, ord("1"): _pop_to_mark, ord("2"): _dup, 0x80: _proto, 0x95: _frame, 0x97: _next_buffer,
    0x98: _readonly_buffer,
}  # fmt: skip
