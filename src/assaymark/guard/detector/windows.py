"""Where sentences end, in many scripts and in structured text, and the windows made of them.

A window is a run of whole sentences of up to 110 words; the next one begins about half a window later,
so that every sentence stands with its neighbours at least once. Words are counted as the encoder pays
for them (`characters.COSTS`): 1.5 Han characters, two letters of a script it spells out, or two
punctuation marks are a word. A text that is no more than an eighth too long is one window. Numbers,
URLs, initials and list numbers are not torn.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assaymark.guard.detector.characters import COSTS, LATIN, OTHER, SPACE, Characters, characters

__all__ = [
    "MOST_WINDOWS",
    "WINDOW_WORDS",
    "Windows",
    "long_spans",
    "long_windows",
    "short_windows",
    "windows",
]

WINDOW_WORDS = 110
"""Longest window, in words."""
MOST_WINDOWS = 4096
"""Most windows of one text; beyond, windows grow."""

_WORD = 12
_PIECE_CHARACTERS = 600
_SHORT_SENTENCES = 3
_LONG_RUN = 20
"""Letters of a Latin run that cost one word together; each further one costs `_LONG_RUN_COST`."""
_LONG_RUN_COST = 3

Spans = NDArray[np.int64]
_Near = Callable[[int], NDArray[np.uint32]]
"""The text shifted: the code point at that distance from each."""


class Windows(NamedTuple):
    """Spans in code points of the original text, in order; half-open."""

    long: Spans
    """(count, 2) Overlapping runs of sentences, for judging."""
    short: Spans
    """(count, 2) One to three sentences, for locating."""
    sentences: Spans
    """(count, 2) The pieces both are made of, without the space around them."""


def windows(text: str, words: int = WINDOW_WORDS, most: int = MOST_WINDOWS) -> Windows:
    """The windows of `text`; together they hold everything but white space.

    Args:
        text: any string.
        words: longest window.
        most: bound on the number of windows; half of it for long ones.
    """
    judged = _Judged.of(text)
    pieces = judged.pieces(words)
    long = judged.long(pieces, words, most // 2)
    return Windows(long, short_windows(pieces, most // 2), pieces)


def long_spans(text: str, words: int = WINDOW_WORDS, most: int = MOST_WINDOWS) -> Spans:
    """The long windows of `text` alone, (count, 2); quicker, most of all where there is but one."""
    judged = _Judged.of(text)
    return judged.long(None, words, most // 2)


def long_windows(text: str, words: int = WINDOW_WORDS) -> list[tuple[int, int]]:
    """The long windows of `text` alone, as pairs."""
    return [(start, end) for start, end in long_spans(text, words).tolist()]


def short_windows(sentences: Spans, most: int = MOST_WINDOWS // 2) -> Spans:
    """Runs of one, two and three sentences; of that many groups of sentences where there are too many."""
    group = max(1, -(-len(sentences) * _SHORT_SENTENCES // most))
    starts = sentences[::group, 0] if group > 1 else sentences[:, 0]
    ends = np.append(sentences[group - 1 :: group, 1], sentences[-1:, 1])[: len(starts)]
    runs = [np.column_stack((starts[: len(starts) - more], ends[more:])) for more in range(_SHORT_SENTENCES)]
    spans = np.concatenate(runs)
    return spans[np.lexsort((spans[:, 1], spans[:, 0]))]


class _Judged(NamedTuple):
    """A text with what its windows are made from."""

    text: str
    letters: Characters
    solid: NDArray[np.int64]
    """Offsets of all but white space."""
    spent: NDArray[np.int64]
    """Cost of all code points before each, in twelfths of a word."""

    @classmethod
    def of(cls, text: str) -> "_Judged":
        """Look at every character once."""
        letters = characters(text)
        return cls(text, letters, np.flatnonzero(letters.classes != SPACE), _running_cost(letters))

    def pieces(self, words: int) -> Spans:
        """The sentences, no longer than half a window."""
        if not self.solid.size:
            return np.empty((0, 2), dtype=np.int64)
        whole = _whole(_between(_breaks(self.text, self.letters), self.solid), self.letters)
        return _cut(whole, self.spent, self.solid, words * _WORD // 2)

    def long(self, pieces: Spans | None, words: int, most: int) -> Spans:
        """The long windows; `pieces` if they are known."""
        if not self.solid.size:
            return np.empty((0, 2), dtype=np.int64)
        if int(self.spent[-1]) * 8 <= words * _WORD * 9:
            return np.array([[self.solid[0], self.solid[-1] + 1]], dtype=np.int64)
        return _long(self.pieces(words) if pieces is None else pieces, self.spent, words * _WORD, most)


def _running_cost(letters: Characters) -> NDArray[np.int64]:
    """Cost of all code points before each, in twelfths of a word."""
    classes = letters.classes
    costs = COSTS[classes]
    latin = classes == LATIN
    if latin.any():
        places = np.arange(classes.size)
        starts = latin.copy()
        starts[1:] &= ~latin[:-1]
        begun = np.maximum.accumulate(np.where(starts, places, 0))
        costs[latin & (places - begun >= _LONG_RUN)] = _LONG_RUN_COST
        costs[starts] = _WORD
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(costs)))


_WEAK = np.array([ord(c) for c in ".!?…؟۔।॥։።؛"], dtype=np.uint32)
"""End a sentence when white space follows."""
_STRONG = np.array([ord(c) for c in "。！？｡။།"], dtype=np.uint32)
"""End one wherever they stand, with a quotation mark or bracket right after."""
_LINE_ENDS = np.array([ord(c) for c in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"], dtype=np.uint32)
_BULLETS = np.array([ord(c) for c in "•‣●▪◦"], dtype=np.uint32)
"""Begin one wherever they stand."""
_CLOSERS = np.array([ord(c) for c in "\"'”’»)]*_」』）"], dtype=np.uint32)
_TAG = re.compile(
    r"</?(?:address|article|aside|blockquote|body|br|button|caption|dd|details|div|dl|dt|figcaption"
    r"|footer|form|h[1-6]|head|header|hr|html|iframe|img|li|main|meta|nav|ol|option|p|pre|script|section"
    r"|style|summary|table|tbody|td|template|tfoot|th|thead|title|tr|ul)(?=[\s/>])[^<>]{0,400}>?",
    re.IGNORECASE,
)
"""Tags that part blocks, tried only where a `<` stands, and bounded."""


def _breaks(text: str, letters: Characters) -> NDArray[np.int64]:
    """Offsets at which a new sentence may begin, sorted, 0 and the end included."""
    points = letters.points
    padded = np.concatenate((np.full(3, 10, dtype=np.uint32), points, np.full(3, 10, dtype=np.uint32)))

    def near(distance: int) -> NDArray[np.uint32]:
        return padded[3 + distance : 3 + distance + points.size]

    space = np.concatenate((letters.classes == SPACE, [True]))
    after = _stops(letters, near) & space[1:]
    after |= _full_stops(points)
    after |= np.isin(points, _LINE_ENDS)
    after |= _json_ends(near)
    bullets = np.flatnonzero(np.isin(points, _BULLETS))
    found = [np.flatnonzero(after) + 1, bullets, np.array([0, points.size])]
    if (points == ord("<")).any():
        found.append(_tag_edges(text, points))
    return np.unique(np.concatenate(found))


def _full_stops(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Stops that need no space, or the quotation mark or bracket right after one."""
    ends: NDArray[np.bool_] = np.isin(points, _STRONG)
    if ends.any():
        closed = np.isin(points[1:], _CLOSERS) & ends[:-1]
        ends[1:] |= closed
        ends[:-1] &= ~closed
    return ends


