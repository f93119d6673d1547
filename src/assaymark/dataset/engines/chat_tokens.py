"""Texts → tokens and phrases as 64-bit numbers, a whole batch at once. Pure.

A token is a run of letters, digits, `_` and bytes beyond ASCII (each character of Chinese, Japanese and
Korean by itself), or one sign. A phrase is a run of tokens. Hashes depend on nothing but the bytes, so they
mean the same in every shard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_CHARACTERS", "Tokens", "mix", "phrases", "tokenise"]

MAX_CHARACTERS = 20_000
"""Of a longer text the first and the last half of so many characters are looked at."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_GAP, _WORD, _SIGN, _WIDE = 0, 1, 2, 3


def _classes() -> NDArray[np.uint8]:
    """Class of each byte."""
    table = np.full(256, _SIGN, np.uint8)
    table[:33] = _GAP
    table[127] = _GAP
    for run in (b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"_"):
        table[list(run)] = _WORD
    table[128:] = _WORD
    table[0xE3:0xEE] = _WIDE
    return table


_CLASS = _classes()
_VALUE = np.random.default_rng(20_240).integers(1, 1 << 63, 256, dtype=np.uint64)
_LOWER = _VALUE.copy()
_LOWER[65:91] = _VALUE[97:123]


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a batch of texts, in order."""

    code: NDArray[np.uint64]
    """Hash of each token."""
    text: NDArray[np.int64]
    """Number of the text within the batch."""
    begin: NDArray[np.int64]
    """Where it begins, in bytes of `raw`."""
    end: NDArray[np.int64]
    raw: bytes
    """The texts one after another, each ended by a zero byte, as UTF-8."""


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers spread evenly over 64 bits, one to one."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _clip(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        text = text[: MAX_CHARACTERS // 2] + "\n" + text[-MAX_CHARACTERS // 2 :]
    return text


def tokenise(texts: Sequence[str], *, lower: bool) -> Tokens:
    """The tokens of `texts`; `lower` makes ASCII capitals and small letters one."""
    parts = [_clip(t).encode("utf-8", "replace").replace(b"\0", b" ") for t in texts]
    raw = b"\0".join(parts) + b"\0"
    data = np.frombuffer(raw, np.uint8)
    kind = _CLASS[data]
    joined = np.zeros(len(data), bool)
    joined[1:] = (kind[1:] == _WORD) & ((kind[:-1] == _WORD) | (kind[:-1] == _WIDE))
    first = (kind != _GAP) & ~joined
    begin = np.flatnonzero(first)
    stop = np.flatnonzero(~joined)
    end = np.append(stop, len(data))[np.searchsorted(stop, begin, side="right")]
    power = np.full(len(data), _ODD)
    power[0] = 1
    power = np.cumprod(power, dtype=np.uint64)
    total = np.zeros(len(data) + 1, np.uint64)
    np.cumsum((_LOWER if lower else _VALUE)[data] * power, dtype=np.uint64, out=total[1:])
    back = np.full(len(data), _INVERSE)
    back[0] = 1
    back = np.cumprod(back, dtype=np.uint64)
    code = mix((total[end] - total[begin]) * back[begin])
    bounds = np.cumsum([len(p) + 1 for p in parts])
    return Tokens(code, np.searchsorted(bounds, begin, side="right"), begin, end, raw)


def phrases(tokens: Tokens, length: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash and first token of every run of `length` tokens within one text."""
    count = len(tokens.code) - length + 1
    if count <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    code = tokens.code[:count].copy()
    for step in range(1, length):
        code = mix(code * np.uint64(3) + np.uint64(length) + tokens.code[step : step + count])
    inside = np.flatnonzero(tokens.text[:count] == tokens.text[length - 1 :])
    return code[inside], inside
