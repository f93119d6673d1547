"""A blob read forwards through a window; long arguments are stepped over without being read."""

from assaymark.scan.blob import Blob

__all__ = ["BoundError", "BrokenError", "Stream"]

WINDOW = 1 << 20
"""Bytes fetched at once."""
LINE = 1 << 16
"""Bytes of a line that are kept; the rest of a longer one is stepped over."""


class BrokenError(ValueError):
    """A real unpickler stops here with an error."""


class BoundError(ValueError):
    """A limit of ours was hit; a real unpickler would go on."""


class Stream:
    """Bytes of `blob` in `buffer[position:]`, which begins at `base`; refilled as it is used up."""

    __slots__ = ("base", "blob", "buffer", "end", "position")

    def __init__(self, blob: Blob, offset: int = 0) -> None:
        self.blob = blob
        self.end = blob.size
        self.base = offset
        self.buffer = blob.read(offset, min(WINDOW, max(0, blob.size - offset)))
        self.position = 0

    @property
    def offset(self) -> int:
        """Where the next byte lies in the blob."""
        return self.base + self.position

    @property
    def left(self) -> int:
        """Bytes from here to the end of the blob."""
        return self.end - self.base - self.position

    def seek(self, offset: int) -> None:
        """Go on at `offset` of the blob."""
        if self.base <= offset <= self.base + len(self.buffer):
            self.position = offset - self.base
            return
        self.base = offset
        self.position = 0
        self.buffer = self.blob.read(offset, min(WINDOW, max(0, self.end - offset)))

    def refill(self, length: int = 1) -> None:
        """Have at least `length` bytes in the window, or raise `BrokenError`."""
        if len(self.buffer) - self.position >= length:
            return
        if length > self.left:
            raise BrokenError("it ends in the middle of an opcode")
        self.base += self.position
        self.position = 0
        self.buffer = self.blob.read(self.base, min(max(WINDOW, length), self.end - self.base))
        if len(self.buffer) < length:
            raise BrokenError("it ends in the middle of an opcode")

    def take(self, length: int) -> bytes:
        """The next `length` bytes; for short arguments."""
        if len(self.buffer) - self.position < length:
            self.refill(length)
        start = self.position
        self.position = start + length
        return self.buffer[start : self.position]

    def number(self, width: int) -> int:
        """The next `width` bytes as an unsigned little-endian number."""
        return int.from_bytes(self.take(width), "little")

    def skip(self, length: int) -> None:
        """Step over `length` bytes without reading them."""
        if length > self.left:
            raise BrokenError("it ends in the middle of an opcode")
        if length <= len(self.buffer) - self.position:
            self.position += length
        else:
            self.seek(self.offset + length)

    def line(self) -> bytes:
        """The bytes before the next newline, at most `LINE` of them, and step over the newline."""
        kept = b""
        while True:
            at = self.buffer.find(b"\n", self.position)
            if at >= 0:
                kept += self.buffer[self.position : min(at, self.position + LINE)]
                self.position = at + 1
                return kept[:LINE]
            kept += self.buffer[self.position : self.position + LINE - len(kept)]
            self.position = len(self.buffer)
            if self.left <= 0:
                raise BrokenError("it ends in the middle of a line")
            self.refill()
