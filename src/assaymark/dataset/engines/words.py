"""Texts → tokens as 64-bit keys, whole batches at a time. Pure; the same text gives the same keys everywhere.

A token is a run of letters, digits and `_`, or one other character. A capital at the start of a word is no
difference, other capitals are. Each text is framed by a token for its start and one for its end, so that
prefixes, suffixes and templates are ordinary n-grams.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK", "LONGEST", "Tokens", "chunks", "mix", "ngrams", "tokenise"]

CHUNK = 1 << 20
"""Bytes tokenised at a time."""
LONGEST = 1 << 15
"""Bytes of a text that are looked at: its first three quarters of this and its last quarter."""

START, END = b"\x02", b"\x03"
SPACE, WORD, SINGLE, REST = range(4)
PRIME = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of some texts, in order."""

    data: bytes
    key: NDArray[np.uint64]
    text: NDArray[np.int64]
    """Index of the text, for each token."""
    start: NDArray[np.int64]
    """First byte in `data`."""
    end: NDArray[np.int64]
    first: NDArray[np.int64]
    """Index of the first token of each text, and the number of tokens at the end."""

    def __len__(self) -> int:
        return len(self.key)


def mix(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Keys whose bits all depend on all bits of `keys`."""
    keys = keys ^ (keys >> np.uint64(32))
    keys *= np.uint64(0xD6E8FEB86659FD93)
    keys ^= keys >> np.uint64(29)
    return keys


def chunks(texts: Sequence[str]) -> Iterator[tuple[int, list[bytes]]]:
    """Texts as bounded bytes, in lots of about `CHUNK` characters: index of the first, and the lot."""
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    begin, before = 0, 0
    while begin < len(texts):
        stop = max(int(np.searchsorted(ends, before + CHUNK, "right")), begin + 1)
        yield begin, [_bounded(text) for text in texts[begin:stop]]
        begin, before = stop, int(ends[stop - 1])


def tokenise(lot: Sequence[bytes]) -> Tokens:
    """The tokens of a lot of texts."""
    data = START + (END + START).join(lot) + END
    view = np.frombuffer(data, np.uint8)
    lengths = np.fromiter(map(len, lot), np.int64, len(lot)) + 2
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    start, end = _spans(view, bounds)
    key = _keys(view, start, end, bounds)
    first = np.searchsorted(start, bounds)
    text = np.repeat(np.arange(len(lot)), np.diff(first))
    return Tokens(data, key, text, start, end, first)


def ngrams(tokens: Tokens, order: int) -> NDArray[np.uint64]:
    """Keys of the n-grams of that order, one per token but for the last `order` - 1; those that straddle two
    texts are 0.
    """
    count = len(tokens) - order + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    keys = tokens.key[:count].copy()
    for step in range(1, order):
        keys *= np.uint64(0xC2B2AE3D27D4EB4F)
        keys += tokens.key[step : count + step]
    keys = mix(keys)
    if order > 1:
        keys[tokens.text[:count] != tokens.text[order - 1 :]] = 0
    return keys


def _bounded(text: str) -> bytes:
    raw = text.encode() if text.isascii() else text.encode("utf-8", "surrogatepass")
    if len(raw) <= LONGEST:
        return raw
    head, tail = LONGEST * 3 // 4, LONGEST // 4
    return raw[:head] + b" " + raw[-tail:]


@cache
def _classes() -> NDArray[np.uint8]:
    """Class of each byte; a lead byte of punctuation, symbols, ideographs or pictures stands alone."""
    table = np.full(256, SINGLE, np.uint8)
    for byte in (*b" \t\r\n\x0b\x0c",):
        table[byte] = SPACE
    for byte in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), 0x5F):
        table[byte] = WORD
    table[0x80:0xC0] = REST
    table[0xC3:0xE2] = WORD
    return table


@cache
def _values() -> NDArray[np.uint64]:
    """A number for each byte, the same for a capital and its small letter."""
    numbers = np.random.default_rng(20261127).integers(1, 2**63, 256, dtype=np.uint64) | np.uint64(1)
    numbers[0x41:0x5B] = numbers[0x61:0x7B]
    return numbers


@cache
def _powers(size: int, base: int) -> NDArray[np.uint64]:
    table = np.full(size, base, np.uint64)
    table[0] = 1
    return np.cumprod(table, dtype=np.uint64)


def _spans(view: NDArray[np.uint8], bounds: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    kind = _classes()[view]
    rest = kind == REST
    if rest.any():
        for _ in range(3):  # a continuation byte has its lead byte's class
            kind[1:] = np.where(rest[1:] & (kind[1:] == REST), kind[:-1], kind[1:])
        kind[kind == REST] = SINGLE
    mark = np.flatnonzero(view[1:-1] == 0x27) + 1  # an apostrophe inside a word belongs to it
    kind[mark[(kind[mark - 1] == WORD) & (kind[mark + 1] == WORD)]] = WORD
    lead = ~rest | (kind == SPACE)
    before = np.concatenate(([np.uint8(SPACE)], kind[:-1]))
    begins = (kind == SINGLE) & lead
    begins |= (kind == WORD) & (before != WORD)
    begins[bounds[:-1]] = True  # so that a stray continuation byte cannot join two texts
    begins[bounds[1:] - 1] = True
    start = np.flatnonzero(begins)
    stops = np.concatenate((start[1:], [len(view)]))
    space = np.flatnonzero((kind == SPACE) & (before != SPACE))
    following = np.searchsorted(space, start)
    nearest = (
        np.where(following < len(space), space[np.minimum(following, len(space) - 1)], len(view))
        if len(space)
        else np.full(len(start), len(view))
    )
    return start, np.minimum(stops, nearest)


def _shouted(view: NDArray[np.uint8], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which bytes are of texts without a small letter: capitals tell no words apart there."""
    small = np.add.reduceat((view >= 0x61) & (view <= 0x7A), bounds[:-1], dtype=np.int64)
    return np.repeat(small == 0, np.diff(bounds))


def _keys(
    view: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64], bounds: NDArray[np.int64]
) -> NDArray[np.uint64]:
    size = 1 << max(10, len(view).bit_length())
    inverse = pow(PRIME, -1, 1 << 64)
    sums = np.zeros(len(view) + 1, np.uint64)
    np.cumsum(_values()[view] * _powers(size, PRIME)[: len(view)], out=sums[1:])
    key = (sums[end] - sums[start]) * _powers(size, inverse)[start]
    upper = (view >= 0x41) & (view <= 0x5A)
    upper &= ~_shouted(view, bounds)
    capitals = np.concatenate(([0], np.cumsum(upper, dtype=np.int64)))
    odd = capitals[end] - capitals[start] - upper[start]
    key += odd.astype(np.uint64) * np.uint64(0xA24BAED4963EE407)
    key = mix(key)
    key[key == 0] = 1
    return key
