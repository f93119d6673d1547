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
        """Edits before `upto`, final; those behind it are made anew with each window."""
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

    def clear(self, edits: tuple[Edit, ...], base: int, seen: int, *, ended: bool) -> None:
        """The window up to `seen` was judged and may go but for its newest characters, with `edits`."""
        self.judged = max(self.judged, seen)
        cut = seen if ended else max(self.upto, seen - (self.hold - self.step))
        later = [
            replace(e, start=max(e.start + base, self.upto), end=e.end + base)
            for e in edits
            if e.end + base > self.upto
        ]
        for edit in later:
            if edit.start < cut < edit.end or (edit.end >= seen and edit.start < cut and not ended):
                cut = edit.start
        self.edits += tuple(e for e in later if e.end <= cut)
        self.upto = max(self.upto, cut)
        self._forget()

    def _forget(self) -> None:
        if self.upto - self._base > 2 * _REMEMBERED:
            cut = self.upto - _REMEMBERED
            self._text = self._text[cut - self._base :]
            self._base = cut
