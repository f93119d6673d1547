"""A guard with the tiny detector, which knows one phrase."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assaymark.guard.detector.detector import Detector
from assaymark.guard.detector.scorer import ChannelScorer
from assaymark.guard.library import Guard
from tests.guard.core.small import Kept
from tests.guard.detector.tiny import write_tiny


@pytest.fixture(scope="session")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> ChannelScorer:
    """The tiny detector by channel."""
    return ChannelScorer(Detector.load(write_tiny(tmp_path_factory.mktemp("weights"))))


@pytest.fixture
def kept() -> Kept:
    """What the guard records."""
    return Kept()


@pytest.fixture
def make(scorer: ChannelScorer, kept: Kept) -> Callable[..., Guard]:
    """Guards with the tiny detector, under the policy of the test."""

    def made(policy: Any = None, **more: Any) -> Guard:
        if isinstance(policy, Path):
            policy = str(policy)
        return Guard(policy, **{"detector": scorer, "recorder": kept, **more})

    return made


@pytest.fixture
def guard(make: Callable[..., Guard]) -> Guard:
    """A guard under the default policy."""
    return make()
