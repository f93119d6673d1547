"""The canonical form of a record: the same bytes whatever file format it came from, as far as that can be.

A record is a mapping of names to values. Its canonical form is the concatenation, in the order of the names'
UTF-8 bytes, of ``netstring(name) netstring(value)`` for each value that is something, where a netstring is
the length in bytes, decimal, a colon, the bytes, and a comma. Null, NaN and empty text are nothing and are
left out, so that a missing column, an empty cell and a null are one. Order of columns does not count, nor do
types: the text ``12`` and the number 12 are one.

Values: text as its UTF-8 bytes; integers in decimal; other numbers as ECMAScript writes them (RFC 8785,
3.2.2.3), so that 1.0 is ``1``; ``true`` and ``false``; dates ``2026-01-31``, times ``2026-01-31T12:00:00``
with a fraction only where there is one and ``Z`` where they have a zone (turned into UTC); bytes as they
are; lists and objects as JSON without spaces, keys sorted by code point, null members left out, bytes in
base64.

Cells of CSV have no type: ``True`` and ``False`` are put in lower case, and a whole number with the fraction
``.0`` loses it; everything else is the text that stands there. So a CSV that writes 1.50 for 1.5, or another
form of time, has other records than the Parquet file it was made from.

A record that cannot be read, such as a line that is no JSON or holds a key twice, is ``!`` and the netstring
of its bytes.

The digest of a record is the first `WIDTH` bytes of the SHA-256 of its canonical form. The entries of the
Merkle tree (RFC 6962, 2.1) are those digests. Pure.
"""

import base64
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any

__all__ = [
    "CANONICAL",
    "WIDTH",
    "canonical_cells",
    "canonical_raw",
    "canonical_record",
    "digest",
    "name_order",
    "name_prefix",
    "number_text",
    "value_bytes",
]

CANONICAL = "assaymark-record-1"
"""Name of this form, as manifests state it."""
WIDTH = 16
"""Bytes of a record's digest unless 32 are asked for."""

_WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0+\Z", re.ASCII)
_UNTYPED = {"True": "true", "False": "false", "-0.0": "0"}
_DEEPEST = 200
_EXACT = 1e21
"""ECMAScript writes whole numbers below it without an exponent."""


def digest(canonical: bytes, width: int = WIDTH) -> bytes:
    """The digest of a record in canonical form."""
    return sha256(canonical).digest()[:width]


def canonical_record(record: Mapping[str, Any]) -> bytes:
    """The canonical form of a record with typed values."""
    found = sorted((_utf8(str(name)), value_bytes(value)) for name, value in record.items())
    return b"".join(b"%d:%b,%d:%b," % (len(n), n, len(v), v) for n, v in found if v)


def canonical_raw(data: bytes) -> bytes:
    """What stands for a record that cannot be read: its bytes, marked so that no record has the same form."""
    return b"!%d:%b," % (len(data), data)


def name_order(name: str) -> bytes:
    """What names are sorted by."""
    return _cell_bytes(name)


def name_prefix(name: str) -> bytes:
    """The netstring of a name, as `canonical_cells` takes it."""
    data = _cell_bytes(name)
    return b"%d:%b," % (len(data), data)


def canonical_cells(prefixes: Sequence[tuple[int, bytes]], cells: Sequence[str]) -> bytes:
    """The canonical form of a row of untyped cells.

    Args:
        prefixes: for each column in the order of their names, its position in the row, and the netstring of
            its name.
        cells: the row; positions beyond its end hold nothing.
    """
    parts = []
    count = len(cells)
    for at, prefix in prefixes:
        if at < count and (cell := cells[at]):
            value = _cell_bytes(_untyped(cell) if len(cell) < 32 else cell)
            parts.append(b"%b%d:%b," % (prefix, len(value), value))
    return b"".join(parts)


def value_bytes(value: Any) -> bytes:
    """A value as it stands in the canonical form; empty for nothing."""
    match value:
        case None:
            return b""
        case str():
            return _utf8(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case list() | tuple() | dict():
            return _utf8(_json(value))
    return _scalar(value).encode()


def number_text(number: float) -> str:
    """A number as ECMAScript writes it (RFC 8785, 3.2.2.3); empty for NaN, `inf` and `-inf` beyond JSON."""
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    if number == int(number) and abs(number) < _EXACT:
        return _whole_text(number)
    mantissa, _, exponent = repr(number).partition("e")
    if not exponent:
        return mantissa
    power = int(exponent)
    if -7 < power < 0:
        sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
        return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
    return f"{mantissa.removesuffix('.0')}e{'+' if power > 0 else ''}{power}"


def _whole_text(number: float) -> str:
    """ECMAScript gives the shortest digits that make the number, then zeros; `int` would give more."""
    mantissa, _, exponent = repr(number).partition("e")
    if not exponent:
        return str(int(number))
    sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    whole, _, fraction = digits.partition(".")
    fraction = "" if fraction == "0" else fraction
    return f"{sign}{whole}{fraction}{'0' * (int(exponent) - len(fraction))}"


def _untyped(cell: str) -> str:
    if cell in _UNTYPED:
        return _UNTYPED[cell]
    found = _WHOLE.match(cell)
    return found[1] if found else cell


def _scalar(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return number_text(value)
        case Decimal():
            return _decimal(value)
        case datetime():
            return _moment(value)
        case date() | time():
            return value.isoformat()
    return str(value)


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        return ""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _moment(value: datetime) -> str:
    if value.tzinfo is not None:
        text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
        return f"{text.rstrip('0') if '.' in text else text}Z"
    text = value.isoformat()
    return text.rstrip("0") if "." in text else text


def _json(value: Any, depth: int = 0) -> str:
    if depth > _DEEPEST:
        raise ValueError(f"it is nested more than {_DEEPEST} deep")
    match value:
        case None:
            return "null"
        case str():
            return _quoted(value)
        case bytes() | bytearray() | memoryview():
            return _quoted(base64.b64encode(bytes(value)).decode())
        case dict():
            members = sorted((str(k), _json(v, depth + 1)) for k, v in value.items() if v is not None)
            return "{" + ",".join(f"{_quoted(name)}:{text}" for name, text in members) + "}"
        case list() | tuple():
            return "[" + ",".join(_json(v, depth + 1) for v in value) + "]"
        case bool() | int() | float():
            return _scalar(value) or "null"
    return _quoted(_scalar(value))


_ESCAPES = {i: f"\\u{i:04x}" for i in range(32)} | {
    8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\",
}  # fmt: skip


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _utf8(text: str) -> bytes:
    """UTF-8; half surrogates, which JSON can hold, get bytes of their own."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _cell_bytes(text: str) -> bytes:
    """UTF-8; bytes of the file that were none come back as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
