"""A text made out of another one, that knows where each of its characters came from."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct

__all__ = ["Found", "Mapped", "Piece", "Run", "around", "exact", "in_place", "listed", "merged"]


_SHORT = 2_000
"""A text up to this length is kept whole around what was replaced in it."""
_NEAR = 240
"""Characters kept on each side of a replaced run of a longer text."""


class Piece(NamedTuple):
    """A stretch of the new text, up to the next piece, and its source."""

    at: int
    """First code point in the new text."""
    start: int
    """First code point of the source."""
    end: int
    """One past the last code point of the source."""
    stride: int = 0
    """Source code points from one character to the next (1: copied, -1: reversed, 2: every second); 0: the
    piece as a whole stands for the source span as a whole, as a run of base64 does."""


_at = attrgetter("at")


class Mapped(Struct, frozen=True):
    """A text and where it came from."""

    text: str
    pieces: tuple[Piece, ...]
    """In the order of the new text; the first at 0 unless the text is empty."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the source that holds all characters from `start` to `end`."""
        first = max(0, bisect_right(self.pieces, start, key=_at) - 1)
        last = bisect_left(self.pieces, end, key=_at)
        spans = [
            self._part(n, max(start, self.pieces[n].at), min(end, self._until(n)))
            for n in range(first, last)
            if self._until(n) > start
        ]
        if not spans:
            near = self.pieces[first] if self.pieces else Piece(0, 0, 0)
            return near.start, near.end
        return min(a for a, _ in spans), max(b for _, b in spans)

    def _until(self, n: int) -> int:
        return self.pieces[n + 1].at if n + 1 < len(self.pieces) else len(self.text)

    def _part(self, n: int, first: int, last: int) -> tuple[int, int]:
        piece = self.pieces[n]
        if not piece.stride:
            return piece.start, piece.end
        origin = piece.start if piece.stride > 0 else piece.end - 1
        one = origin + (first - piece.at) * piece.stride
        other = origin + (last - 1 - piece.at) * piece.stride
        low, high = min(one, other), max(one, other) + 1
        return max(piece.start, low), min(piece.end, high)


class Run(NamedTuple):
    """One place where a disguise was undone."""

    start: int
    """First code point of the disguised text."""
    end: int
    """One past its last."""
    text: str
    """What it says."""
    pieces: tuple[Piece, ...] = ()
    """Where its characters came from, `at` counted within `text`; empty: from the whole run."""


class Found(Struct, frozen=True, kw_only=True):
    """What one transformation made of a text."""

    name: str
    """Of the transformation; the finding's rule is `front/NAME`."""
    made: Mapped
    spans: tuple[tuple[int, int], ...]
    """Where the disguise stands in the text that was searched, for the findings."""
    hidden: bool = False
    """True: a person does not see this text."""
    score: bool = True
    """False: only to be searched further; it is no text yet."""


def exact(start: int, end: int) -> tuple[Piece, ...]:
    """The pieces of a run that was cut out as it stands."""
    return (Piece(0, start, end, 1),)


def in_place(text: str, runs: Iterable[Run]) -> Mapped:
    """`text` with each run replaced; runs are in order and do not overlap."""
    parts: list[str] = []
    pieces: list[Piece] = []
    _replaced(text, (0, len(text)), runs, parts, pieces)
    return Mapped("".join(parts), tuple(pieces))


def around(text: str, runs: Sequence[Run]) -> Mapped:
    """As `in_place`, but of a long text only what stands near the runs, a line for each neighbourhood."""
    if len(text) <= _SHORT:
        return in_place(text, runs)
    parts: list[str] = []
    pieces: list[Piece] = []
    at = n = 0
    while n < len(runs):
        first = n
        while n + 1 < len(runs) and runs[n + 1].start - runs[n].end <= 2 * _NEAR:
            n += 1
        n += 1
        low, high = max(0, runs[first].start - _NEAR), min(len(text), runs[n - 1].end + _NEAR)
        if parts:
            pieces.append(Piece(at, low, low))
            parts.append("\n")
            at += 1
        at = _replaced(text, (low, high), runs[first:n], parts, pieces, at)
    return Mapped("".join(parts), tuple(pieces))


def _replaced(
    text: str,
    within: tuple[int, int],
    runs: Iterable[Run],
    parts: list[str],
    pieces: list[Piece],
    at: int = 0,
) -> int:
    done, end = within
    for run in runs:
        if run.start > done:
            pieces.append(Piece(at, done, run.start, 1))
            parts.append(text[done : run.start])
            at += run.start - done
        at = _put(run, at, parts, pieces)
        done = run.end
    if done < end:
        pieces.append(Piece(at, done, end, 1))
        parts.append(text[done:end])
        at += end - done
    return at


def listed(runs: Iterable[Run], between: str = "\n") -> Mapped:
    """The texts of `runs` alone, one after the other."""
    parts: list[str] = []
    pieces: list[Piece] = []
    at = 0
    for run in runs:
        if parts:
            pieces.append(Piece(at, run.start, run.start))
            parts.append(between)
            at += len(between)
        at = _put(run, at, parts, pieces)
    return Mapped("".join(parts), tuple(p for p in pieces if p.at < at))


def _put(run: Run, at: int, parts: list[str], pieces: list[Piece]) -> int:
    if run.text:
        inner = run.pieces or (Piece(0, run.start, run.end),)
        pieces += [Piece(at + p.at, p.start, p.end, p.stride) for p in inner]
        parts.append(run.text)
    return at + len(run.text)


def merged(runs: Iterable[Run], gap: int = 0) -> tuple[tuple[int, int], ...]:
    """The spans of `runs`; those at most `gap` apart become one."""
    spans: list[tuple[int, int]] = []
    for run in runs:
        if spans and run.start - spans[-1][1] <= gap:
            spans[-1] = (spans[-1][0], max(run.end, spans[-1][1]))
        else:
            spans.append((run.start, run.end))
    return tuple(spans)
