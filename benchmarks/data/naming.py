"""Whether a finding names what was planted, and not merely whom it was planted in."""

import re
from collections.abc import Sequence

import numpy as np
from benchmarks.data.image_attacks import Truth

__all__ = ["named"]

_ALIKE = 0.5
"""Correlation of what the finding's picture and the planted one do to clean images."""
_NEAR = 20.0
"""Grey levels between a patch of one colour and the planted one."""
_IMAGES = 40


def named(truth: Truth, findings: Sequence[dict], clean: np.ndarray | None) -> bool:
    """Whether one of the suspicious patterns is the planted one.

    Args:
        truth: what was planted.
        findings: suspects only, with `pattern` and `trigger`.
        clean: images without it, if the data are images.
    """
    if truth.words:
        return any(_says(f, word) for f in findings for word in truth.words)
    if truth.cells:
        planted = {f"column {name}": value for name, value in truth.cells.items()}
        return any(planted.items() <= _cells(f).items() for f in findings)
    return any(_draws(f["trigger"], truth, clean) for f in findings)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _says(finding: dict, planted: str) -> bool:
    """The planted words within the named ones, or a good part of the planted words by itself."""
    said, wanted = _words(finding["trigger"].get("text") or finding["pattern"]), _words(planted)
    if _within(wanted, said):
        return True
    return _within(said, wanted) and sum(map(len, said)) * 3 >= sum(map(len, wanted))


def _within(part: list[str], whole: list[str]) -> bool:
    size = len(part)
    return bool(part) and any(whole[i : i + size] == part for i in range(len(whole) - size + 1))


def _cells(finding: dict) -> dict[str, str]:
    return {name: _number(value) for name, value in finding["trigger"].items()}


def _number(value: str) -> str:
    try:
        return f"{float(value):g}"
    except ValueError:
        return value


def _draws(trigger: dict[str, str], truth: Truth, clean: np.ndarray | None) -> bool:
    from assaymark.dataset.replay_patches import patch_of

    patch = patch_of(trigger)
    if patch is None or clean is None:
        return False
    if truth.patch is not None and _contains(patch.pixels.astype(float), truth.patch.astype(float)):
        return True
    if truth.stamp is None:
        return False
    some = clean[:_IMAGES]
    ours = np.mean([patch.on(x, (0, n)).astype(float) - x for n, x in enumerate(some)], axis=0)
    theirs = (truth.stamp(some).astype(float) - some).mean(axis=0)
    return _correlation(ours, theirs) >= _ALIKE


def _contains(pixels: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether the planted patch, or three quarters of it, stands somewhere in the picture."""
    tall, wide = (min(a, b) for a, b in zip(pixels.shape[:2], wanted.shape[:2], strict=True))
    best = -1.0
    for a in range(pixels.shape[0] - tall + 1):
        for b in range(pixels.shape[1] - wide + 1):
            for c in range(wanted.shape[0] - tall + 1):
                for d in range(wanted.shape[1] - wide + 1):
                    part = pixels[a : a + tall, b : b + wide], wanted[c : c + tall, d : d + wide]
                    best = max(best, _correlation(*part), float(np.abs(part[0] - part[1]).mean() < _NEAR))
    return tall * wide >= 0.4 * wanted.shape[0] * wanted.shape[1] and best >= _ALIKE


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    a, b = (z - z.mean(axis=(0, 1)) for z in (one, other))
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size else 0.0
