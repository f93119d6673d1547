"""What the chat engines keep of the records: token numbers and plain measures, within a fixed room.

When the room is full, every second record is let go, by a draw that depends on the record's number alone. The
largest share that fits is therefore the same however the records were split over shards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_measures import MEASURES, measure
from assaymark.dataset.engines.chat_tokens import Tokens, mix, tokenise

__all__ = ["BOUNDARY", "COPIED", "Kept", "Marked", "Records", "Texts", "drawn", "marked"]

ROOM = 32_000_000
"""Tokens kept at most: 128 MB, and some ten times that while they are counted; 100,000 to 150,000 records."""
LONGEST = 512
"""Tokens kept of one text, half of them from its end."""
BOUNDARY = 1
"""Stands between lines, and for the name of a speaker."""
COPIED = 2
"""Stands for a token of the response that the prompt has too."""

_SPEAKERS = ("user", "human", "assistant", "system", "instruction", "input", "question", "prompt", "response")


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts as token numbers, one after another."""

    code: NDArray[np.uint32]
    size: NDArray[np.int32]
    """Tokens of each text."""

    def owner(self) -> NDArray[np.int32]:
        """Number of the text that each token is from."""
        return np.repeat(np.arange(len(self.size), dtype=np.int32), self.size)

    def part(self, begin: int, end: int) -> "Texts":
        """Some texts in a row."""
        ends = np.concatenate([[0], np.cumsum(self.size)])
        return Texts(self.code[ends[begin] : ends[min(end, len(self.size))]], self.size[begin:end])

    def only(self, places: NDArray[np.int32]) -> "Texts":
        """The texts in these places, ascending."""
        keep = np.zeros(len(self.size), bool)
        keep[places] = True
        return Texts(self.code[np.repeat(keep, self.size)], self.size[keep])


@dataclass(frozen=True, eq=False)
class Records:
    """Records side by side, ascending by number."""

    rows: NDArray[np.int64]
    prompt: Texts
    response: Texts
    measures: NDArray[np.float32]
    """(records, measures)"""

    def only(self, keep: NDArray[np.bool_]) -> "Records":
        """Those records alone."""

        def of(texts: Texts) -> Texts:
            return Texts(texts.code[np.repeat(keep, texts.size)], texts.size[keep])

        return Records(self.rows[keep], of(self.prompt), of(self.response), self.measures[keep])


