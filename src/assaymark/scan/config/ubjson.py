"""Universal Binary JSON: a bounded reader that keeps structure and short text and skips numbers."""

from typing import Any

from assaymark.scan.blob import Blob

__all__ = ["UbjsonError", "read_ubjson"]

WINDOW = 1 << 16
MAX_DEPTH = 64
MAX_VALUES = 2_000_000
MAX_TEXT = 4096
"""Bytes of one string that are kept."""
MAX_KEPT = 4096
"""Items of one array that are kept, and only if they are no plain numbers."""
_SIZES = {0x69: 1, 0x55: 1, 0x49: 2, 0x6C: 4, 0x4C: 8, 0x64: 4, 0x44: 8, 0x43: 1}
"""Bytes of `i U I l L d D C`."""
_LENGTHS = frozenset(b"iUIlL")
_CONSTANTS = {0x5A: None, 0x54: True, 0x46: False}


class UbjsonError(ValueError):
    """The bytes are no UBJSON, or hold more than is walked; `offset` says where."""

    def __init__(self, reason: str, offset: int, *, bound: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.bound = bound


class _Open:
    """A container being filled."""

    __slots__ = ("key", "left", "type", "value")

    def __init__(self, value: dict[str, Any] | list[Any], kind: int, left: int | None) -> None:
        self.value = value
        self.type = kind
        """Type of all items, 0 if each says its own."""
        self.left = left
        """Items to come, None if a closing mark ends it."""
        self.key = ""


class _Reader:
    """The state of one reading."""

    def __init__(self, blob: Blob) -> None:
        self.blob = blob
        self.position = 0
        self.values = 0
        self._start = 0
        self._window = b""

    def take(self, count: int) -> bytes:
        """The next bytes; short ones come from a window."""
        if count > self.blob.size - self.position:
            raise UbjsonError(f"{count:,} bytes are said to follow, and the file ends", self.position)
        start = self.position - self._start
        if not 0 <= start <= len(self._window) - count:
            self._start = self.position
            self._window = self.blob.read(self.position, max(count, WINDOW))
            start = 0
        self.position += count
        return self._window[start : start + count]

    def skip(self, count: int) -> None:
        """Pass over bytes that are numbers."""
        if count > self.blob.size - self.position:
            raise UbjsonError(f"{count:,} bytes are said to follow, and the file ends", self.position)
        self.position += count

    def length(self) -> int:
        """A count or length, with its own type mark."""
        mark = self.take(1)[0]
        if mark not in _LENGTHS:
            raise UbjsonError("a length is no whole number", self.position - 1)
        count = int.from_bytes(self.take(_SIZES[mark]), "big", signed=mark != 0x55)
        if count < 0:
            raise UbjsonError("a length is negative", self.position)
        return count

    def text(self) -> str:
        """A string without its mark; a long one is cut."""
        count = self.length()
        raw = self.take(min(count, MAX_TEXT))
        self.skip(count - len(raw))
        return raw.decode("utf-8", "backslashreplace")

    def number(self, mark: int) -> int | None:
        """A number; only whole ones are told."""
        raw = self.take(_SIZES[mark])
        return int.from_bytes(raw, "big", signed=mark != 0x55) if mark in _LENGTHS else None


def read_ubjson(blob: Blob) -> tuple[Any, int]:
    """The value and the bytes it takes; arrays of numbers come back empty."""
    reader = _Reader(blob)
    stack: list[_Open] = []
    mark = reader.take(1)[0]
    if mark not in b"{[":
        raise UbjsonError("it begins with no object or array", 0)
    root = _open(reader, mark, stack)
    while stack:
        _step(reader, stack)
    return root, reader.position


def _step(reader: _Reader, stack: list[_Open]) -> None:
    """One item, or the end, of the innermost container."""
    top = stack[-1]
    reader.values += 1
    if reader.values > MAX_VALUES:
        raise UbjsonError(f"more than {MAX_VALUES:,} values", reader.position, bound=True)
    if top.left == 0:
        stack.pop()
        return
    if top.left is None and _closes(reader, top):
        stack.pop()
        return
    if top.left is not None:
        top.left -= 1
    if isinstance(top.value, dict):
        top.key = reader.text()
    _item(reader, stack, top.type or _mark(reader))


def _closes(reader: _Reader, top: _Open) -> bool:
    """Whether the closing mark comes next; if not, nothing is taken."""
    mark = reader.take(1)
    while mark == b"N":
        mark = reader.take(1)
    if mark == (b"}" if isinstance(top.value, dict) else b"]"):
        return True
    reader.position -= 1
    return False


def _mark(reader: _Reader) -> int:
    mark = reader.take(1)[0]
    while mark == 0x4E:
        mark = reader.take(1)[0]
    return mark


def _item(reader: _Reader, stack: list[_Open], mark: int) -> None:
    top = stack[-1]
    if mark in b"{[":
        _keep(top, _open(reader, mark, stack))
    elif mark in b"SH":
        _keep(top, reader.text())
    elif mark in _SIZES:
        number = reader.number(mark)
        if isinstance(top.value, dict):
            _keep(top, number)
    elif mark in _CONSTANTS:
        _keep(top, _CONSTANTS[mark])
    else:
        raise UbjsonError(f"no type is called {bytes([mark])!r}", reader.position - 1)


def _keep(top: _Open, value: Any) -> None:
    if isinstance(top.value, dict):
        top.value[top.key] = value
    elif len(top.value) < MAX_KEPT:
        top.value.append(value)


def _open(reader: _Reader, mark: int, stack: list[_Open]) -> dict[str, Any] | list[Any]:
    """Begin a container; a typed array of numbers is skipped at once."""
    if len(stack) >= MAX_DEPTH:
        raise UbjsonError(f"nested deeper than {MAX_DEPTH}", reader.position, bound=True)
    value: dict[str, Any] | list[Any] = {} if mark == 0x7B else []
    kind, count = 0, None
    following = reader.take(1)
    if following == b"$":
        kind = reader.take(1)[0]
        if reader.take(1) != b"#":
            raise UbjsonError("a typed container without a count", reader.position)
        count = reader.length()
    elif following == b"#":
        count = reader.length()
    else:
        reader.position -= 1
    if isinstance(value, list) and kind in _SIZES and count is not None:
        reader.skip(count * _SIZES[kind])
        return value
    stack.append(_Open(value, kind, count))
    return value
