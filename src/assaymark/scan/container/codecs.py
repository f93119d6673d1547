"""Decompressors as generators of bounded chunks: compressed bytes in, at most `CHUNK` bytes a step out."""

import bz2
import itertools
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Protocol, cast

from assaymark.scan.blob import Blob

__all__ = [
    "CHUNK",
    "CODEC_ERRORS",
    "ENDED_EARLY",
    "MEMORY_LIMIT",
    "Codec",
    "CodecError",
    "Feed",
    "bunzip2",
    "copy",
    "lzma1",
    "unlz4",
    "unlzma",
    "unlzma_branched",
    "unlzma_raw",
    "unxz",
    "unzstd",
]

CHUNK = 1 << 18
"""Bytes that one step puts out at most."""
FEED = 1 << 16
"""Compressed bytes read at once."""
DICTIONARY = 128 << 20
"""Bytes of memory that a decompressor may ask for."""
ENDED_EARLY = "its data ends early"
MEMORY_LIMIT = f"decompressing it needs more than {DICTIONARY >> 20} MiB of memory"


class CodecError(ValueError):
    """The compressed data is broken, or asks for more than it may have."""


CODEC_ERRORS = (
    CodecError,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
)


class Feed:
    """The bytes of a part of a blob, piece by piece, and how many of them were used."""

    def __init__(self, blob: Blob, offset: int = 0, length: int | None = None) -> None:
        self._blob = blob
        self._offset = offset
        self._left = length
        self.taken = 0
        self.unused = 0
        """Bytes of those taken that lie behind the end of the compressed data."""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        wanted = FEED if self._left is None else min(FEED, self._left - self.taken)
        data = self._blob.read(self._offset + self.taken, wanted) if wanted > 0 else b""
        if not data:
            raise StopIteration
        self.taken += len(data)
        return data


Codec = Callable[[Iterator[bytes]], Iterator[bytes]]
Fed = Iterator[bytes]
"""Compressed bytes, piece by piece; a `Feed`, unless another codec comes first."""


class _Machine(Protocol):
    """The interface that the standard library's decompressors and lz4's share."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _leave(fed: Fed, unused: bytes | None) -> None:
    if isinstance(fed, Feed):
        fed.unused = len(unused or b"")


def copy(fed: Fed) -> Iterator[bytes]:
    """No compression."""
    yield from fed


def _run(fed: Fed, make: Callable[[], _Machine], *, again: bytes = b"") -> Iterator[bytes]:
    """Feed a machine; begin a new one where another stream starts with `again`."""
    machine, streams, begun = make(), 0, False
    for data in fed:
        while True:
            out = machine.decompress(data, CHUNK)
            begun = begun or bool(data)
            if out:
                yield out
            data = b""
            if machine.eof:
                streams += 1
                rest = (machine.unused_data or b"").lstrip(b"\0")
                if not again or (rest and not rest.startswith(again[: len(rest)])):
                    _leave(fed, rest)
                    return
                machine, data, begun = make(), rest, False
                if not rest:
                    break
            elif machine.needs_input:
                break
    if begun or not streams:
        raise CodecError(ENDED_EARLY)


def bunzip2(fed: Fed) -> Iterator[bytes]:
    """Bzip2 with all its streams."""
    yield from _run(fed, bz2.BZ2Decompressor, again=b"BZh")


def unxz(fed: Fed) -> Iterator[bytes]:
    """Xz with all its streams, within the bound on memory."""
    yield from _memory(
        _run(fed, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DICTIONARY), again=b"\xfd7zXZ\0")
    )


def unlzma(fed: Fed) -> Iterator[bytes]:
    """The old ``.lzma`` format, within the bound on memory."""
    yield from _memory(_run(fed, lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=DICTIONARY)))


def _memory(out: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from out
    except lzma.LZMAError as problem:
        raise CodecError(MEMORY_LIMIT if "emory" in str(problem) else str(problem)) from problem


def lzma1(properties: bytes) -> dict[str, int]:
    """The filter that the five bytes of LZMA properties describe."""
    first, size = properties[0], int.from_bytes(properties[1:5], "little")
    if first >= 9 * 5 * 5:
        raise CodecError("its LZMA properties are broken")
    rest, lc = divmod(first, 9)
    return {
        "id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096), "lc": lc, "lp": rest % 5, "pb": rest // 5
    }  # fmt: skip


def unlzma_raw(fed: Fed, filters: list[dict[str, int]]) -> Iterator[bytes]:
    """LZMA and its filters as 7z and zip write them, without a header; it may lack an end mark."""
    if any(f.get("dict_size", 0) > DICTIONARY for f in filters):
        raise CodecError(MEMORY_LIMIT)
    machine = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
    for data in fed:
        while not machine.eof:
            if out := machine.decompress(data, CHUNK):
                yield out
            data = b""
            if machine.needs_input:
                break
        if machine.eof:
            _leave(fed, machine.unused_data)
            return
    while not machine.eof and (out := machine.decompress(b"", CHUNK)):
        yield out


def unlzma_branched(fed: Fed, filters: list[dict[str, int]]) -> Iterator[bytes]:
    """LZMA behind a branch filter, which keeps the last bytes back where no end mark tells it to stop.

    A branch filter leaves those bytes as they are, so that they are taken from the stream without it.
    """
    if any(f.get("dict_size", 0) > DICTIONARY for f in filters):
        raise CodecError(MEMORY_LIMIT)
    plain = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters[-1:])
    whole = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
    tail, unpacked, put = b"", 0, 0
    for data in fed:
        while not plain.eof:
            out, filtered = plain.decompress(data, CHUNK), whole.decompress(data, CHUNK)
            tail, unpacked, put = (tail + out)[-64:], unpacked + len(out), put + len(filtered)
            if filtered:
                yield filtered
            data = b""
            if plain.needs_input and whole.needs_input:
                break
    if 0 < unpacked - put <= len(tail):
        yield tail[put - unpacked :]


_MARK = b"assaymark: whole"
_MARK_FRAME = b"\x28\xb5\x2f\xfd\x20\x10\x81\x00\x00" + _MARK
"""A Zstandard frame of our own, put behind the last: if it does not come out, the last one was cut off."""


class _Source:
    """What zstandard reads from."""

    def __init__(self, fed: Fed) -> None:
        self._fed = itertools.chain(fed, (_MARK_FRAME,))
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            self._left = next(self._fed, b"")
        size = len(self._left) if size < 0 else size
        data, self._left = self._left[:size], self._left[size:]
        return data


def unzstd(fed: Fed) -> Iterator[bytes]:
    """Zstandard with all its frames, within the bound on memory."""
    import zstandard

    machine = zstandard.ZstdDecompressor(max_window_size=DICTIONARY)
    source = cast("IO[bytes]", _Source(fed))
    held = b""
    try:
        with machine.stream_reader(source, FEED, read_across_frames=True, closefd=False) as out:
            while data := out.read(CHUNK):
                held += data
                yield held[: -len(_MARK)]
                held = held[-len(_MARK) :]
    except zstandard.ZstdError as problem:
        raise CodecError(MEMORY_LIMIT if "memory" in str(problem) else str(problem)) from problem
    if held != _MARK:
        yield held
        raise CodecError(ENDED_EARLY)


def unlz4(fed: Fed) -> Iterator[bytes]:
    """Lz4 frames."""
    from lz4.frame import LZ4FrameDecompressor

    yield from _run(fed, LZ4FrameDecompressor, again=b"\x04\x22\x4d\x18")
