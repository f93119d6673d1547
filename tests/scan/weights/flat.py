"""Writes FlatBuffers by hand, after https://flatbuffers.dev/internals/: parents first, then children."""

import struct
from collections.abc import Mapping
from typing import Any

__all__ = ["Fields", "flat"]

Fields = Mapping[int, Any]
"""A table: place in the schema → scalar as (form, number), text, bytes, numbers, tables or a table."""


def flat(identifier: bytes, root: Fields) -> bytes:
    """A file of one root table."""
    out = bytearray(8)
    out[4:8] = identifier
    struct.pack_into("<I", out, 0, _table(out, root))
    return bytes(out)


def _table(out: bytearray, fields: Fields) -> int:
    count = max(fields, default=-1) + 1
    out.extend(b"\0" * (-len(out) % 8))
    vtable = len(out)
    size = 4 + 2 * count
    out.extend(b"\0" * (size + -size % 8))
    at = len(out)
    out.extend(b"\0" * (8 + 8 * count))
    struct.pack_into("<HH", out, vtable, size, 8 + 8 * count)
    struct.pack_into("<i", out, at, at - vtable)
    for place, value in fields.items():
        where = at + 8 + 8 * place
        struct.pack_into("<H", out, vtable + 4 + 2 * place, where - at)
        if isinstance(value, tuple):
            struct.pack_into("<" + value[0], out, where, value[1])
        else:
            struct.pack_into("<I", out, where, _child(out, value) - where)
    return at


def _child(out: bytearray, value: object) -> int:
    if isinstance(value, Mapping):
        return _table(out, value)
    out.extend(b"\0" * (-len(out) % 8))
    at = len(out)
    if isinstance(value, str | bytes):
        data = value.encode() if isinstance(value, str) else value
        out.extend(struct.pack("<I", len(data)) + data + (b"\0" if isinstance(value, str) else b""))
        return at
    assert isinstance(value, list)
    out.extend(struct.pack("<I", len(value)) + b"\0" * 4 * len(value))
    for n, item in enumerate(value):
        where = at + 4 + 4 * n
        number = item if isinstance(item, int) else _table(out, item) - where
        struct.pack_into("<i", out, where, number)
    return at
