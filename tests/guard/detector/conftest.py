"""The tiny detector, loaded once."""

from pathlib import Path

import pytest

from assaymark.guard.detector.detector import Detector
from tests.guard.detector.tiny import write_tiny


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny weights; not to be changed."""
    return write_tiny(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def tiny(tiny_weights: Path) -> Detector:
    """A detector with nothing remembered."""
    return Detector.load(tiny_weights)
