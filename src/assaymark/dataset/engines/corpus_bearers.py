"""Third pass: the documents that bear what was chosen, with the tokens around it.

Of each run, the documents that come first in the draw are kept, so many that chance has little say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_events import Chosen, codes
from assaymark.dataset.engines.corpus_model import Model, packed
from assaymark.dataset.engines.corpus_stream import Part, distinct, line_begins, parts, runs
from assaymark.dataset.engines.fields import number_hash
from assaymark.dataset.engines.words import Tokens

__all__ = ["AT", "NONE", "RARE", "WIDE", "Around", "Bearers", "Shown"]

AT, WIDE = 40, 128
"""Of the tokens that are kept around the beginning of a run: its place, and how many."""
_KEPT = 32
"""Documents of one run that are kept."""
_ROOM = 200_000
"""Places kept before those that come late in the draw are let go."""
_SHOWN = 3
_BEFORE, _AFTER = 24, 48
"""Tokens that are shown around the beginning of a run."""
RARE = 48
NONE = 255
"""Surprise where there is no token."""


@dataclass(frozen=True, eq=False)
class Around:
    """Places where chosen runs stand; arrays run along places."""

    code: NDArray[np.uint64]
    row: NDArray[np.int64]
    draw: NDArray[np.uint64]
    token: NDArray[np.uint32]
    """(places, WIDE) Tokens around; 0 for none. The last bit says whether a line begins with it."""
    surprise: NDArray[np.uint8]
    """(places, WIDE) Eighths of a bit; 255 for none."""
    letters: NDArray[np.bool_]
    """(places, WIDE) Whether they are letters beyond ASCII."""
    rare: NDArray[np.uint32]
    """(places, RARE) Rare words of the document, those whose hashes come first; 0 for none."""
    size: NDArray[np.int64]
    """Tokens of its text."""
    depth: NDArray[np.float32]
    """Where in its document it stands, from 0 to 1."""

    def only(self, at: NDArray[np.int64]) -> "Around":
        """Those places."""
        return Around(*(getattr(self, name)[at] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: Sequence["Around"]) -> "Around":
        """Places side by side."""
        return cls(*(np.concatenate([getattr(p, n) for p in parts]) for n in cls.__dataclass_fields__))


@dataclass(frozen=True, order=True)
class Shown:
    """A run in its document, for people."""

    draw: int
    row: int
    text: bytes
    begins: tuple[int, ...]
    """Where in `text` the tokens begin, those before the run included."""
    ends: tuple[int, ...]
    at: int
    """Number of the run's first token."""


