"""known_good_models_can_be_restored: what meets it, what does not, and near misses."""

import json

from tests.scan.artefact.samples import safetensors
from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import History

NAME = "known_good_models_can_be_restored"
DVC = "outs:\n- md5: " + "0a" * 16 + "\n  path: m.safetensors\n"
EXTRA_MET = (History(at=Location(".git"), available=True, commits=3, tags=(("v1", "2026-01-01"),)),)
MET: dict[str, str | bytes] = {"weights/m.safetensors.dvc": DVC}
NOT_MET: dict[str, str | bytes] = {"weights/m.safetensors": safetensors()}
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_versions_without_names_are_partly() -> None:
    """Tracked, but no tag to go back to."""
    assert outcomes(observe(NAME, MET)) == {Outcome.PARTLY_MET}


def drill(
    result: str = "restorable", time: str = "2026-11-01T10:00:00Z", files: int = 3
) -> dict[str, str | bytes]:
    """A record as `assaymark restore --drill --record` writes it."""
    record = {"type": "restore-drill", "v": 1, "time": time, "listed": 3, "files": files, "restored": False}
    record |= {"result": result, "manifest": {"name": "SHA256SUMS", "sha256": "0" * 64}}
    return {**NOT_MET, "assurance/drill.json": json.dumps(record)}


def test_a_drill_proves_it() -> None:
    """A backup was read and compared with the manifest, and not too long ago."""
    assert outcomes(observe(NAME, drill())) == {Outcome.MET}
    assert outcomes(observe(NAME, drill(time="2025-01-01T10:00:00Z"))) == {Outcome.PARTLY_MET}


def test_a_drill_that_failed_is_counter_evidence() -> None:
    """Whatever versions are kept."""
    assert outcomes(observe(NAME, {**MET, **drill("not restorable")}, extra=EXTRA_MET)) == {Outcome.NOT_MET}


def test_a_record_that_contradicts_itself_proves_nothing() -> None:
    """Restorable, with files missing; a day in the future; no day; a result that is none."""
    for record in (drill(files=2), drill(time="2027-01-01"), drill(time=""), drill("fine")):
        assert outcomes(observe(NAME, record)) == {Outcome.PARTLY_MET}
