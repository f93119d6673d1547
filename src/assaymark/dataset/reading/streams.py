"""Compressed or foreign bytes → plain UTF-8 bytes, streamed and bounded."""

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.shard import Form, Source
from assaymark.dataset.reading.sources import BlobFile, opened

__all__ = ["BROKEN", "TooLargeError", "decompressed", "plain", "plain_start"]

_BLOCK = 1 << 20
_MEMORY = 256 << 20
"""Bytes that an xz or zstd stream may ask for as its window."""


class TooLargeError(ValueError):
    """The file expands beyond what is read."""


def _broken() -> tuple[type[Exception], ...]:
    import zstandard

    return (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


BROKEN = _broken()
"""What reading a damaged stream raises."""


class _Bounded(io.RawIOBase):
    """A decompressor's output, up to the bounds."""

    def __init__(self, inner: Any, packed: int, limits: Limits) -> None:
        self._inner = inner
        self._given = 0
        self._broken: Exception | None = None
        self._most = min(limits.decoded_bytes, limits.free_bytes + packed * limits.ratio)

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes.

        Raises:
            TooLargeError: the stream has given more than it may.
        """
        data = self._all(_BLOCK if size is None or size < 0 else size)
        self._given += len(data)
        if self._given > self._most:
            raise TooLargeError(f"it expands to more than {self._most:,} bytes: a decompression bomb")
        return data

    def _all(self, size: int) -> bytes:
        """As many bytes as there are before the stream ends or breaks; then the break."""
        if self._broken is not None:
            raise self._broken
        parts: list[bytes] = []
        while size > 0:
            try:
                more = self._inner.read1(size)
            except BROKEN as error:
                if not parts:
                    raise
                self._broken = error
                break
            if not more:
                break
            parts.append(more)
            size -= len(more)
        return b"".join(parts)

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Transcoded(io.RawIOBase):
    """Text in another encoding as UTF-8; what is no text becomes U+FFFD."""

    def __init__(self, inner: Any, encoding: str) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._waiting = b""
        self._ended = False

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes."""
        wanted = _BLOCK if size is None or size < 0 else size
        while len(self._waiting) < wanted and not self._ended:
            raw = self._inner.read(_BLOCK)
            self._ended = not raw
            text = self._decoder.decode(raw, self._ended)
            self._waiting += text.encode("utf-8", "replace")
        data, self._waiting = self._waiting[:wanted], self._waiting[wanted:]
        return data


@contextmanager
def decompressed(source: Source, compression: str, limits: Limits) -> Iterator[Any]:
    """The file's bytes, decompressed if need be, as something to read from."""
    with opened(source) as blob:
        file = BlobFile(blob)
        if not compression:
            yield file
        else:
            yield _Bounded(_inflated(io.BufferedReader(file, _BLOCK), compression), source.size, limits)


def _inflated(file: Any, compression: str) -> IO[bytes] | Any:
    if compression == "gz":
        return gzip.GzipFile(fileobj=file, mode="rb")
    if compression == "bz2":
        return bz2.BZ2File(file, "rb")
    if compression == "xz":
        return _Xz(file)
    import zstandard

    reader = zstandard.ZstdDecompressor(max_window_size=_MEMORY)
    return reader.stream_reader(file, read_across_frames=True)


class _Xz:
    """An xz stream read with a bound on its memory, which `LZMAFile` does not have."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._inner = lzma.LZMADecompressor(memlimit=_MEMORY)

    def read1(self, size: int) -> bytes:
        """At most `size` bytes."""
        while True:
            if self._inner.eof:
                rest = self._inner.unused_data.lstrip(b"\0") or self._file.read(_BLOCK).lstrip(b"\0")
                if not rest:
                    return b""
                self._inner = lzma.LZMADecompressor(memlimit=_MEMORY)
                data = self._inner.decompress(rest, size)
            else:
                more = self._file.read(_BLOCK) if self._inner.needs_input else b""
                if self._inner.needs_input and not more:
                    raise EOFError("the compressed stream ends too early")
                data = self._inner.decompress(more, size)
            if data:
                return data


@contextmanager
def plain(source: Source, form: Form, limits: Limits) -> Iterator[Any]:
    """The file as UTF-8 text, as something to read from."""
    with decompressed(source, form.compression, limits) as file:
        yield _Transcoded(file, form.encoding) if form.encoding else file


def plain_start(source: Source, form: Form, limits: Limits, length: int) -> bytes:
    """The first `length` bytes of the file as UTF-8 text, or as many as could be read."""
    data = b""
    try:
        with plain(source, form, limits) as file:
            while len(data) < length and (more := file.read(length - len(data))):
                data += more
    except BROKEN:
        pass
    return data
