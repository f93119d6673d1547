"""known_good_models_can_be_restored: what meets it, what does not, and near misses."""

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
