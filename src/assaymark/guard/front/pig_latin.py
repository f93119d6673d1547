"""Pig Latin: `ignoreway allway eviouspray ulesray`."""

import re
from collections.abc import Sequence
from functools import cache

from assaymark.guard.front.language import likeness
from assaymark.guard.front.mapped import Found, Run, listed, merged
from assaymark.guard.front.strange import known_share
from assaymark.guard.front.words import WORDS

__all__ = ["pig_latin"]

_WORD = re.compile(r"[A-Za-z]++")
_ENDS = 0.7
_LEAST_KNOWN = 0.5


def pig_latin(text: str, strange: Sequence[tuple[int, int]]) -> Found | None:
    """The `strange` stretches of `text` whose words nearly all end in `ay` and are English without it."""
    if text.count("ay") < 3:
        return None
    runs = []
    plain = cache(_plain)  # for this call: it holds words of the text
    for a, b in strange:
        words = _WORD.findall(text[a:b])
        if sum(w.lower().endswith("ay") for w in words) < _ENDS * len(words) or len(words) < 3:
            continue
        said = _WORD.sub(lambda m: plain(m.group()), text[a:b])
        if known_share(said) >= _LEAST_KNOWN:
            runs.append(Run(a, b, said))
    return Found(name="pig_latin", made=listed(runs), spans=merged(runs)) if runs else None


def _plain(word: str) -> str:
    lower = word.lower()
    if not lower.endswith("ay"):
        return word
    body = lower[:-2]
    turned = [body[-n:] + body[:-n] for n in range(1, min(4, len(body)))]
    bare = [body[:-1]] if body.endswith(("w", "y")) else []
    said = next((w for w in bare + turned if w in WORDS), max([*bare, *turned, lower], key=likeness))
    return said.capitalize() if word[0].isupper() else said
