"""Letter-spacing: `i g n o r e`, `i.g.n.o.r.e`, `i*g*n*o*r*e`, a letter a line."""

import re

from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Piece, Run, around, merged
from assaymark.guard.front.words import WORDS

__all__ = ["spacing"]

_GAP = r"[ \t\u00a0\u2000-\u200a.·•,_*|/\\~+:;'\"^=#-]{1,3}|\r?\n(?:[ \t]{0,3}\r?\n)?"
_RUN = re.compile(
    rf"(?<![^\W_])(?:[^\W_](?:{_GAP}|[ \t]{{2,6}}|\s*[/|]\s*)(?![^\W_]{{2}})){{4,}}[^\W_](?![^\W_])"
)
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
    gaps = re.findall(r"[\W_]+", run)
    usual = max(set(gaps), key=gaps.count)
    letters: list[str] = []
    pieces: list[Piece] = []
    at = 0
    for part in re.finditer(r"([^\W_])|([\W_]+)", run):
        if part.group(1):
            pieces.append(Piece(at, start + part.start(), start + part.end()))
            letters.append(part.group())
        elif part.group() != usual:
            gap = _gap(part.group(), usual)
            pieces += [Piece(at + n, start + part.start(), start + part.end()) for n in range(len(gap))]
            letters.append(gap)
        else:
            continue
        at += len(letters[-1])
    said = "".join(letters)
    words = re.findall(r"[^\W_]+", said)
    if len(words) == 1 or max(map(len, words)) > _LONGEST_WORD:
        said, pieces = _split(said, pieces)
        words = said.split()
    known = sum(len(w) for w in words if w.lower() in WORDS and len(w) > 2)
    longest = max((len(w) for w in words if w.lower() in WORDS), default=0)
    even = gaps.count(usual) >= _EVEN * len(gaps)
    if longest < _LEAST_WORD or not even or not (known * 2 >= len(said) or (len(words) > 3 and speaks(said))):
        return None
    return Run(start, start + len(run), said, tuple(pieces))


def _gap(gap: str, usual: str) -> str:
    kept = gap.replace(usual, "") if usual.strip() else gap
    sign = kept.strip()
    return f"{sign} " if sign in (",", ".", ":", ";") and sign else " "


def _split(said: str, pieces: list[Piece]) -> tuple[str, list[Piece]]:
    """Put spaces between the words of a run of letters, so that the fewest letters are in no known word."""
    lower = said.lower()
    if len(lower) > _MOST_SPLIT or len(lower) != len(said):
        return said, pieces
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(lower) + 1):
        best.append(
            min(
                (best[first][0] + (1.0 if lower[first:end] in WORDS else 3.0 * (end - first)), first)
                for first in range(max(0, end - _LONGEST_WORD), end)
            )
        )
    cuts = []
    end = len(said)
    while end:
        end = best[end][1]
        cuts.append(end)
    words, made, at = sorted(cuts), [], 0
    parts: list[str] = []
    for first, last in zip(words, [*words[1:], len(said)], strict=True):
        if parts:
            made.append(Piece(at, pieces[first].start, pieces[first].start))
            at += 1
        made += [pieces[n]._replace(at=at + n - first) for n in range(first, last)]
        parts.append(said[first:last])
        at += last - first
    return " ".join(parts), made