def drawn(rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A number for each record, evenly spread, that depends on the record's number alone."""
    return mix(rows.astype(np.uint64) + np.uint64(0x5EED))


def _short(code: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Tokens in 32 bits; the lowest numbers are kept for marks."""
    short: NDArray[np.uint32] = np.maximum((code >> np.uint64(32)).astype(np.uint32), np.uint32(16))
    return short


def _cut(code: NDArray[np.uint32], owner: NDArray[np.int64], count: int) -> Texts:
    """Each text's first and last tokens."""
    size = np.bincount(owner, minlength=count)
    place = np.arange(len(code)) - np.repeat(np.cumsum(size) - size, size)
    left = np.repeat(size, size) - place
    keep = (place < LONGEST // 2) | (left <= LONGEST // 2)
    return Texts(code[keep], np.bincount(owner[keep], minlength=count).astype(np.int32))


_SPEAKER_CODES = np.unique(_short(tokenise(_SPEAKERS, lower=True).code))
_COLON = _short(tokenise([":"], lower=True).code)[0]


def _lines(tokens: Tokens) -> NDArray[np.bool_]:
    """Whether a line, or a speaker's words, begin at the token."""
    data = np.frombuffer(tokens.raw, np.uint8)
    breaks = np.concatenate([[0], np.cumsum(data == 10)])
    begins = np.zeros(len(tokens.code), bool)
    begins[1:] = breaks[tokens.begin[1:]] > breaks[tokens.end[:-1]]
    return begins


@dataclass(frozen=True, eq=False)
class Marked:
    """Prompts token by token, with marks between lines, and instead of the names of speakers."""

    code: NDArray[np.uint32]
    owner: NDArray[np.int64]
    place: NDArray[np.int64]
    """Number of the token among all tokens; of a mark, that of the next."""

    def runs(self, length: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Hash and first place of every run of `length` codes within one prompt."""
        code = self.code.astype(np.uint64)
        count = max(len(code) - length + 1, 0)
        run = mix(code[:count])
        for step in range(1, length):
            run = mix(run * np.uint64(3) + code[step : step + count])
        inside = np.flatnonzero(self.owner[:count] == self.owner[length - 1 :][:count])
        return run[inside], inside


def marked(tokens: Tokens, lower: NDArray[np.uint64]) -> Marked:
    """Prompts for a search for phrases."""
    code, owner = _short(tokens.code), tokens.text
    begins = _lines(tokens)
    opens = begins | _first(owner)
    named = np.zeros(len(code), bool)
    named[2:] = (code[1:-1] == _COLON) & np.isin(_short(lower)[:-2], _SPEAKER_CODES) & opens[:-2]
    speaker = np.zeros(len(code), bool)
    speaker[:-2] |= named[2:]
    speaker[1:-1] |= named[2:]
    place = np.flatnonzero(~speaker)
    code, owner, begins = code[place], owner[place], (begins | named)[place]
    marks = np.flatnonzero(begins & ~_first(owner))
    return Marked(
        np.insert(code, marks, np.uint32(BOUNDARY)),
        np.insert(owner, marks, owner[marks]),
        np.insert(place, marks, place[marks]),
    )


def _first(owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a token is the first of its text."""
    first = np.ones(len(owner), bool)
    first[1:] = owner[1:] != owner[:-1]
    return first


def _read(rows: NDArray[np.int64], prompts: Sequence[str], responses: Sequence[str]) -> Records:
    """Records of one batch."""
    count = len(rows)
    asked = tokenise(prompts, lower=False)
    small = tokenise(prompts, lower=True)
    answered = tokenise(responses, lower=True)
    asked_key = mix(small.code ^ mix(small.text.astype(np.uint64) + np.uint64(1)))
    key = mix(answered.code ^ mix(answered.text.astype(np.uint64) + np.uint64(1)))
    copied = np.isin(key, asked_key)
    lines = marked(asked, small.code)
    return Records(
        rows,
        _cut(lines.code, lines.owner, count),
        _cut(np.where(copied, np.uint32(COPIED), _short(answered.code)), answered.text, count),
        measure(responses, small, answered, asked_key, key, copied),
    )


def _size(records: Records) -> int:
    return len(records.prompt.code) + len(records.response.code) + 16 * len(records.rows)


@dataclass(eq=False)
class Kept:
    """State of the first pass."""

    parts: list[Records] = field(default_factory=list)
    halved: int = 0
    """One in 2 ** `halved` records is kept."""
    seen: int = 0
    room: int = ROOM

    def add(self, rows: NDArray[np.int64], prompts: Sequence[str], responses: Sequence[str]) -> None:
        """Take a batch in."""
        self.seen += len(rows)
        keep = self._lucky(rows)
        places = np.flatnonzero(keep).tolist()
        if places:
            self.parts.append(_read(rows[keep], [prompts[i] for i in places], [responses[i] for i in places]))
        self._fit()

    def take(self, other: "Kept") -> None:
        """Take another state in."""
        self.seen += other.seen
        self.parts += other.parts
        self._halve(max(self.halved, other.halved))
        self._fit()

    def records(self) -> Records:
        """All that was kept, in the order of the records' numbers."""
        parts = self.parts or [_read(np.zeros(0, np.int64), [], [])]
        rows = np.concatenate([p.rows for p in parts])
        order = np.argsort(rows, kind="stable")
        return Records(
            rows[order],
            _ordered([p.prompt for p in parts], order),
            _ordered([p.response for p in parts], order),
            np.concatenate([p.measures for p in parts]).reshape(-1, len(MEASURES))[order],
        )

    def _lucky(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        lucky: NDArray[np.bool_] = drawn(rows) >> np.uint64(63 - self.halved) < 2
        return lucky

    def _halve(self, halved: int) -> None:
        if halved > self.halved or any(not self._lucky(p.rows).all() for p in self.parts):
            self.halved = max(halved, self.halved)
            self.parts = [p.only(self._lucky(p.rows)) for p in self.parts]

    def _fit(self) -> None:
        while sum(_size(p) for p in self.parts) > self.room and self.halved < 60:
            self._halve(self.halved + 1)


def _ordered(parts: list[Texts], order: NDArray[np.int64]) -> Texts:
    code = np.concatenate([p.code for p in parts])
    size = np.concatenate([p.size for p in parts])
    start = (np.cumsum(size) - size)[order]
    sizes = size[order]
    place = np.arange(len(code)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return Texts(code[np.repeat(start, sizes) + place], sizes)
