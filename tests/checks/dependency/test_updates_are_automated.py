"""Known weaknesses are noticed."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_AUDIT = "on: push\njobs:\n  audit:\n    steps: [{run: pip-audit}]\n"
MET = {".github/dependabot.yml": "version: 2\nupdates: []\n", ".github/workflows/audit.yml": _AUDIT}
NOT_MET = {"app.py": "print(1)\n"}
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE
NAME = "updates_are_automated"


def test_either_half_is_part_of_it() -> None:
    """A bot without a scan, or a scan without a bot."""
    for path, content in MET.items():
        assert outcomes(observe(NAME, {path: content})) == {Outcome.PARTLY_MET}


def test_a_scan_that_may_fail_is_part_of_it() -> None:
    """Its result changes nothing."""
    files = {**MET, ".github/workflows/audit.yml": _AUDIT.replace("pip-audit", "pip-audit || true")}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}
