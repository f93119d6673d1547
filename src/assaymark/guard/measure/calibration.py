"""Thresholds from a deployment's own benign traffic, with a bound that the sample can bear. Pure but for
the reader.

For each channel the lowest threshold is chosen at which so few distinct texts are flagged that the exact
one-sided binomial upper bound on the false-positive rate stays at or below the target. The bound holds for
texts drawn like the sample; it says nothing of other traffic.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from assaymark.errors import AssaymarkError, UsageError
from assaymark.guard.event import Channel
from assaymark.guard.measure.intervals import most_allowed, needed, upper_bound
from assaymark.guard.measure.scoring import Measured
from assaymark.guard.policy.load import Loaded

__all__ = [
    "FORMAT",
    "Calibrated",
    "Calibration",
    "Input",
    "calibrate",
    "read_calibration",
    "render",
    "suspects",
    "thresholds_for",
]

FORMAT: Literal["assaymark-guard-calibration"] = "assaymark-guard-calibration"
_MOST_BYTES = 1_048_576
_DIGITS = 6


class Input(Struct, frozen=True, forbid_unknown_fields=True):
    """A file from which thresholds were taken."""

    name: str
    sha256: str
    rows: int


class Calibrated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one channel's threshold."""

    threshold: float
    shipped: float
    """What it replaces."""
    samples: int
    """Distinct benign texts."""
    duplicates: int
    """Texts that occurred before and were not counted again."""
    flagged: int
    """Samples at or above the threshold."""
    bound: float
    """Upper bound on the false-positive rate, one-sided."""
    shipped_flagged: int
    """Samples at or above the shipped threshold."""


class Calibration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    format: Literal["assaymark-guard-calibration"] = FORMAT
    version: Literal[1] = 1
    made_at: str
    """ISO 8601, UTC."""
    detector: str
    """Version and digest of the weights whose scores these are; another detector refuses the file."""
    target: float
    confidence: float
    inputs: tuple[Input, ...]
    thresholds: dict[Channel, float]
    """What counts in service; the rest of the file says where it comes from."""
    channels: dict[Channel, Calibrated]


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


def read_calibration(data: bytes, name: str) -> Calibration:
    """The calibration that `data` holds.

    Raises:
        UsageError: it is none.
    """
    try:
        found = msgspec.json.decode(data[: _MOST_BYTES + 1], type=Calibration)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _none(name, str(error)) from error
    wrong = [c for c, t in found.thresholds.items() if not 0 < t <= 1.000001 or c not in found.channels]
    if wrong:
        raise _none(name, f"the threshold of {wrong[0]} is no number between 0 and 1 that the file explains")
    return found


def thresholds_for(loaded: Loaded, detector: str = "") -> dict[Channel, float]:
    """Thresholds of the calibration that a policy names; none if it names none.

    Args:
        loaded: the policy; the file's path counts from its folder.
        detector: version of the detector in use; empty does not compare.

    Raises:
        UsageError: the file cannot be read, is none, or was made with another detector.
    """
    if not loaded.policy.calibration:
        return {}
    path = Path(loaded.path).parent / loaded.policy.calibration
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"The calibration {path} that the policy names cannot be read: {error}.",
            "Write it with `assaymark guard calibrate`, or remove `calibration` from the policy.",
        ) from error
    found = read_calibration(data, str(path))
    if detector and found.detector != detector:
        raise UsageError(
            f"The calibration {path} was made with the detector {found.detector}, not {detector}.",
            "Scores of different detectors cannot be compared; run `assaymark guard calibrate` again.",
        )
    return dict(found.thresholds)


def _none(name: str, why: str) -> UsageError:
    return UsageError(f"{name} is no calibration: {why}.", "Write it with `assaymark guard calibrate`.")
