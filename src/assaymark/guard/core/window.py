"""The rolling window of one track of a stream: what is held back, what is due to be judged, what may go."""

import re

from msgspec.structs import replace

from assaymark.guard.event import Edit

__all__ = ["Track"]

_SENTENCE = re.compile(r"[.!?。！？]['\")\]]?\s|\n")
_LOOK_BACK = 400
"""Characters already released that are scored again with what follows them, so that an attack cannot be
cut in two."""
_REMEMBERED = 4_000
"""Characters before the newest that egress rules see."""
_SHORT = 20
"""A sentence shorter than this waits for the next before it is judged."""


class Track:
    """One run of text. Offsets count code points from its beginning.

    At any time the newest `hold` characters may not have been released. Judging waits for the end of a
    sentence or a quarter of `hold`, whichever comes first.
    """

    def __init__(self, hold: int) -> None:
        self.hold = hold
        self.step = max(1, hold // 4)
        self.size = 0
        """Characters received."""
        self.judged = 0
        """Characters that the chain has seen."""
        self.upto = 0
        """Characters that may go."""
        self.edits: tuple[Edit, ...] = ()
        """Edits before `upto`, final."""
        self._pending: list[Edit] = []
        """Edits behind `upto`, which may still grow."""
        self._text = ""
        self._base = 0

    def add(self, text: str) -> None:
        """More text came."""
        self._text += text
        self.size += len(text)

    def due(self) -> bool:
        """Whether the next window should be judged now."""
        waiting = self.size - self.judged
        if waiting >= self.step:
            return True
        if waiting < _SHORT:
            return False
        tail = self._text[self.judged - self._base :]
        return any(match.end() >= _SHORT for match in _SENTENCE.finditer(tail))

    def window(self) -> tuple[str, int, int]:
        """Text to judge, where in the track it begins, and its first code point that must be scored."""
        fresh = max(self._base, self.upto - _LOOK_BACK)
        sentences = [
            m.end() for m in _SENTENCE.finditer(self._text, fresh - self._base, self.upto - self._base)
        ]
        if sentences and fresh > self._base:
            fresh = self._base + sentences[0]
        return self._text, self._base, fresh - self._base

    def news(self) -> str:
        """What the chain has not seen."""
        return self._text[self.judged - self._base :]

    def clear(
        self, edits: tuple[Edit, ...], base: int, seen: int, *, ended: bool, growing: int | None = None
    ) -> None:
        """The window up to `seen` was judged and may go but for its newest characters, with `edits`.

        Args:
            edits: with offsets from `base`.
            base: where the window begins.
            seen: where it ends.
            ended: nothing more will come.
            growing: from here on something may still grow that has to be cut out whole.
        """
        self.judged = max(self.judged, seen)
        cut = seen if ended else max(self.upto, seen - (self.hold - self.step))
        placed = [replace(e, start=e.start + base, end=e.end + base) for e in edits]
        later = _merged([e for e in [*self._pending, *placed] if e.end > self.upto], self.upto)
        if growing is not None and not ended:
            cut = min(cut, max(growing, self.upto))
        for edit in later:
            if edit.start < cut < edit.end or (edit.end >= seen and edit.start < cut and not ended):
                cut = edit.start
        self.edits += tuple(e for e in later if e.end <= cut)
        self._pending = [e for e in later if e.end > cut]
        self.upto = max(self.upto, cut)
        self._forget()

    def _forget(self) -> None:
        if self.upto - self._base > 2 * _REMEMBERED:
            cut = self.upto - _REMEMBERED
            self._text = self._text[cut - self._base :]
            self._base = cut


def _merged(edits: list[Edit], lowest: int) -> list[Edit]:
    """Edits in order, those that overlap made one; what has gone cannot be cut any more."""
    merged: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        edit = replace(edit, start=max(edit.start, lowest))
        if merged and edit.start < merged[-1].end:
            merged[-1] = replace(merged[-1], end=max(merged[-1].end, edit.end))
        else:
            merged.append(edit)
    return merged