@dataclass
class Bearers:
    """State of the third pass."""

    chosen: Chosen
    parts: list[Around] = field(default_factory=list)
    shown: dict[int, list[Shown]] = field(default_factory=dict)

    def add(self, rows: NDArray[np.int64], texts: Sequence[str]) -> None:
        """Take documents in."""
        wanted = np.flatnonzero(np.isin(rows, self.chosen.rows)).tolist()
        if not wanted:
            return
        few = [texts[n] for n in wanted]
        numbers = rows[wanted]
        made = [found for part in parts(few) if (found := self._around(part, numbers)) is not None]
        if made:
            self.parts.append(self._first(Around.joined(made)))
            self._fit()

    def take(self, other: "Bearers") -> None:
        """Take another state in."""
        self.parts += other.parts
        self._fit()
        for code, shown in other.shown.items():
            self.shown[code] = sorted([*self.shown.get(code, []), *shown])[:_SHOWN]

    def _fit(self) -> None:
        if sum(len(part.code) for part in self.parts) > _ROOM:
            self.parts = [self._first(Around.joined(self.parts))]

    def around(self) -> Around:
        """All places, by run and draw."""
        parts = self.parts or [_nothing()]
        return self._first(Around.joined(parts))

    def _first(self, found: Around) -> Around:
        """For each run its first documents in the draw, each document once."""
        order = np.lexsort((found.depth, found.draw, found.code))
        code, row = found.code[order], found.row[order]
        new = np.ones(len(order), np.bool_)
        new[1:] = (code[1:] != code[:-1]) | (row[1:] != row[:-1])
        order = order[new]
        code = found.code[order]
        begin = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]])[: len(code)])
        place = np.arange(len(code)) - np.repeat(begin, np.diff(np.append(begin, len(code))))
        return found.only(order[place < _KEPT])

    def _around(self, part: Part, rows: NDArray[np.int64]) -> Around | None:
        tokens = part.tokens
        keys = runs(tokens)
        chosen = self.chosen.code
        place, code = [], []
        for kind in np.unique(chosen & np.uint64(0xFF)).tolist():
            each = codes(kind >> 4, kind & 15, keys[kind & 15])
            at = np.minimum(np.searchsorted(chosen, each), len(chosen) - 1)
            hit = np.flatnonzero((chosen[at] == each) & (keys[kind & 15] != 0))
            place.append(hit)
            code.append(each[hit])
        at = np.concatenate(place)
        if not len(at):
            return None
        made = self._windows(part, at, np.concatenate(code), rows)
        self._show(tokens, at, made)
        return made

    def _windows(
        self, part: Part, at: NDArray[np.int64], code: NDArray[np.uint64], rows: NDArray[np.int64]
    ) -> Around:
        tokens = part.tokens
        sums = packed(self.chosen.corpus.model, tokens)
        each = sums[1:] - sums[:-1]
        short = (tokens.key >> np.uint64(32)).astype(np.uint32) & ~np.uint32(1) | line_begins(tokens)
        text = tokens.text[at]
        # The marks of a text's beginning and end are no tokens here.
        low, high = tokens.first[text] + 1, tokens.first[text + 1] - 1
        around = at[:, None] + np.arange(-AT, WIDE - AT)
        inside = (around >= low[:, None]) & (around < high[:, None])
        around = np.clip(around, 0, len(short) - 1)
        surprise = np.minimum(each & np.uint64(0xFFFF), 254).astype(np.uint8)
        letters = (each >> np.uint64(48)) != 0
        owner = rows[part.owner(at)]
        return Around(
            code,
            owner,
            number_hash(owner),
            np.where(inside, short[around], 0),
            np.where(inside, surprise[around], NONE),
            letters[around] & inside,
            _rare_words(self.chosen.corpus.model, tokens, short)[text],
            high - low,
            ((at - low) / np.maximum(high - low, 1)).astype(np.float32),
        )

    def _show(self, tokens: Tokens, at: NDArray[np.int64], made: Around) -> None:
        for n, place in enumerate(at.tolist()):
            code, draw = int(made.code[n]), int(made.draw[n])
            held = self.shown.setdefault(code, [])
            if len(held) == _SHOWN and draw >= held[-1].draw:
                continue
            if any(shown.row == int(made.row[n]) for shown in held):
                continue
            text = int(tokens.text[place])
            low = max(place - _BEFORE, int(tokens.first[text]) + 1)
            high = min(place + _AFTER, int(tokens.first[text + 1]) - 1)
            begin = int(tokens.start[low])
            raw = tokens.data[begin : int(tokens.end[high - 1])]
            shown = Shown(
                draw,
                int(made.row[n]),
                raw,
                tuple((tokens.start[low:high] - begin).tolist()),
                tuple((tokens.end[low:high] - begin).tolist()),
                place - low,
            )
            held.append(shown)
            held.sort()
            del held[_SHOWN:]


def _rare_words(model: Model, tokens: Tokens, short: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """(texts, RARE) Words of each text that few documents have, but not it alone."""
    code = short & ~np.uint32(1)
    at = np.flatnonzero(model.rare[code >> np.uint32(14)])
    pair = distinct((tokens.text[at] << 32) | _spread(code[at]))
    text = pair >> 32
    first = np.searchsorted(text, np.arange(len(tokens.first) - 1))
    place = np.arange(len(pair)) - first[text]
    found = np.zeros((len(tokens.first) - 1, RARE), np.uint32)
    kept = place < RARE
    found[text[kept], place[kept]] = (pair[kept] & 0xFFFFFFFF).astype(np.uint32)
    return found


def _spread(code: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Words in another order than that of their hashes, which says nothing of them; one to one."""
    return (code * np.uint32(0x9E3779B1)).astype(np.int64)


def _nothing() -> Around:
    """No places."""
    wide = (0, WIDE)
    return Around(
        np.zeros(0, np.uint64),
        np.zeros(0, np.int64),
        np.zeros(0, np.uint64),
        np.zeros(wide, np.uint32),
        np.zeros(wide, np.uint8),
        np.zeros(wide, np.bool_),
        np.zeros((0, RARE), np.uint32),
        np.zeros(0, np.int64),
        np.zeros(0, np.float32),
    )
