"""The way back is prepared."""

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import History, HubReference, Lockfile

LOCK = Lockfile(at=Location("uv.lock"), ecosystem="pypi", tool="uv", entries=40, hashed=40)
TAGGED = History(
    at=Location(""), available=True, commits=9, tags=(("v1.1.0", "2026-05-01"), ("v1.0.0", "2026-01-01"))
)
MET: dict[str, str] = {"src/a.ts": "export const a = 1;\n"}
EXTRA_MET = (LOCK, TAGGED)
NOT_MET = {
    "src/a.ts": 'import { pipeline } from "@huggingface/transformers";\n'
    'export const p = await pipeline("fill-mask", "Xenova/bert");\n'
}
NOT_MET_OUTCOME = Outcome.PARTLY_MET
NAME = "system_can_be_rolled_back"


def test_a_moving_model_spoils_the_way_back() -> None:
    """With tags and a lock file, an unpinned model still cannot be fetched again."""
    model = HubReference(at=Location("a.py", 4), kind="model", name="x/y", loader="f", pinned=False)
    assert outcomes(observe(NAME, {}, extra=(LOCK, TAGGED, model))) == {Outcome.PARTLY_MET}


def test_one_tag_is_no_earlier_version() -> None:
    """A single release has nothing to go back to."""
    single = History(at=Location(""), available=True, tags=(("v1", "2026-01-01"),))
    assert outcomes(observe(NAME, {}, extra=(LOCK, single))) == {Outcome.PARTLY_MET}


def test_nothing_to_go_by_is_left_open() -> None:
    """No evidence is no failure."""
    assert outcomes(observe(NAME, {"a.ts": "export const a = 1;"})) == {Outcome.NOT_OBSERVABLE}


def test_a_name_decided_at_run_time_moves_nothing() -> None:
    """What the caller chooses is not held against the way back."""
    model = HubReference(at=Location("a.py", 4), kind="model", name="", loader="f", pinned=False)
    assert outcomes(observe(NAME, {}, extra=(LOCK, TAGGED, model))) == {Outcome.MET}