def _stops(letters: Characters, near: _Near) -> NDArray[np.bool_]:
    """Full stops and their kin, and quotation marks or brackets right after them."""
    points, classes = letters.points, letters.classes
    ends: NDArray[np.bool_] = np.isin(points, _WEAK)
    # "J. Smith", "e.g. this": one letter before the stop. "1. Do": a number that begins a line.
    before, two_before, three_before = near(-1), near(-2), near(-3)
    kinds = np.concatenate((np.zeros(2, dtype=np.uint8), classes))[: classes.size + 1]
    single = (kinds[1 : classes.size + 1] == LATIN) & (kinds[: classes.size] != LATIN)
    digit = (before >= ord("0")) & (before <= ord("9"))
    numbered = digit & ((two_before == 10) | (three_before == 10))
    stop = points == ord(".")
    ends &= ~(stop & ((single & ~digit) | numbered))
    closing = np.isin(points, _CLOSERS)
    for _ in range(2):
        ends[1:] |= closing[1:] & ends[:-1]
    return ends


def _json_ends(near: _Near) -> NDArray[np.bool_]:
    """Commas between members, escaped line ends within strings, and ends of HTML comments."""
    here, before, after = near(0), near(-1), near(1)
    after = np.where(after == ord(" "), near(2), after)
    comma: NDArray[np.bool_] = (here == ord(",")) & _one_of(before, '"}]') & _one_of(after, '"{[')
    escaped = (here == ord("n")) & (before == ord("\\")) & (near(-2) != ord("\\"))
    comment = (here == ord(">")) & (before == ord("-")) & (near(-2) == ord("-"))
    comma |= escaped | comment
    return comma


