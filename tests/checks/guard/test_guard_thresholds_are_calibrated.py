"""The guard's thresholds rest on this deployment's own traffic."""

import json

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

POLICY = "version: 1\nname: shop\nlimits: {}\ncalibration: made/calibration.json\n"


def calibration(made_at: str = "2026-10-01T00:00:00Z") -> str:
    """A file as `assaymark guard calibrate` writes it."""
    channel = {"threshold": 0.8, "shipped": 0.5, "samples": 600, "duplicates": 3}
    channel |= {"flagged": 1, "bound": 0.0079, "shipped_flagged": 9}
    value = {"format": "assaymark-guard-calibration", "version": 1, "made_at": made_at, "detector": "1+a"}
    value |= {"target": 0.01, "confidence": 0.95, "inputs": [], "thresholds": {"user": 0.8}}
    return json.dumps(value | {"channels": {"user": channel}})


MET = {"deploy/guard.yaml": POLICY, "deploy/made/calibration.json": calibration()}
NOT_MET = {"deploy/guard.yaml": POLICY}
NAME = "guard_thresholds_are_calibrated"


def test_the_bound_is_told() -> None:
    """Counts, bound and confidence."""
    (seen,) = observe(NAME, MET)

    assert seen.details[0].message == (
        "`user`: 1 of 600 distinct honest texts flagged, at most 0.79% at 95% confidence."
    )


def test_an_old_calibration_is_made_again() -> None:
    """Traffic changes."""
    old = {**MET, "deploy/made/calibration.json": calibration("2025-01-01T00:00:00Z")}

    assert outcomes(observe(NAME, old)) == {Outcome.NOT_MET}


def test_a_damaged_file_is_none() -> None:
    """It says nothing of thresholds."""
    damaged = {**MET, "deploy/made/calibration.json": calibration().replace("0.95", '"much"')}

    assert outcomes(observe(NAME, damaged)) == {Outcome.NOT_MET}


def test_thresholds_as_they_came_are_no_fault() -> None:
    """Nothing is known of this deployment's traffic."""
    plain = {"guard.yaml": "version: 1\nlimits: {}\n"}

    assert outcomes(observe(NAME, plain)) == {Outcome.NOT_OBSERVABLE}
