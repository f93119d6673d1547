"""Reading a blob piece by piece with a bound on the sum: a header costs its length, not the file's."""

import io
import os
import struct

from assaymark.scan.blob import Blob

__all__ = ["BlobFile", "BoundHitError", "Cursor"]

_WINDOW = 1 << 16


class BoundHitError(ValueError):
    """More bytes would have to be read than the bound allows; the message names the bound."""


class Cursor:
    """Reads forward through a blob, a window at a time.

    Args:
        blob: the file.
        limit: bytes that may be read altogether; skipping costs nothing.
        offset: where to begin.
    """

    def __init__(self, blob: Blob, *, limit: int, offset: int = 0) -> None:
        self._blob = blob
        self._left = limit
        self._limit = limit
        self._start = offset
        self._buffer = b""
        self.at = offset

    def take(self, length: int) -> bytes:
        """The next `length` bytes.

        Raises:
            BoundHitError: the bound on bytes read was hit.
            EOFError: the file ends first.
        """
        if length < 0 or self.at + length > self._blob.size:
            raise EOFError("the file ends before its header does")
        begin = self.at - self._start
        if not 0 <= begin <= begin + length <= len(self._buffer):
            self._fill(length)
            begin = 0
        self.at += length
        return self._buffer[begin : begin + length]

    def skip(self, length: int) -> None:
        """Pass over `length` bytes without reading them."""
        if length < 0 or self.at + length > self._blob.size:
            raise EOFError("the file ends before its header does")
        self.at += length

    def number(self, form: str) -> int:
        """One little-endian integer in `struct` notation."""
        value: int = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]
        return value

    def _fill(self, length: int) -> None:
        wanted = max(length, min(_WINDOW, self._left))
        if wanted > self._left:
            raise BoundHitError(f"the header is longer than the bound of {self._limit:,} bytes")
        self._buffer = self._blob.read(self.at, wanted)
        self._start = self.at
        self._left -= len(self._buffer)
        if len(self._buffer) < length:
            raise EOFError("the file is shorter than it was")


class BlobFile(io.RawIOBase):
    """A blob as the seekable file that ``zipfile`` wants, refusing to hand out more than `limit` bytes."""

    def __init__(self, blob: Blob, *, limit: int) -> None:
        super().__init__()
        self._blob = blob
        self._limit = self._left = limit
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The current offset."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move; before the beginning is an error, as in a real file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._blob.size}[whence]
        if base + offset < 0:
            raise OSError("a seek before the beginning")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; the bound counts all that was read so far."""
        available = max(0, self._blob.size - self._at)
        wanted = available if size < 0 else min(size, available)
        if wanted > self._left:
            raise BoundHitError(f"the archive's directory is larger than the bound of {self._limit:,} bytes")
        data = self._blob.read(self._at, wanted)
        self._left -= len(data)
        self._at += len(data)
        return data
