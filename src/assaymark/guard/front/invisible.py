"""Characters that draw nothing, set between Latin letters to break words."""

import numpy as np

from assaymark.guard.front.characters import INVISIBLE, code_points, flags, keep
from assaymark.guard.front.mapped import Found, Mapped, Piece

__all__ = ["invisible"]

_GAP = 40
"""Findings closer than this are one."""


def invisible(text: str) -> Found | None:
    """The text without them; untouched unless one stands between two letters or digits of ASCII.

    Joiners in emoji, in Persian and in Indic scripts, and marks around Hebrew or Arabic, have their use.
    """
    points = code_points(text)
    drawn = (flags(points) & INVISIBLE) == 0
    left = np.flatnonzero(drawn)
    if len(left) == len(points) or len(left) < 2:
        return None
    seen = points[left]
    plain = (seen < 128) & _ALNUM[np.minimum(seen, 127)]
    gaps = np.flatnonzero((np.diff(left) > 1) & plain[:-1] & plain[1:])
    if not len(gaps):
        return None
    # Only those between ASCII letters go, so that a text in two scripts keeps its joiners.
    wanted = np.ones(len(points), dtype=np.bool_)
    starts, ends = left[gaps] + 1, left[gaps + 1]
    change = np.zeros(len(points) + 1, dtype=np.int32)
    np.add.at(change, starts, 1)
    np.add.at(change, ends, -1)
    wanted = np.cumsum(change[:-1]) == 0
    pieces, at, done = [], 0, 0
    spans: list[tuple[int, int]] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        pieces.append(Piece(at, done, start, 1))
        at, done = at + start - done, end
        if spans and start - spans[-1][1] <= _GAP:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    pieces.append(Piece(at, done, len(text), 1))
    return Found(name="invisible", made=Mapped(keep(points[wanted]), tuple(pieces)), spans=tuple(spans))


_ALNUM = np.array([chr(n).isalnum() for n in range(128)])
