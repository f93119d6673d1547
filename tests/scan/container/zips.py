"""Zips written byte by byte, so that headers may contradict each other."""

import struct
import zlib
from dataclasses import dataclass


@dataclass
class Item:
    """One member; what is None in the local header is as in the directory."""

    name: bytes
    data: bytes = b""
    method: int = 0
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    local_name: bytes | None = None
    local_crc: int | None = None
    local_size: int | None = None
    local_method: int | None = None
    local_flags: int | None = None
    listed: bool = True
    mode: int = 0
    extra: bytes = b""
    behind: bytes = b""
    """Bytes that follow the data and belong to nothing."""
    offset: int | None = None
    """Stated in the directory."""


def pack(data: bytes) -> bytes:
    """Raw deflate."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush()


def zipped(
    *items: Item, prefix: bytes = b"", comment: bytes = b"", count: int | None = None, shift: int = 0
) -> bytes:
    """An archive of these members.

    Args:
        items: the members.
        prefix: bytes before the first.
        comment: of the archive.
        count: of members as the end record says.
        shift: added to all stated offsets.
    """
    out, directory = bytearray(prefix), bytearray()
    for item in items:
        packed = pack(item.data) if item.method == 8 else item.data
        crc = zlib.crc32(item.data) if item.crc is None else item.crc
        size = len(item.data) if item.size is None else item.size
        name = item.name if item.local_name is None else item.local_name
        offset = len(out) + shift if item.offset is None else item.offset
        out += struct.pack(
            "<4s5H3I2H", b"PK\3\4", 20,
            item.flags if item.local_flags is None else item.local_flags,
            item.method if item.local_method is None else item.local_method, 0, 0,
            crc if item.local_crc is None else item.local_crc, len(packed),
            size if item.local_size is None else item.local_size, len(name), 0,
        ) + name + packed + item.behind  # fmt: skip
        if item.listed:
            directory += struct.pack(
                "<4s6H3I5H2I", b"PK\1\2", 3 << 8 | 20, 20, item.flags, item.method, 0, 0, crc, len(packed),
                size, len(item.name), len(item.extra), 0, 0, 0, item.mode << 16, offset,
            ) + item.name + item.extra  # fmt: skip
    listed = sum(i.listed for i in items) if count is None else count
    end = struct.pack(
        "<4s4H2IH",
        b"PK\5\6",
        0,
        0,
        listed & 0xFFFF,
        listed & 0xFFFF,
        len(directory),
        len(out) + shift,
        len(comment),
    )
    return bytes(out) + bytes(directory) + end + comment
