"""Bytes of CSV or JSON Lines → whole records, the same wherever one starts to read. Pure.

A record ends at a line feed outside quotes. A quote opens only where a field starts, as readers of CSV hold
it; one that is not closed within a bound is a stray one, and its line is a record of its own. All this is a
function of the bytes from a record's start, so an index and a reader of any part of the file agree.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.reading.limits import Limits

__all__ = ["Lines", "quotes_are_regular", "whole_records"]

_STRAY = 100
"""Quotes that were never closed after which quotes mean nothing in the rest of the file."""
_LF, _CR, _QUOTE = 10, 13, 34


class Lines(Struct, frozen=True):
    """Whole records next to one another."""

    start: int
    """Their first byte in the stream."""
    data: bytes
    """Their bytes; empty for a record that is too long."""
    ends: Any
    """Offset in `data` after each record; int64. Blank lines belong to the record after them."""
    size: int
    """Bytes in the stream."""
    quotes: bool
    """Whether quotes mean anything in this part of the file."""
    stray: bool = False
    """Whether this is one line with a quote that is never closed."""

    @property
    def records(self) -> int:
        """How many."""
        return len(self.ends)


def whole_records(
    file: Any, limits: Limits, *, delimiter: str = "", quotes: bool = True, start: int = 0, length: int = -1
) -> Iterator[Lines]:
    """The records of a stream in blocks.

    Args:
        file: to read from; it stands at a record's start.
        limits: bounds of a record.
        delimiter: of the CSV; empty where quotes mean nothing (JSON Lines).
        quotes: whether quotes mean anything from here on.
        start: offset of the stream's first byte, for the answer.
        length: bytes to read; -1 for all.
    """
    quotes = quotes and bool(delimiter)
    buffer, ended, hungry, stray, skipped = b"", False, True, 0, 0
    while not (ended and not buffer):
        if hungry and not ended:
            wanted = limits.block_bytes if length < 0 else min(limits.block_bytes, length)
            more = file.read(wanted) if wanted else b""
            length -= len(more) if length >= 0 else 0
            ended = not more
            buffer += more
        hungry = True
        if skipped:  # within a record that is too long
            end = buffer.find(b"\n") + 1
            if not end and not ended:
                skipped, buffer = skipped + len(buffer), b""
                continue
            end = end or len(buffer)
            yield Lines(start, b"", np.zeros(1, np.int64), skipped + end, quotes)
            start, buffer, skipped = start + skipped + end, buffer[end:], 0
        ends, broken = _bounded(buffer, delimiter if quotes else "", ended, limits)
        used = int(ends[-1]) if len(ends) else 0
        if used:
            yield Lines(start, buffer[:used], _without_blanks(buffer, ends), used, quotes)
            start, buffer = start + used, buffer[used:]
        if broken:
            end = buffer.find(b"\n") + 1 or len(buffer)
            yield Lines(start, buffer[:end], np.array([end], np.int64), end, quotes, True)
            start, buffer, hungry, stray = start + end, buffer[end:], False, stray + 1
            quotes = quotes and stray < _STRAY
        elif len(buffer) > limits.record_bytes and not ended and b"\n" not in buffer:
            skipped, buffer = len(buffer), b""


def _bounded(data: bytes, delimiter: str, last: bool, limits: Limits) -> tuple[NDArray[np.int64], bool]:
    """Offsets after each complete record up to one with a stray quote, and whether there is such a one.

    Where a record is found never depends on how much of the stream is at hand: one that spans lines and is
    longer than the bound is broken, whether or not its end has been seen.
    """
    ends = _ends(data, delimiter, last)
    if not delimiter:
        return ends, False
    lengths = np.diff(ends, prepend=0)
    for i in np.flatnonzero(lengths > limits.quoted_bytes):
        begin, end = int(ends[i] - lengths[i]), int(ends[i])
        if 0 <= data.find(b"\n", begin) < end - 1:
            return ends[:i], True
    rest = int(ends[-1]) if len(ends) else 0
    unclosed = len(data) > rest and (last or len(data) - rest > limits.quoted_bytes)
    return ends, unclosed and (last or data.find(b"\n", rest) >= 0)


def _ends(data: bytes, delimiter: str, last: bool) -> NDArray[np.int64]:
    """Offsets after each record that is surely complete."""
    array = np.frombuffer(data, np.uint8)
    feeds = np.flatnonzero(array == _LF).astype(np.int64)
    if last and data and not data.endswith(b"\n"):
        feeds = np.append(feeds, len(data) - 1)
    if not delimiter or b'"' not in data:
        return feeds + 1
    marks = np.flatnonzero(array == _QUOTE).astype(np.int64)
    if not _regular(array, marks, ord(delimiter)):
        return _careful(data, feeds, marks, ord(delimiter), last)
    outside = np.searchsorted(marks, feeds, side="right") % 2 == 0
    found: NDArray[np.int64] = feeds[outside] + 1
    return found


def quotes_are_regular(data: bytes, delimiter: str) -> bool:
    """Whether every quote opens or closes a field, or is one of two that stand for one."""
    array = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero(array == _QUOTE).astype(np.int64)
    return not len(marks) or _regular(array, marks, ord(delimiter))


def _regular(array: NDArray[np.uint8], marks: NDArray[np.int64], delimiter: int) -> bool:
    """Whether each quote opens or closes a field, or is one of two that stand for one."""
    before = np.where(marks > 0, array[marks - 1], _LF)
    after = np.where(marks < len(array) - 1, array[np.minimum(marks + 1, len(array) - 1)], _LF)
    opening, closing = before[::2], after[1::2]
    good = np.array([delimiter, _LF, _CR, _QUOTE], np.uint8)
    return bool(np.isin(opening, good).all() and np.isin(closing, good).all())


def _careful(
    data: bytes, feeds: NDArray[np.int64], marks: NDArray[np.int64], delimiter: int, last: bool
) -> NDArray[np.int64]:
    """The same where quotes stand at odd places: one quote after another.

    A field that spans lines and whose closing quote stands within a word was opened by a stray quote.
    """
    openers = (delimiter, _LF, _CR)
    closers = (*openers, _QUOTE)
    inside: list[tuple[int, int]] = []
    opened, position, after = -1, 0, 0
    quotes = marks.tolist()
    while position < len(quotes):
        mark = quotes[position]
        position += 1
        if opened < 0:
            if mark == 0 or data[mark - 1] in openers:
                opened, after = mark, position
        elif position < len(quotes) and quotes[position] == mark + 1:
            position += 1
        else:
            odd = mark + 1 < len(data) and data[mark + 1] not in closers
            if odd and data.find(b"\n", opened, mark) >= 0:
                position = after
            else:
                inside.append((opened, mark))
            opened = -1
    if opened >= 0:
        inside.append((opened, len(data)))
    keep = np.ones(len(feeds), bool)
    for begin, end in inside:
        low, high = np.searchsorted(feeds, (begin, end))
        keep[low:high] = False
    found: NDArray[np.int64] = feeds[keep] + 1
    return found


def _without_blanks(data: bytes, ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """`ends` without those of empty lines, which are no records."""
    lengths = np.diff(ends, prepend=0)
    short = np.flatnonzero(lengths <= 2)
    if not len(short):
        return ends
    blank = [i for i in short if not data[int(ends[i] - lengths[i]) : int(ends[i])].strip(b"\r\n")]
    return np.delete(ends, blank)
