"""The parts of a guard that stands before nothing: for measuring and for replaying what was logged."""

import hashlib
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec import Struct

from assaymark.guard.core.ports import NoBook, Parts
from assaymark.guard.detector.detector import Detector
from assaymark.guard.detector.scorer import ChannelScorer
from assaymark.guard.front import reveal
from assaymark.guard.policy.calibration import thresholds_for
from assaymark.guard.policy.load import Loaded, default_policy, load
from assaymark.guard.rules.egress import EgressStream, egress
from assaymark.guard.rules.exceptions import excepted
from assaymark.guard.rules.flow import judge_call

__all__ = ["Setup", "make_parts", "parts_for"]

_SECRET = hashlib.sha256(b"assaymark guard, offline").digest()
"""Canaries and marks of texts that go nowhere need to be the same in every run, not secret."""


class Setup(Struct, frozen=True):
    """What a guard is made of, small enough to be handed to another process."""

    policy: str = ""
    """Path; empty takes the shipped default."""
    weights: str = ""
    """Folder; empty takes the package's."""
    today: str = ""
    """ISO date for exceptions; empty takes the present day."""


def make_parts(setup: Setup) -> Parts:
    """Read everything that `setup` names.

    Raises:
        AssaymarkError: the policy, its calibration or the weights cannot be used.
    """
    loaded = load(setup.policy) if setup.policy else default_policy()
    return parts_for(loaded, Detector.load(Path(setup.weights) if setup.weights else None), _day(setup.today))


def parts_for(loaded: Loaded, detector: Detector, today: date) -> Parts:
    """The parts with a detector that is loaded already."""
    return Parts(
        policy=loaded.policy,
        policy_sha256=loaded.sha256,
        scorer=ChannelScorer(detector, thresholds_for(loaded, detector.version)),
        reveal=reveal,
        excepted=excepted,
        judge=judge_call,
        egress=egress,
        follow=EgressStream,
        book=NoBook(),
        now=time.perf_counter,
        today=lambda: today,
        new_id=lambda: uuid.uuid4().hex,
        secret=_SECRET,
    )


def _day(text: str) -> date:
    return date.fromisoformat(text) if text else datetime.now(UTC).date()
