"""Thresholds from a deployment's own benign traffic, with a bound that the sample can bear. Pure.

For each channel the lowest threshold is chosen at which so few distinct texts are flagged that the exact
one-sided binomial upper bound on the false-positive rate stays at or below the target. The bound holds for
texts drawn like the sample; it says nothing of other traffic.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from assaymark.errors import AssaymarkError
from assaymark.guard.event import Channel
from assaymark.guard.measure.intervals import most_allowed, needed, upper_bound
from assaymark.guard.measure.scoring import Measured
from assaymark.guard.policy.calibration import Calibrated, Calibration

__all__ = ["calibrate", "render", "suspects"]

_DIGITS = 6


def calibrate(
    scores: Mapping[Channel, Sequence[tuple[str, float]]],
    shipped: Mapping[Channel, float],
    target: float,
    confidence: float,
) -> dict[Channel, Calibrated]:
    """A threshold for each channel.

    Args:
        scores: (digest of the text, score) of benign texts, by channel.
        shipped: thresholds of the detector as it came.
        target: highest false-positive rate, such as 0.01.
        confidence: with which the bound holds.

    Raises:
        AssaymarkError: a channel has too few distinct texts to claim the target.
    """
    short = {
        channel: distinct
        for channel, pairs in scores.items()
        if (distinct := len({digest for digest, _ in pairs})) < needed(target, confidence)
    }
    if short or not scores:
        have = ", ".join(f"{channel} {count}" for channel, count in short.items()) or "none"
        raise AssaymarkError(
            f"Too few distinct benign texts to claim a false-positive rate of {target:.2%} at"
            f" {confidence:.0%} confidence: {needed(target, confidence)} are needed a channel ({have}).",
            "Collect more, leave the channel out with --channel, or choose a higher --target.",
        )
    return {
        channel: _calibrated(pairs, shipped[channel], target, confidence) for channel, pairs in scores.items()
    }


def _calibrated(
    pairs: Sequence[tuple[str, float]], shipped: float, target: float, confidence: float
) -> Calibrated:
    ordered = sorted(dict(pairs).values(), reverse=True)
    allowed = most_allowed(len(ordered), target, confidence)
    # Rounded upwards: the file must not flag more than was counted.
    threshold = math.ceil(math.nextafter(ordered[allowed], math.inf) * 10**_DIGITS) / 10**_DIGITS
    flagged = sum(score >= threshold for score in ordered)
    return Calibrated(
        threshold=threshold,
        shipped=shipped,
        samples=len(ordered),
        duplicates=len(pairs) - len(ordered),
        flagged=flagged,
        bound=upper_bound(flagged, len(ordered), confidence),
        shipped_flagged=sum(score >= shipped for score in ordered),
    )


def suspects(rows: Iterable[Measured]) -> tuple[Measured, ...]:
    """Rows that look like attacks: flagged at the shipped threshold, most suspicious first.

    They count like the others: to drop them would make any detector look good.
    """
    return tuple(sorted((r for r in rows if r.score >= r.threshold), key=lambda r: -r.score))


def render(calibration: Calibration) -> bytes:
    """The file's bytes."""
    return json.dumps(msgspec.to_builtins(calibration), indent=2, ensure_ascii=False).encode() + b"\n"
