"""Leetspeak: digits and signs for letters within words."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product

from assaymark.guard.front.language import likeness
from assaymark.guard.front.mapped import Found, Piece, Run, around, merged
from assaymark.guard.front.words import WORDS

__all__ = ["leet", "words"]

_TOKEN = re.compile(
    r"(?<![^\s(\"'“])(?=[A-Za-z]{0,24}[013456789@$!|+])[A-Za-z013456789@$!|+]{1,24}(?![^\s.,;:?!)\"'”])"
)
_PLAIN = str.maketrans("03456789@$!|+", "oeasgtbgasilt")
_INSIDE = re.compile(r"[A-Za-z][013456789@$!|+]{1,3}[A-Za-z]|^[0-9]{1,3}[A-Za-z]")
"""What a name of a program, a sigil or a number at the end of a word is not."""
_HEX = re.compile(r"[0-9][0-9A-F]+$")
_BEFORE = re.compile(r"[\s(\"'“]+")
_LIKE = 0.7
_GAP = 30
_FEWEST = 2
"""Different decoded words of three letters and more before any is believed."""
_MOST_ONES = 3


def leet(text: str) -> Found | None:
    """`text` with its leet words spelt out, if two or more turn out to be English words."""
    known, likely = cache(_known), cache(_likely)  # for this call: they hold words of the text
    runs: list[Run] = []
    for group in _groups(list(_candidates(text, known))):
        if not _strong(text, group):
            continue
        spelt = [run if run.text else run._replace(text=likely(text[run.start : run.end])) for run in group]
        for part in _groups([run for run in spelt if run.text]):
            runs += part if _strong(text, part) else []
    if not runs:
        return None
    runs = [run._replace(pieces=(Piece(0, run.start, run.end, 1),)) for run in runs]
    return Found(name="leet", made=around(text, runs), spans=merged(runs, 3))


def words(text: str) -> int:
    """How many words there may be to look at, but for the first."""
    return len(_BEFORE.findall(text))


def _candidates(text: str, known: Callable[[str], str]) -> Iterator[Run]:
    """Words with odd letters: spelt out if that gives a known word, else without text."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        bare = word.rstrip("!")
        if bare and bare != word and not known(word):
            word = bare
        said = known(word)
        if said != word and (said or not word.isdigit()):
            yield Run(match.start(), match.start() + len(word), said)


def _groups(runs: list[Run]) -> Iterator[list[Run]]:
    """Those that stand close together."""
    group: list[Run] = []
    for run in runs:
        if group and run.start - group[-1].end > _GAP:
            yield group
            group = []
        group.append(run)
    if group:
        yield group


def _strong(text: str, group: list[Run]) -> bool:
    """Whether there are enough words among them that digits and letters make up."""
    words = {text[r.start : r.end] for r in group if len(r.text) > 3}
    return sum(1 for w in words if _INSIDE.search(w) and not _HEX.match(w)) >= _FEWEST


def _known(word: str) -> str:
    spots = word.count("1")
    if spots > _MOST_ONES:
        return ""
    plain = word.translate(_PLAIN)
    if not plain.replace("1", "i").isalpha():
        return ""
    parts = plain.split("1")
    for letters in product("il", repeat=spots):
        said = parts[0] + "".join([a + b for a, b in zip(letters, parts[1:], strict=True)])
        if said.lower() in WORDS or _stem(said.lower()) in WORDS:
            return said
    return ""


def _likely(word: str) -> str:
    """A word that is in no list, as its neighbours suggest."""
    said = max((word.translate(_PLAIN).replace("1", c) for c in "il"), key=likeness)
    letters = any(map(str.isalpha, word)) and len(said) > 3 and said.isalpha()
    return said if letters and likeness(said) >= _LIKE else ""


def _stem(word: str) -> str:
    return next(
        (word[: -len(e)] for e in ("s", "ed", "ing", "ly", "d") if word.endswith(e) and len(word) > 5), word
    )