def _tag_edges(text: str, points: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where tags of blocks begin and end."""
    edges: list[int] = []
    for place in np.flatnonzero(points == ord("<")).tolist():
        if text.startswith("<!--", place):
            edges.append(place)
        elif match := _TAG.match(text, place):
            edges += match.span()
    return np.array(edges, dtype=np.int64)


def _one_of(points: NDArray[np.uint32], few: str) -> NDArray[np.bool_]:
    """Where `points` is one of a few characters."""
    found: NDArray[np.bool_] = points == ord(few[0])
    for character in few[1:]:
        found |= points == ord(character)
    return found


def _between(breaks: NDArray[np.int64], solid: NDArray[np.int64]) -> Spans:
    """The pieces between breaks without the white space around them; none is empty."""
    ranks = np.searchsorted(solid, breaks)
    first, last = ranks[:-1], ranks[1:]
    filled = last > first
    return np.column_stack((solid[first[filled]], solid[last[filled] - 1] + 1))


def _whole(pieces: Spans, letters: Characters) -> Spans:
    """The pieces, those without any word joined to the one before."""
    word = (letters.classes != SPACE) & (letters.classes != OTHER)
    counts = np.concatenate(([0], np.cumsum(word)))
    has_word = counts[pieces[:, 1]] > counts[pieces[:, 0]]
    has_word[0] = True
    kept = np.flatnonzero(has_word)
    ends = pieces[np.append(kept[1:] - 1, len(pieces) - 1), 1]
    return np.column_stack((pieces[kept, 0], ends))


def _cut(pieces: Spans, spent: NDArray[np.int64], solid: NDArray[np.int64], limit: int) -> Spans:
    """The pieces, those over the limits cut at spaces, or hard."""
    starts, ends = pieces[:, 0], pieces[:, 1]
    over = (ends - starts > _PIECE_CHARACTERS) | (spent[ends] - spent[starts] > limit)
    if not over.any():
        return pieces
    cut: list[tuple[int, int]] = []
    for (start, end), long in zip(pieces.tolist(), over.tolist(), strict=True):
        while long and start < end:
            rank = _stop(start, end, spent, solid, limit)
            cut.append((start, int(solid[rank - 1]) + 1))
            start = int(solid[rank]) if rank < solid.size else end
        if not long:
            cut.append((start, end))
    return np.array(cut, dtype=np.int64)


def _stop(start: int, end: int, spent: NDArray[np.int64], solid: NDArray[np.int64], limit: int) -> int:
    """Rank in `solid` of the first character after a piece that begins at `start` and keeps to the limits:
    at the last white space of its second half if it has any.
    """
    most = int(np.searchsorted(spent, spent[start] + limit, side="right")) - 1
    hard = min(end, max(start + 1, min(start + _PIECE_CHARACTERS, most)))
    low, high, first = (int(n) for n in np.searchsorted(solid, ((start + hard) // 2, hard, start)))
    if hard < end:
        gaps = np.flatnonzero(np.diff(solid[low : high + 1]) > 1)
        if gaps.size:
            return low + int(gaps[-1]) + 1
    return max(high, first + 1)


def _long(pieces: Spans, spent: NDArray[np.int64], limit: int, most: int) -> Spans:
    """Runs of pieces up to `limit`, each beginning half a window after the one before."""
    costs = np.cumsum(spent[pieces[:, 1]] - spent[pieces[:, 0]]).tolist()
    edges = [0, *costs]
    spans = _runs(edges, limit)
    while len(spans) > most:
        limit *= 2
        spans = _runs(edges, limit)
    runs = np.array(spans, dtype=np.int64)
    return np.column_stack((pieces[runs[:, 0], 0], pieces[runs[:, 1] - 1, 1]))


def _runs(edges: list[int], limit: int) -> list[tuple[int, int]]:
    """First piece and one past the last of each run; `edges` is the running cost."""
    count = len(edges) - 1
    runs: list[tuple[int, int]] = []
    first = 0
    while True:
        last = max(first + 1, bisect_right(edges, edges[first] + limit) - 1)
        runs.append((first, last))
        if last >= count:
            return runs
        middle = bisect_left(edges, (edges[first] + edges[last] + 1) // 2, first + 1, last)
        first = max(first + 1, middle)
