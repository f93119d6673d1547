"""Fractal heaps: where dense links and attributes lie."""

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.btrees import records
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["FractalHeap"]

MAX_OBJECT = 64 << 20


def _bytes_for(bits: int) -> int:
    return (bits + 7) // 8


class FractalHeap:
    """Objects by heap id: managed in blocks, huge outside them, or tiny inside the id."""

    def __init__(self, source: Source, address: int) -> None:
        size = 22 + 12 * source.lengths + 3 * source.offsets
        head = source.cursor(address, size)
        head.expect(b"FRHP")
        if head.number(1) != 0:
            raise Unread("a fractal heap of a later version", head.start, HoleKind.UNSUPPORTED)
        self.source = source
        self.id_length, filters = head.number(2), head.number(2)
        head.number(1)
        most = head.number(4)
        head.length()
        self.huge = head.address()
        head.take(source.lengths + source.offsets + 8 * source.lengths)
        self.width, self.first = head.number(2), head.length()
        direct, self.bits = head.length(), head.number(2)
        head.number(2)
        self.root, self.rows = head.address(), head.number(2)
        self._check(filters, direct, head)
        self.direct_rows = direct.bit_length() - self.first.bit_length() + 2
        self.offset_width = _bytes_for(self.bits)
        self.length_width = min(_bytes_for(direct.bit_length() - 1), (max(most, 1).bit_length() - 1) // 8 + 1)

    def _check(self, filters: int, direct: int, head: Cursor) -> None:
        if filters:
            raise Unread("a fractal heap with filters", head.start, HoleKind.UNSUPPORTED)
        sizes = (self.width, self.first, direct)
        if any(s <= 0 or s & (s - 1) for s in sizes) or direct < self.first or self.bits > 64:
            raise Unread("a fractal heap whose sizes make no sense", head.start)

    def get(self, identifier: bytes) -> bytes:
        """The object with this heap id."""
        kind = identifier[0] >> 4 & 3
        if kind == 2:
            return self._tiny(identifier)
        cursor = Cursor(identifier, self.source, self.source.base)
        cursor.take(1)
        if kind == 1:
            return self._huge(cursor)
        return self._managed(cursor.number(self.offset_width), cursor.number(self.length_width))

    def _tiny(self, identifier: bytes) -> bytes:
        if self.id_length > 17:
            length = ((identifier[0] & 15) << 8 | identifier[1]) + 1
            return identifier[2 : 2 + length]
        return identifier[1 : 2 + (identifier[0] & 15)]

    def _huge(self, cursor: Cursor) -> bytes:
        source = self.source
        if source.offsets + source.lengths <= self.id_length - 1:
            return self._bounded(cursor.address(), cursor.length())
        wanted = cursor.number(min(self.id_length - 1, 8))
        for record in records(source, self.huge, (1,)):
            found = Cursor(record, source, source.base)
            address, length = found.address(), found.length()
            if found.length() == wanted:
                return self._bounded(address, length)
        raise Unread("an object is missing from its heap")

    def _bounded(self, address: int, length: int) -> bytes:
        if length > MAX_OBJECT:
            raise Unread(f"an object of {length:,} bytes, more than {MAX_OBJECT:,}", None, HoleKind.BOUND)
        return self.source.at(address, length)

    def _managed(self, offset: int, length: int) -> bytes:
        """Walk down the doubling table to the direct block that holds `offset`."""
        address, rows, base = self.root, self.rows, 0
        while rows:
            row, column, size = self._place(offset - base)
            if row >= rows:
                raise Unread("an object lies outside its heap")
            base += self._row_start(row) + column * size
            prefix = 5 + self.source.offsets + self.offset_width
            entry = (row * self.width + column) * self.source.offsets
            address = self._child(address, prefix + entry)
            if row < self.direct_rows:
                break
            rows = size.bit_length() - (self.first * self.width).bit_length() + 1
        if self.source.at(address, 4) != b"FHDB":
            raise Unread("no FHDB where one is said to be", address + self.source.base)
        return self._bounded(address + offset - base, length)

    def _child(self, block: int, skip: int) -> int:
        if self.source.at(block, 4) != b"FHIB":
            raise Unread("no FHIB where one is said to be", block + self.source.base)
        return self.source.cursor(block + skip, self.source.offsets).address()

    def _place(self, offset: int) -> tuple[int, int, int]:
        """Row, column and size of the block that holds `offset` of an indirect block."""
        row = (offset // (self.first * self.width)).bit_length()
        size = self.first << max(row - 1, 0)
        return row, (offset - self._row_start(row)) // size, size

    def _row_start(self, row: int) -> int:
        return 0 if row == 0 else self.first * self.width << (row - 1)
