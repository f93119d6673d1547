"""Bounded little-endian reading of an HDF5 file's metadata."""

from assaymark.inspection import HoleKind
from assaymark.scan.blob import Blob

__all__ = ["Cursor", "Source", "Unread"]

PAGE = 1 << 14
PAGES = 256
"""Pages kept, so that a remote file is not asked for the same block again and again."""
MAX_METADATA = 256 << 20
"""Bytes of metadata read of one file, each request counted."""


class Unread(ValueError):
    """Something could not be read: why, and where."""

    def __init__(self, reason: str, offset: int | None = None, kind: HoleKind = HoleKind.BROKEN) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.kind = kind


class Source:
    """The file behind its superblock: addresses are relative to `base`."""

    def __init__(self, blob: Blob, base: int = 0, offsets: int = 8, lengths: int = 8) -> None:
        self.blob = blob
        self.base = base
        self.offsets = offsets
        """Bytes of an address."""
        self.lengths = lengths
        """Bytes of a length."""
        self.none = (1 << (8 * offsets)) - 1
        """The address that means: nowhere."""
        self._seen: set[tuple[int, int]] = set()
        self._spent = 0
        self._pages: dict[int, bytes] = {}

    @property
    def interpreted(self) -> int:
        """Bytes that were read as metadata, each counted once."""
        total = end = 0
        for start, length in sorted(self._seen):
            total += max(start + length - max(start, end), 0)
            end = max(end, start + length)
        return total

    def at(self, address: int, length: int) -> bytes:
        """Exactly `length` bytes at `address`, or `Unread`."""
        start = address + self.base
        if address == self.none or start + length > self.blob.size:
            raise Unread(f"an address points outside the file ({start:,} + {length:,} bytes)")
        self._spend(start, length)
        data = self._held(start, length) if length <= PAGE else self.blob.read(start, length)
        if len(data) != length:
            raise Unread("the file ended while it was read", start, HoleKind.UNREADABLE)
        return data

    def cursor(self, address: int, length: int) -> "Cursor":
        """A cursor over `length` bytes at `address`."""
        return Cursor(self.at(address, length), self, address + self.base)

    def _spend(self, start: int, length: int) -> None:
        self._spent += length + 16
        if self._spent > MAX_METADATA:
            raise Unread(f"more than {MAX_METADATA:,} bytes of metadata", start, HoleKind.BOUND)
        self._seen.add((start, length))

    def _held(self, start: int, length: int) -> bytes:
        first, last = start // PAGE, (start + length - 1) // PAGE
        whole = b"".join(self._page(n) for n in range(first, last + 1))
        skip = start - first * PAGE
        return whole[skip : skip + length]

    def _page(self, number: int) -> bytes:
        page = self._pages.pop(number, None)
        if page is None:
            page = self.blob.read(number * PAGE, PAGE)
            if len(self._pages) >= PAGES:
                del self._pages[next(iter(self._pages))]
        self._pages[number] = page
        return page


class Cursor:
    """Fields in sequence; running out is `Unread`."""

    def __init__(self, data: bytes, source: Source, start: int) -> None:
        self.data = data
        self.source = source
        self.start = start
        self.position = 0

    @property
    def left(self) -> int:
        """Bytes not yet taken."""
        return len(self.data) - self.position

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > self.left:
            raise Unread("a structure is cut short", self.start + self.position)
        self.position += count
        return self.data[self.position - count : self.position]

    def number(self, width: int) -> int:
        """An unsigned integer of `width` bytes."""
        return int.from_bytes(self.take(width), "little")

    def address(self) -> int:
        """A file address."""
        return self.number(self.source.offsets)

    def length(self) -> int:
        """A length."""
        return self.number(self.source.lengths)

    def expect(self, signature: bytes) -> None:
        """The structure's signature, or `Unread`."""
        if self.take(len(signature)) != signature:
            raise Unread(f"no {signature.decode()} where one is said to be", self.start)
