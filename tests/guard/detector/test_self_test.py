"""A detector that cannot tell known samples apart does not start."""

from pathlib import Path

import pytest

from assaymark.errors import AssaymarkError
from assaymark.guard.detector import weights as shipped
from assaymark.guard.detector.detector import Detector
from assaymark.guard.detector.self_test import SAMPLES, self_test
from tests.guard.detector.tiny import write_tiny


def test_samples_cover_both_sides_of_every_head() -> None:
    """Each head has attacks and honest texts."""
    assert {(head, attack) for head, attack, _ in SAMPLES} == {
        (head, attack) for head in ("user", "document", "output", "tool") for attack in (True, False)
    }


def test_a_detector_that_knows_the_attacks_passes(tmp_path: Path) -> None:
    """Weights that know the attacks' words pass."""
    self_test(Detector.load(write_tiny(tmp_path, known="ignore forget")))


@pytest.mark.parametrize("damage", [-20.0, 0.0, 20.0])
def test_a_detector_that_knows_nothing_fails(tmp_path: Path, damage: float) -> None:
    """Always low, always undecided or always high: none may stand guard."""
    detector = Detector.load(write_tiny(tmp_path, known="zebra", damage=damage))
    with pytest.raises(AssaymarkError, match=r"fails its self-test: sample \d+"):
        self_test(detector)


@pytest.mark.skipif(
    not (Path(shipped.__file__).parent / "weights" / "manifest.json").exists(),
    reason="no weights in this tree",
)
def test_the_shipped_detector_passes() -> None:
    """The weights in the package pass their own self-test."""
    self_test(Detector.load())
