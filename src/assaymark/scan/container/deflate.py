"""Deflate and what wraps it: gzip and zlib, whose checksums are compared after all that they cover came out.

The standard library compares them in the same step, and gives nothing of a short stream whose checksum
is wrong; a loader that unpickles while it reads has run such a stream by then.
"""

import struct
import zlib
from collections.abc import Iterator

from assaymark.scan.container.codecs import CHUNK, ENDED_EARLY, CodecError, Feed

__all__ = ["gunzip", "inflate", "unzlib"]

WRONG = "its checksum is wrong"
_HEADER_TEXT = 1 << 16
"""Bytes of a name or comment in a gzip header."""
_EXTRA, _NAME, _COMMENT, _HEADER_CRC = 4, 8, 16, 2


class _Buffered:
    """Compressed bytes of which some may be put back."""

    def __init__(self, fed: Iterator[bytes]) -> None:
        self._fed = fed
        self._held = b""

    def some(self) -> bytes:
        """Whatever is next; empty at the end."""
        data, self._held = self._held or next(self._fed, b""), b""
        return data

    def put_back(self, data: bytes) -> None:
        self._held = data + self._held

    def take(self, count: int) -> bytes:
        """So many bytes, or fewer at the end."""
        while len(self._held) < count and (more := next(self._fed, b"")):
            self._held += more
        data, self._held = self._held[:count], self._held[count:]
        return data

    def skip_zeros(self) -> None:
        """To the next byte that is none."""
        while data := self.some():
            if rest := data.lstrip(b"\0"):
                self._held = rest
                return

    def leave(self) -> None:
        """Say how much of what was taken is not used."""
        if isinstance(self._fed, Feed):
            self._fed.unused = len(self._held)


def inflate(fed: Iterator[bytes]) -> Iterator[bytes]:
    """Raw deflate, one stream; what comes after it is left alone."""
    source = _Buffered(fed)
    yield from _raw(source)
    source.leave()


def unzlib(fed: Iterator[bytes]) -> Iterator[bytes]:
    """A zlib stream."""
    source = _Buffered(fed)
    head = source.take(2)
    if len(head) < 2 or head[0] & 0x0F != 8 or int.from_bytes(head, "big") % 31 or head[1] & 0x20:
        raise CodecError("its zlib header is broken")
    checksum = 1
    for data in _raw(source):
        checksum = zlib.adler32(data, checksum)
        yield data
    stated = source.take(4)
    source.leave()
    _compare(len(stated) == 4, stated == struct.pack(">I", checksum))


def gunzip(fed: Iterator[bytes]) -> Iterator[bytes]:
    """Gzip with all its members; zeros after the last are padding."""
    source = _Buffered(fed)
    while True:
        _gzip_header(source)
        checksum, size = 0, 0
        for data in _raw(source):
            checksum, size = zlib.crc32(data, checksum), size + len(data)
            yield data
        stated = source.take(8)
        source.skip_zeros()
        following = source.take(2)
        source.put_back(following)
        source.leave()
        _compare(len(stated) == 8, stated == struct.pack("<II", checksum, size & 0xFFFFFFFF))
        if following != b"\x1f\x8b":
            return


def _compare(whole: bool, same: bool) -> None:
    if not whole or not same:
        raise CodecError(WRONG if whole else ENDED_EARLY)


def _raw(source: _Buffered) -> Iterator[bytes]:
    machine = zlib.decompressobj(-15)
    while data := source.some():
        while data:
            if out := machine.decompress(data, CHUNK):
                yield out
            if machine.eof:
                source.put_back(machine.unused_data)
                return
            data = machine.unconsumed_tail
    while out := machine.decompress(b"", CHUNK):
        yield out
    if not machine.eof:
        raise CodecError(ENDED_EARLY)


def _gzip_header(source: _Buffered) -> None:
    head = source.take(10)
    if len(head) < 10:
        raise CodecError(ENDED_EARLY)
    if head[:3] != b"\x1f\x8b\x08":
        raise CodecError("its gzip header is broken")
    flags = head[3]
    if flags & _EXTRA:
        source.take(int.from_bytes(source.take(2), "little"))
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            text = source.take(_HEADER_TEXT)
            _, end, rest = text.partition(b"\0")
            if not end:
                raise CodecError("a name in its gzip header does not end")
            source.put_back(rest)
    if flags & _HEADER_CRC:
        source.take(2)
