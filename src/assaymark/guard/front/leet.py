"""Leetspeak: digits and signs for letters within words."""

import re
from itertools import product

from assaymark.guard.front.language import likeness
from assaymark.guard.front.mapped import Found, Piece, Run, around, merged
from assaymark.guard.front.words import WORDS

__all__ = ["leet"]

_TOKEN = re.compile(r"(?<![^\s(\"'“])[A-Za-z013456789@$!|+]{1,24}(?![^\s.,;:?!)\"'”])")
_PLAIN = str.maketrans("03456789@$!|+", "oeasgtbgasilt")
_ODD = re.compile("[013456789@$!|+]")
_LIKE = 0.7
_GAP = 30
_FEWEST = 2
"""Decoded words of three letters and more before any is believed."""


def leet(text: str) -> Found | None:
    """`text` with its leet words spelt out, if two or more turn out to be English words."""
    runs: list[Run] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        if not _ODD.search(word):
            continue
        tail = len(word) - len(word.rstrip("!"))
        word = word[: len(word) - tail] if tail and word.rstrip("!") and not _known(word) else word
        said = _known(word)
        if said is None and any(map(str.isalpha, word)):
            said = _likely(word)
        if said is None or said == word:
            continue
        end = match.start() + len(word)
        runs.append(Run(match.start(), end, said, (Piece(0, match.start(), end, 1),)))
    runs = _dense(text, runs)
    if not runs:
        return None
    return Found(name="leet", made=around(text, runs), spans=merged(runs, 3))


def _dense(text: str, runs: list[Run]) -> list[Run]:
    """Those that stand close together, with enough among them that digits and letters make up."""
    kept: list[Run] = []
    group: list[Run] = []
    for run in [*runs, Run(len(text) + _GAP + 1, len(text) + _GAP + 1, "")]:
        if group and run.start - group[-1].end > _GAP:
            strong = [
                r
                for r in group
                if len(r.text) > 3
                and _known(text[r.start : r.end])
                and any(map(str.isalpha, text[r.start : r.end]))
            ]
            kept += group if len(strong) >= _FEWEST else []
            group = []
        group.append(run)
    return kept


def _known(word: str) -> str | None:
    spots = word.count("1")
    if spots > 3:
        return None
    plain = word.translate(_PLAIN)
    for letters in product("il", repeat=spots):
        parts = plain.split("1")
        said = parts[0] + "".join(a + b for a, b in zip(letters, parts[1:], strict=True))
        if said.lower() in WORDS or (_stem(said.lower()) in WORDS):
            return said
    return None


def _likely(word: str) -> str | None:
    """A word that is in no list, as its neighbours suggest."""
    said = max((word.translate(_PLAIN).replace("1", c) for c in "il"), key=likeness)
    return said if len(said) > 3 and said.isalpha() and likeness(said) >= _LIKE else None


def _stem(word: str) -> str:
    return next(
        (word[: -len(e)] for e in ("s", "ed", "ing", "ly", "d") if word.endswith(e) and len(word) > 5), word
    )
