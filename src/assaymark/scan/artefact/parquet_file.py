"""Parquet: column names, types and row count out of the footer, which is Thrift in compact form."""

from msgspec import Struct

__all__ = ["ParquetFooter", "parse_footer"]

_TYPES = ("boolean", "integer", "integer", "timestamp", "number", "number", "bytes", "bytes")
_CONVERTED = {0: "string", 1: "object", 3: "list", 4: "string", 5: "number", 6: "timestamp", 9: "timestamp",
              10: "timestamp", 19: "string"}  # fmt: skip
_MAX_COLUMNS = 10_000
_MAX_DEPTH = 12


class ParquetFooter(Struct, frozen=True):
    """What the footer says."""

    rows: int
    columns: tuple[tuple[str, str], ...]
    """Name and type of each leaf; nested leaves by their own name."""


class _Compact:
    """A reader of Thrift's compact protocol over bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise ValueError("a number in the footer is too long")

    def signed(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def text(self) -> str:
        length = self.varint()
        self.at += length
        if self.at > len(self.data):
            raise ValueError("the footer is cut off")
        return self.data[self.at - length : self.at].decode("utf-8", "replace")

    def field(self, last: int) -> tuple[int, int]:
        """Number and type of the next field; type 0 ends the structure."""
        head = self.byte()
        if head & 0x0F == 0:
            return last, 0
        number = last + (head >> 4) if head >> 4 else self.signed()
        return number, head & 0x0F

    def list_header(self) -> tuple[int, int]:
        head = self.byte()
        size = head >> 4
        return (self.varint() if size == 15 else size), head & 0x0F

    def skip(self, kind: int, depth: int = 0) -> None:
        if depth > _MAX_DEPTH:
            raise ValueError(f"the footer is nested deeper than {_MAX_DEPTH}")
        if kind in (3, 4, 5, 6):
            self.varint() if kind != 3 else self.byte()
        elif kind == 7:
            self.at += 8
        elif kind == 8:
            self.at += self.varint()
        elif kind in (9, 10):
            size, inner = self.list_header()
            for _ in range(min(size, len(self.data))):
                self.skip(inner, depth + 1)
        elif kind == 12:
            number, inner = self.field(0)
            while inner:
                self.skip(inner, depth + 1)
                number, inner = self.field(number)
        elif kind not in (1, 2):
            raise ValueError(f"the footer holds an unknown type ({kind})")


def parse_footer(data: bytes) -> ParquetFooter:
    """Read the schema and the row count.

    Raises:
        ValueError: it is not a footer, or is cut off, or nested beyond the bound.
        IndexError: it is cut off.
    """
    reader = _Compact(data)
    rows = -1
    columns: tuple[tuple[str, str], ...] = ()
    number, kind = reader.field(0)
    while kind and rows < 0:
        if number == 2 and kind == 9:
            columns = _schema(reader)
        elif number == 3:
            rows = reader.signed()
        else:
            reader.skip(kind)
        number, kind = reader.field(number) if rows < 0 else (number, kind)
    return ParquetFooter(max(rows, 0), columns)


def _schema(reader: _Compact) -> tuple[tuple[str, str], ...]:
    size, _ = reader.list_header()
    if size > _MAX_COLUMNS:
        raise ValueError(f"the schema has more than {_MAX_COLUMNS:,} columns")
    elements = [_element(reader) for _ in range(size)]
    return tuple((name[:80], kind) for name, kind, children in elements if not children)


def _element(reader: _Compact) -> tuple[str, str, int]:
    physical = converted = -1
    name, children = "", 0
    number, kind = reader.field(0)
    while kind:
        if number == 4 and kind == 8:
            name = reader.text()
        elif number in (1, 5, 6) and kind == 5:
            value = reader.signed()
            physical = value if number == 1 else physical
            children = value if number == 5 else children
            converted = value if number == 6 else converted
        else:
            reader.skip(kind)
        number, kind = reader.field(number)
    named = _TYPES[physical] if 0 <= physical < len(_TYPES) else "unknown"
    return name, _CONVERTED.get(converted, named), children
