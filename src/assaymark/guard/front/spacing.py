"""Letter-spacing: `i g n o r e`, `i.g.n.o.r.e`, `i*g*n*o*r*e`, a letter a line."""

import re
from collections import Counter

from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Piece, Run, around, merged
from assaymark.guard.front.words import WORDS

__all__ = ["spacing"]

_GAP = r"[ \t\u00a0\u2000-\u200a.·•,_*|/\\~+:;'\"^=#-]{1,3}|\r?\n(?:[ \t]{0,3}\r?\n)?"
_RUN = re.compile(rf"(?<![^\W_])[^\W_](?:(?:{_GAP}|[ \t]{{2,6}}|\s*[/|]\s*)[^\W_](?![^\W_])){{4,}}+")
_PART = re.compile(r"([\W_]+)")
_LEAST_WORD = 4
"""Letters of the longest known word that comes out."""
_EVEN = 0.6
"""Share of the gaps that are alike; minified code has all kinds."""
_LONGEST_WORD = 18
_MOST_SPLIT = 20_000


def spacing(text: str) -> Found | None:
    """`text` with letter-spaced words closed up, where words come out; lists of initials are left alone."""
    runs = [run for m in _RUN.finditer(text) if (run := _closed(m.group(), m.start())) is not None]
    return Found(name="letter_spacing", made=around(text, runs), spans=merged(runs, 3)) if runs else None


def _closed(run: str, start: int) -> Run | None:
    parts = _PART.split(run)  # letter, gap, letter, gap, … letter
    gaps = Counter(parts[1::2])
    usual, count = gaps.most_common(1)[0]
    if count < _EVEN * (len(parts) // 2):
        return None
    kept = {gap: "" if gap == usual else _gap(gap, usual) for gap in gaps}
    shown = parts[:]
    shown[1::2] = [kept[gap] for gap in parts[1::2]]
    said = "".join(shown)
    words = re.findall(r"[^\W_]+", said)
    split = len(words) == 1 or max(map(len, words)) > _LONGEST_WORD
    cuts = _cuts(said) if split else []
    if split:
        words = [said[a:b] for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    if not _believed(words, said):
        return None
    pieces = _pieces(parts, shown, start)
    if cuts:
        said, pieces = _spread(said, pieces, cuts)
    return Run(start, start + len(run), said, tuple(pieces))


def _believed(words: list[str], said: str) -> bool:
    known = [len(w) for w in words if w.lower() in WORDS]
    enough = sum(n for n in known if n > 2) * 2 >= len(said)
    return max(known, default=0) >= _LEAST_WORD and (enough or (len(words) > 3 and speaks(" ".join(words))))


def _gap(gap: str, usual: str) -> str:
    kept = gap.replace(usual, "") if usual.strip() else gap
    sign = kept.strip()
    return f"{sign} " if sign in (",", ".", ":", ";") and sign else " "


def _pieces(parts: list[str], shown: list[str], start: int) -> list[Piece]:
    """One for each character of what is shown."""
    pieces: list[Piece] = []
    for part, put in zip(parts, shown, strict=True):
        pieces += [Piece(len(pieces) + n, start, start + len(part)) for n in range(len(put))]
        start += len(part)
    return pieces


def _cuts(said: str) -> list[int]:
    """Where words begin (but the first) if the fewest letters are to be in no known word."""
    lower = said.lower()
    if len(lower) > _MOST_SPLIT or len(lower) != len(said):
        return []
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(lower) + 1):
        best.append(
            min(
                (best[first][0] + (1.0 if lower[first:end] in WORDS else 3.0 * (end - first)), first)
                for first in range(max(0, end - _LONGEST_WORD), end)
            )
        )
    cuts = []
    end = best[len(said)][1]
    while end:
        cuts.append(end)
        end = best[end][1]
    return cuts[::-1]


def _spread(said: str, pieces: list[Piece], cuts: list[int]) -> tuple[str, list[Piece]]:
    """Put a space at each cut."""
    made: list[Piece] = []
    parts: list[str] = []
    for first, last in zip([0, *cuts], [*cuts, len(said)], strict=True):
        if first:
            made.append(Piece(len(made), pieces[first].start, pieces[first].start))
        made += [pieces[n]._replace(at=len(made) + n - first) for n in range(first, last)]
        parts.append(said[first:last])
    return " ".join(parts), made
