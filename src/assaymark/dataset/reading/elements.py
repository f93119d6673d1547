"""Bytes of a JSON array → its elements, without holding the whole. Pure.

Only strings and brackets are told apart here, so a broken element stays one element and the next is found.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.lines import Lines

__all__ = ["elements"]

_QUOTE, _BACKSLASH, _COMMA = 34, 92, 44
_DEPTH = np.zeros(256, np.int8)
_DEPTH[[ord("{"), ord("[")]] = 1
_DEPTH[[ord("}"), ord("]")]] = -1


def elements(file: Any, limits: Limits, *, start: int = 0, length: int = -1) -> Iterator[Lines]:
    """The elements of an array, in blocks; each with the comma or bracket that follows it.

    Args:
        file: to read from; it stands after the opening bracket or at an element.
        limits: bounds of an element.
        start: offset of the stream's first byte, for the answer.
        length: bytes to read; -1 for all.
    """
    buffer, ended, done = b"", False, False
    while not done and not (ended and not buffer.strip()):
        wanted = limits.block_bytes if length < 0 else min(limits.block_bytes, length)
        more = file.read(wanted) if wanted and not ended else b""
        length -= len(more) if length >= 0 else 0
        ended = not more
        buffer += more
        ends, done = _ends(buffer)
        if ended and not done and (not len(ends) or buffer[int(ends[-1]) :].strip()):
            ends, done = np.append(ends, len(buffer)), True
        used = int(ends[-1]) if len(ends) else 0
        if done and used and not buffer[int(ends[-2]) if len(ends) > 1 else 0 : used].strip(b" \t\r\n],"):
            ends = ends[:-1]  # the closing bracket alone, of an empty array or after a last comma
        if used:
            yield Lines(start, buffer[:used], ends, used, False)
            start, buffer = start + used, buffer[used:]
        if len(buffer) > limits.record_bytes * 2:
            yield Lines(start, b"", np.zeros(1, np.int64), len(buffer), False)
            return


def _ends(data: bytes) -> tuple[NDArray[np.int64], bool]:
    """Offsets after the comma that ends each element, and after the array's end if it is there."""
    array = np.frombuffer(data, np.uint8)
    marks = _quotes(array, b"\\" in data)
    change = _DEPTH[array]
    places = np.flatnonzero((change != 0) | (array == _COMMA)).astype(np.int64)
    places = places[np.searchsorted(marks, places) % 2 == 0]
    depth = np.cumsum(change[places], dtype=np.int64)
    closed = np.flatnonzero(depth < 0)
    last = int(closed[0]) if len(closed) else len(places)
    commas = places[:last][(array[places[:last]] == _COMMA) & (depth[:last] == 0)]
    if len(closed):
        commas = np.append(commas, places[last])
    return commas + 1, bool(len(closed))


def _quotes(array: NDArray[np.uint8], escaped: bool) -> NDArray[np.int64]:
    """Where quotes stand that open or close a string."""
    marks = np.flatnonzero(array == _QUOTE).astype(np.int64)
    if not escaped:
        return marks
    slashes = np.flatnonzero(array == _BACKSLASH).astype(np.int64)
    starts = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)  # index of each run's first
    before = np.searchsorted(slashes, marks)  # slashes before each mark
    has = (before > 0) & (slashes[np.maximum(before - 1, 0)] == marks - 1)
    run = starts[np.searchsorted(starts, before - 1, side="right") - 1]
    found: NDArray[np.int64] = marks[~(has & ((before - run) % 2 == 1))]
    return found
