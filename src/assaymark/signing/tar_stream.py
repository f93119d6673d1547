"""A tar archive as a stream of entries: ustar, GNU and pax, each byte read once, nothing believed.

The standard library's reader takes a header of any length into memory, and seeks; this one does neither.
"""

from collections.abc import Iterator
from typing import Protocol

from assaymark.signing.entries import BROKEN, CHUNK, BadBackup, Budget, Entry

__all__ = ["tar_entries"]

_BLOCK = 512
_LONGEST_NAME = 64 << 10
_LONGEST_HEADER = 1 << 20
_PLAIN = (b"0", b"\0", b"7")
_LINKS = (b"1", b"2")


class _Readable(Protocol):
    def read(self, count: int, /) -> bytes:
        """At most `count` bytes; none at the end."""


class _Source:
    """Exact reads from a stream, each accounted for."""

    def __init__(self, stream: _Readable, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def some(self, count: int) -> bytes:
        try:
            data = self._stream.read(count)
        except BROKEN as error:
            raise BadBackup(f"it is damaged or cannot be read: {error}") from error
        self._budget.read(len(data))
        return data

    def exactly(self, count: int) -> bytes:
        parts = []
        while count:
            data = self.some(count)
            if not data:
                raise BadBackup("it ends in the middle of an entry")
            parts.append(data)
            count -= len(data)
        return b"".join(parts)

    def bounded(self, count: int, most: int) -> bytes:
        """A header's own data, with its padding."""
        if count > most:
            raise BadBackup("a header in it is longer than any that is honest")
        return self.exactly(count + -count % _BLOCK)[:count]


class _Content:
    """The bytes of one entry, read in part, in whole or not at all."""

    def __init__(self, source: _Source, size: int) -> None:
        self._source = source
        self._left = size
        self._padding = -size % _BLOCK

    def chunks(self) -> Iterator[bytes]:
        while self._left:
            data = self._source.some(min(CHUNK, self._left))
            if not data:
                raise BadBackup("it ends in the middle of a file")
            self._left -= len(data)
            yield data

    def finish(self) -> None:
        for _ in self.chunks():
            pass
        self._source.exactly(self._padding)


def tar_entries(stream: _Readable, budget: Budget) -> Iterator[Entry]:
    """The entries of an uncompressed tar `stream`, in order.

    Raises:
        BadBackup: a header is wrong, the end is missing, or it holds too much.
    """
    source = _Source(stream, budget)
    long_name = ""
    more: dict[str, str] = {}
    while (block := source.exactly(_BLOCK)).strip(b"\0"):
        budget.entry()
        _checked(block)
        kind, size = block[156:157], _number(block[124:136])
        if kind == b"L":
            long_name = _text(source.bounded(size, _LONGEST_NAME).split(b"\0")[0])
        elif kind in (b"x", b"g", b"K"):
            data = source.bounded(size, _LONGEST_HEADER)
            more = _pax(data) if kind == b"x" else more
        else:
            name = more.get("path") or long_name or _name(block)
            size = _decimal(more["size"]) if "size" in more else size
            if kind in _LINKS:
                size = 0  # POSIX: the size that a link states has no data
            if kind == b"S":
                _skip_sparse_map(block, source)
            content = _Content(source, size)
            fault = _fault(kind, name, more)
            if fault is not None:
                yield Entry(name.removeprefix("./"), fault, content.chunks)
            content.finish()
            long_name, more = "", {}


def _checked(block: bytes) -> None:
    stated = _number(block[148:156])
    if stated != sum(block[:148]) + 8 * 0x20 + sum(block[156:]):
        raise BadBackup("a header in it has a wrong checksum, or it is no tar archive")


def _number(field: bytes) -> int:
    """An octal number, or GNU's binary one."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b"\0 ")
    try:
        return int(text, 8) if text else 0
    except ValueError:
        raise BadBackup("a header in it holds a number that is none") from None


def _decimal(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadBackup("a header in it holds a size that is none")
    return int(text)


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0")[0]
    if block[257:263] == b"ustar\0" and block[345:500].strip(b"\0"):
        name = block[345:500].split(b"\0")[0] + b"/" + name
    return _text(name)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _pax(data: bytes) -> dict[str, str]:
    """Records `LENGTH KEY=VALUE`, each with a line feed, of which the length covers all."""
    found = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = _decimal(_text(data[at:space])) if space > at else 0
        record = data[space + 1 : at + length]
        if not length or at + length > len(data) or not record.endswith(b"\n") or b"=" not in record:
            raise BadBackup("an extended header in it is malformed")
        key, _, value = record[:-1].partition(b"=")
        found[_text(key)] = _text(value)
        at += length
    return found


def _fault(kind: bytes, name: str, more: dict[str, str]) -> str | None:
    """Why an entry's content cannot be had; None for a folder, which is no content."""
    if kind == b"5" or (kind in _PLAIN and name.endswith("/")):
        return None
    if any(key.startswith("GNU.sparse.") for key in more) or kind == b"S":
        return "is stored as a sparse file, which is not read"
    if kind in _LINKS:
        return "is a link in the backup; links are not followed"
    return "" if kind in _PLAIN else "is no plain file in the backup"


def _skip_sparse_map(block: bytes, source: _Source) -> None:
    extended = block[482]
    while extended:
        extended = source.exactly(_BLOCK)[504]
