"""Thresholds rest on what the sample can bear."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.errors import AssaymarkError, UsageError
from assaymark.guard.event import Action, Channel
from assaymark.guard.measure.calibration import calibrate, render, suspects
from assaymark.guard.measure.scoring import Measured
from assaymark.guard.policy.calibration import Calibration, Input, read_calibration, thresholds_for
from assaymark.guard.policy.load import Loaded, read_policy

SHIPPED = {Channel.USER: 0.5}


def pairs(scores: list[float]) -> dict[Channel, list[tuple[str, float]]]:
    """Distinct texts of one channel."""
    return {Channel.USER: [(f"d{n}", score) for n, score in enumerate(scores)]}


def made(**changes: object) -> Calibration:
    """A whole file."""
    found = calibrate(pairs([n / 1_000 for n in range(600)]), SHIPPED, 0.01, 0.95)
    fields: dict[str, object] = {
        "made_at": "2026-11-27T12:00:00Z",
        "detector": "1+abc",
        "target": 0.01,
        "confidence": 0.95,
        "inputs": (Input("b.jsonl", "0" * 64, 600),),
        "thresholds": {c: one.threshold for c, one in found.items()},
        "channels": found,
    }
    return Calibration(**(fields | changes))  # type: ignore[arg-type]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 0.001, 0.2, 0.5, 0.9, 1.0]) | st.floats(0, 1), min_size=300, max_size=500)
)
def test_the_bound_holds_and_the_threshold_is_the_lowest(scores: list[float]) -> None:
    """Whatever the scores and ties, what is flagged bears the claim."""
    found = calibrate(pairs(scores), SHIPPED, 0.01, 0.95)[Channel.USER]

    assert found.bound <= 0.01
    assert found.flagged == sum(score >= found.threshold for score in scores)


def test_298_samples_claim_nothing() -> None:
    """The error says how many are needed and how many there are."""
    with pytest.raises(AssaymarkError, match=r"299 are needed a channel \(user 298\)"):
        calibrate(pairs([0.1] * 298), SHIPPED, 0.01, 0.95)
    calibrate(pairs([0.1] * 299), SHIPPED, 0.01, 0.95)


def test_repeated_texts_count_once() -> None:
    """A thousand copies of one text are one sample."""
    copies = {Channel.USER: [("same", 0.1)] * 1_000}

    with pytest.raises(AssaymarkError, match="user 1"):
        calibrate(copies, SHIPPED, 0.01, 0.95)


def test_what_looks_like_an_attack_is_shown() -> None:
    """Rows over the shipped threshold are named, the worst first."""
    rows = [
        Measured(
            file="f",
            line=n,
            channel=Channel.USER,
            label=None,
            score=score,
            threshold=0.5,
            flagged=score >= 0.5,
            action=Action.ALLOW,
        )
        for n, score in enumerate((0.1, 0.6, 0.9))
    ]

    assert [r.line for r in suspects(rows)] == [2, 1]


def test_a_file_reads_back_as_it_was() -> None:
    """What is written is what counts in service."""
    assert read_calibration(render(made()), "c.json") == made()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        render(made(thresholds={Channel.USER: 0.0})),
        render(made(thresholds={Channel.DOCUMENT: 0.5})),
        render(made()).replace(b'"version": 1', b'"version": 2'),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    """A file that is damaged or from a later version sets no threshold."""
    with pytest.raises(UsageError, match=r"c\.json is no calibration"):
        read_calibration(data, "c.json")


def policy(folder: Path, text: str) -> Loaded:
    """A policy in a folder."""
    return read_policy(text.encode(), str(folder / "policy.yaml"))


def test_a_policy_takes_its_thresholds_from_the_file_beside_it(tmp_path: Path) -> None:
    """The path counts from the policy's folder."""
    (tmp_path / "c.json").write_bytes(render(made()))

    found = thresholds_for(policy(tmp_path, "calibration: c.json\n"), "1+abc")

    assert found == made().thresholds
    assert thresholds_for(policy(tmp_path, "name: x\n")) == {}


def test_another_detector_refuses_the_file(tmp_path: Path) -> None:
    """Scores of different weights are different numbers."""
    (tmp_path / "c.json").write_bytes(render(made()))

    with pytest.raises(UsageError, match=r"made with the detector 1\+abc, not 2\+def"):
        thresholds_for(policy(tmp_path, "calibration: c.json\n"), "2+def")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """It stops the start: thresholds that were asked for are not there."""
    with pytest.raises(UsageError, match="cannot be read"):
        thresholds_for(policy(tmp_path, "calibration: c.json\n"))


def test_the_format_has_no_field_unknown() -> None:
    """A reader of version 1 refuses what it does not know."""
    value = msgspec.to_builtins(made()) | {"more": 1}

    with pytest.raises(UsageError):
        read_calibration(msgspec.json.encode(value), "c.json")
