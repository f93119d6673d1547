"""The opcodes of pickle protocols 0 to 5: name and form of the argument."""

from enum import IntEnum

__all__ = ["FORMS", "NAMES", "PUSHES_TEXT", "Form"]


class Form(IntEnum):
    """How the argument of an opcode is written; a value of 0 to 8 is its fixed width."""

    NONE = 0
    LINE = -1
    """Up to and including a newline."""
    TWO_LINES = -2
    COUNT1 = -3
    """A length in one byte, then as many bytes."""
    COUNT4 = -4
    COUNT8 = -5


_TABLE: tuple[tuple[bytes, str, int], ...] = (
    (b"(", "MARK", 0), (b".", "STOP", 0), (b"0", "POP", 0), (b"1", "POP_MARK", 0), (b"2", "DUP", 0),
    (b"F", "FLOAT", -1), (b"I", "INT", -1), (b"J", "BININT", 4), (b"K", "BININT1", 1), (b"L", "LONG", -1),
    (b"M", "BININT2", 2), (b"N", "NONE", 0), (b"P", "PERSID", -1), (b"Q", "BINPERSID", 0),
    (b"R", "REDUCE", 0), (b"S", "STRING", -1), (b"T", "BINSTRING", -4), (b"U", "SHORT_BINSTRING", -3),
    (b"V", "UNICODE", -1), (b"X", "BINUNICODE", -4), (b"a", "APPEND", 0), (b"b", "BUILD", 0),
    (b"c", "GLOBAL", -2), (b"d", "DICT", 0), (b"}", "EMPTY_DICT", 0), (b"e", "APPENDS", 0),
    (b"g", "GET", -1), (b"h", "BINGET", 1), (b"i", "INST", -2), (b"j", "LONG_BINGET", 4), (b"l", "LIST", 0),
    (b"]", "EMPTY_LIST", 0), (b"o", "OBJ", 0), (b"p", "PUT", -1), (b"q", "BINPUT", 1),
    (b"r", "LONG_BINPUT", 4), (b"s", "SETITEM", 0), (b"t", "TUPLE", 0), (b")", "EMPTY_TUPLE", 0),
    (b"u", "SETITEMS", 0), (b"G", "BINFLOAT", 8), (b"\x80", "PROTO", 1), (b"\x81", "NEWOBJ", 0),
    (b"\x82", "EXT1", 1), (b"\x83", "EXT2", 2), (b"\x84", "EXT4", 4), (b"\x85", "TUPLE1", 0),
    (b"\x86", "TUPLE2", 0), (b"\x87", "TUPLE3", 0), (b"\x88", "NEWTRUE", 0), (b"\x89", "NEWFALSE", 0),
    (b"\x8a", "LONG1", -3), (b"\x8b", "LONG4", -4), (b"B", "BINBYTES", -4), (b"C", "SHORT_BINBYTES", -3),
    (b"\x8c", "SHORT_BINUNICODE", -3), (b"\x8d", "BINUNICODE8", -5), (b"\x8e", "BINBYTES8", -5),
    (b"\x8f", "EMPTY_SET", 0), (b"\x90", "ADDITEMS", 0), (b"\x91", "FROZENSET", 0),
    (b"\x92", "NEWOBJ_EX", 0), (b"\x93", "STACK_GLOBAL", 0), (b"\x94", "MEMOIZE", 0), (b"\x95", "FRAME", 8),
    (b"\x96", "BYTEARRAY8", -5), (b"\x97", "NEXT_BUFFER", 0), (b"\x98", "READONLY_BUFFER", 0),
)  # fmt: skip

NAMES: dict[int, str] = {code[0]: name for code, name, _ in _TABLE}
"""Opcode → its name in pickletools."""
FORMS: dict[int, int] = {code[0]: form for code, _, form in _TABLE}
"""Opcode → fixed width of its argument, or one of `Form`."""
PUSHES_TEXT = frozenset(b"VSUTX\x8c\x8d")
"""Opcodes whose argument is shown as text."""
