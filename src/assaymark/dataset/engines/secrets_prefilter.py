"""Which texts are worth looking at for secrets and personal data: one pass of RE2 and numpy over many."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.fields import Block, blocks
from assaymark.guard.policy.patterns import byte_pattern
from assaymark.guard.rules.plain import as_bytes
from assaymark.guard.rules.secret_formats import FORMATS

__all__ = ["worth"]

_ASSIGNED = (
    rb"(?i:pass|pwd|secret|token|key|credential)[^\n]{0,48}(?::=|=>|[:=]|\bis\b)"
    rb"[\s\"'`*]{0,6}[^\s\"'`,;<>]{6}"
)
"""Looser than the rule's own pattern: it may cost a look, never a finding."""
_WINDOW, _LEAST_DIGITS = 48, 6
"""All personal data but addresses of mail have as many digits so near together."""


def worth(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the texts that may hold secrets, and of those that may hold personal data."""
    secret, personal = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for block in blocks(texts):
        data = as_bytes(block.joined)
        secret.append(_secret(data, block))
        personal.append(_personal(data, block))
    return np.concatenate(secret), np.concatenate(personal)


def _secret(data: bytes, block: Block) -> NDArray[np.int64]:
    at = [m.start() for m in _anchors().finditer(data)]
    return _texts(np.array(at, dtype=np.int64), block)


def _personal(data: bytes, block: Block) -> NDArray[np.int64]:
    points = np.frombuffer(data, dtype=np.uint8)
    digits = np.flatnonzero((points >= 48) & (points <= 57))
    dense = np.zeros(0, dtype=np.int64)
    if len(digits) >= _LEAST_DIGITS:
        last = digits[_LEAST_DIGITS - 1 :]
        first = digits[: len(last)]
        dense = last[last - first < _WINDOW]
    return _texts(np.concatenate([dense, np.flatnonzero(points == 64)]), block)


def _texts(at: NDArray[np.int64], block: Block) -> NDArray[np.int64]:
    return np.unique(np.searchsorted(block.starts, at, side="right") - 1) + block.first


@lru_cache(maxsize=1)
def _anchors() -> Any:
    return byte_pattern(b"|".join(f.anchor for f in FORMATS) + b"|" + _ASSIGNED)
