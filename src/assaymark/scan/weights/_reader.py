"""Forward and random reading of a blob through one small window, with a bound on the sum."""

import struct

from assaymark.scan.blob import Blob

__all__ = ["MalformedError", "Reader", "Slice", "TooMuchError"]

_FIRST = 1 << 12
_WINDOW = 1 << 18


class TooMuchError(ValueError):
    """A bound was hit; the message names it."""


class MalformedError(ValueError):
    """The bytes break the rules of their format; the message says which."""


class Slice:
    """A stretch of a blob as a blob of its own."""

    def __init__(self, blob: Blob, start: int, size: int, path: str = "") -> None:
        self.path = path or blob.path
        self._blob = blob
        self._start = max(0, start)
        self.size = max(0, min(size, blob.size - self._start))

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256, computed in pieces."""
        import hashlib

        digest = hashlib.sha256()
        for at in range(0, self.size, 1 << 20):
            digest.update(self.read(at, 1 << 20))
        return digest.hexdigest()

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`, never past the stretch's end."""
        left = max(0, self.size - offset)
        wanted = left if length < 0 else min(length, left)
        return self._blob.read(self._start + offset, wanted) if wanted else b""


class Reader:
    """A place in a blob, and what is around it.

    Args:
        blob: the file.
        limit: bytes that may be read altogether; skipping costs nothing.
        at: where to begin.
        order: byte order in `struct` notation.
    """

    def __init__(self, blob: Blob, *, limit: int, at: int = 0, order: str = "<") -> None:
        self.blob = blob
        self.at = at
        self.order = order
        self._limit = self._left = limit
        self._buffer = b""
        self._start = 0
        self._next = _FIRST

    def peek(self, length: int) -> bytes:
        """The next `length` bytes, left where they are.

        Raises:
            TooMuchError: the bound on bytes read was hit.
            MalformedError: the file ends first.
        """
        if length < 0 or self.at < 0 or self.at + length > self.blob.size:
            raise MalformedError(f"it ends at byte {self.blob.size:,}, in the middle of its structure")
        begin = self.at - self._start
        if not 0 <= begin <= begin + length <= len(self._buffer):
            self._fill(length)
            begin = 0
        return self._buffer[begin : begin + length]

    def window(self) -> tuple[bytes, int]:
        """The buffered bytes and the place of the reader in them; filled if the reader is at its end."""
        if not self._start <= self.at < self._start + len(self._buffer) and self.at < self.blob.size:
            self._fill(1)
        return self._buffer, self.at - self._start

    def take(self, length: int) -> bytes:
        """As `peek`, and move on."""
        found = self.peek(length)
        self.at += length
        return found

    def skip(self, length: int) -> None:
        """Pass over `length` bytes without reading them."""
        if length < 0 or self.at + length > self.blob.size:
            raise MalformedError(f"it ends at byte {self.blob.size:,}, in the middle of its structure")
        self.at += length

    def number(self, form: str) -> int:
        """One integer in `struct` notation, without the byte order."""
        value: int = struct.unpack(self.order + form, self.take(struct.calcsize(self.order + form)))[0]
        return value

    def _fill(self, length: int) -> None:
        near = 0 <= self.at - self._start - len(self._buffer) < _FIRST
        self._next = min(self._next * 4, _WINDOW) if near else _FIRST
        wanted = max(length, min(self._next, self._left))
        if wanted > self._left:
            raise TooMuchError(f"more than {self._limit:,} bytes of structure")
        self._buffer = self.blob.read(self.at, wanted)
        self._start = self.at
        self._left -= len(self._buffer)
        if len(self._buffer) < length:
            raise MalformedError("it is shorter than it was")
