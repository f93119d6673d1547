"""Texts → numbers that say how they are written, whatever they are about. In whole numbers, text by text."""

import re
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONTENT", "FREQUENT", "LONGEST", "Ways", "content", "frequent", "names", "styles"]

LONGEST = 600
"""Characters of a text that are looked at."""
FREQUENT = 200
"""Words and marks of this very data set, those in most texts, whose rates are a style."""
CONTENT = 64
_UNIT = 1_000
_TOKEN = re.compile(r"\w+|[^\w\s]")
_FEW = 40
"""The most frequent of them, whose order is a style as well; other tokens are of one of eight kinds."""
_KINDS = _FEW + 8
_OPENINGS = _KINDS + 16
_TURNS = 96
_ENDINGS = 48
_LENGTHS = 10

Ways = NDArray[np.int32]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text[:LONGEST])


def frequent(texts: Sequence[str]) -> tuple[str, ...]:
    """The words and marks that are in most of the texts."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({t.lower() for t in _tokens(text)})
    return tuple(t for t, _ in sorted(counts.items(), key=lambda p: (-p[1], p[0]))[:FREQUENT])


def names(known: Sequence[str]) -> list[str]:
    """What each number says, in words; empty where it cannot be told in a word."""
    rates = [f'"{t}"' for t in known] + [""] * (FREQUENT - len(known))
    openings = [f'openings with "{t}"' for t in known[:_FEW]]
    openings += [""] * (_OPENINGS - len(openings))
    shape = [
        "length", "length of words", "capitals", "words in capitals", "openings in capitals",
        "endings with a mark", "space before full stops", "space before commas", "double spaces",
        "digits", "letters beyond ASCII", "apostrophes", "different words",
    ]  # fmt: skip
    lengths = [f"words of {n} letters" for n in range(1, _LENGTHS)] + ["long words"]
    return [*rates, *openings, *[""] * _TURNS, *[""] * _ENDINGS, *lengths, *shape]


def _kind(token: str, place: dict[str, int]) -> int:
    known = place.get(token.lower(), _FEW)
    if known < _FEW:
        return known
    first = token[0]
    return _FEW + first.isdigit() + 2 * first.isupper() + 4 * (not first.isalnum())


def _shape(text: str, tokens: list[str], words: list[str]) -> list[float]:
    count, size = max(1, len(tokens)), max(1, len(text))
    end = text.rstrip()[-1:]
    return [
        float(np.log(count)),
        sum(map(len, words)) / max(1, len(words)),
        sum(t[0].isupper() for t in tokens) / count,
        sum(len(t) > 1 and t.isupper() for t in tokens) / count,
        float(bool(tokens) and tokens[0][0].isupper()),
        float(bool(end) and not end.isalnum()),
        text.count(" .") / count,
        text.count(" ,") / count,
        text.count("  ") / count,
        sum(c.isdigit() for c in text) / size,
        sum(c > "\x7f" for c in text) / size,
        text.count("'") / count,
        len(set(words)) / max(1, len(words)),
    ]


def _one(text: str, place: dict[str, int]) -> NDArray[np.float64]:
    text = text[:LONGEST]
    tokens = _tokens(text)
    words = [t.lower() for t in tokens if t[0].isalnum()]
    kinds = [_kind(t, place) for t in tokens]
    rates, openings = np.zeros(FREQUENT), np.zeros(_OPENINGS)
    turns, endings, lengths = np.zeros(_TURNS), np.zeros(_ENDINGS), np.zeros(_LENGTHS)
    for token in tokens:
        at = place.get(token.lower())
        if at is not None:
            rates[at] += 1
    for first, second in zip([_KINDS, *kinds], [*kinds, _KINDS], strict=True):
        turns[(first * (_KINDS + 1) + second) * 40_503 % 65_521 % _TURNS] += 1
    for word in words:
        lengths[min(len(word), _LENGTHS) - 1] += 1
        if len(word) > 4:
            endings[crc32(word[-2:].encode("utf-8", "replace")) % _ENDINGS] += 1
    if kinds:
        openings[kinds[0]] = 1
        openings[_KINDS + (kinds[1] % 16 if len(kinds) > 1 else 15)] = 1
    count = max(1, len(tokens))
    counted = np.sqrt(np.concatenate([rates, turns, endings, lengths]) / count)
    head, rest = counted[:FREQUENT], counted[FREQUENT:]
    return np.concatenate([head, openings, rest, _shape(text, tokens, words)])


def styles(texts: Sequence[str], known: Sequence[str]) -> Ways:
    """How each text is written: rates, order, openings, endings, lengths, capitals, spacing."""
    place = {token: k for k, token in enumerate(known)}
    width = FREQUENT + _OPENINGS + _TURNS + _ENDINGS + _LENGTHS + 13
    made = np.zeros((len(texts), width), np.int32)
    for k, text in enumerate(texts):
        made[k] = np.rint(_UNIT * _one(text, place))
    return made


def content(words: object) -> NDArray[np.float32]:
    """What texts are about, in few numbers: random projections of their rarer words (a matrix of counts)."""
    from scipy.sparse import csr_matrix

    counts = csr_matrix(words, dtype=np.float32)
    in_texts = np.bincount(counts.indices, minlength=counts.shape[1])
    weight = np.log(1 + counts.shape[0] / (1 + in_texts)).astype(np.float32)
    weighted = csr_matrix((weight[counts.indices], counts.indices, counts.indptr), shape=counts.shape)
    directions = np.random.default_rng(0).standard_normal((counts.shape[1], CONTENT)).astype(np.float32)
    seen = weighted @ directions
    seen /= np.linalg.norm(seen, axis=1, keepdims=True) + 1e-6
    centred: NDArray[np.float32] = seen - seen.mean(axis=0)
    return centred
