"""The file that `assaymark guard calibrate` writes and a policy names: thresholds and their grounds."""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.guard.event import Channel
from assaymark.guard.policy.load import Loaded

__all__ = ["FORMAT", "Calibrated", "Calibration", "Input", "read_calibration", "thresholds_for"]

FORMAT: Literal["assaymark-guard-calibration"] = "assaymark-guard-calibration"
_MOST_BYTES = 1_048_576


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
