"""Bytes of a pipe → lines of bounded length."""

import asyncio
from collections.abc import AsyncIterator

__all__ = ["lines"]

_CHUNK = 65_536


async def lines(reader: asyncio.StreamReader, limit: int) -> AsyncIterator[tuple[bytes, bool]]:
    """Each line with its end as it came, and whether it is whole.

    Of a line longer than `limit` only the beginning comes; a last line without an end is not whole either.
    """
    buffer, skipping = bytearray(), False
    while data := await reader.read(_CHUNK):
        searched = len(buffer)
        buffer += data
        while (end := buffer.find(b"\n", searched)) >= 0:
            line = bytes(buffer[: end + 1])
            del buffer[: end + 1]
            searched = 0
            if not skipping:
                yield line, len(line) <= limit
            skipping = False
        if len(buffer) > limit:
            if not skipping:
                yield bytes(buffer[:limit]), False
            skipping = True
            buffer.clear()
    if buffer and not skipping:
        yield bytes(buffer), False
