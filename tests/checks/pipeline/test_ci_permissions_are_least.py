"""Jobs state their power and keep it small."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_FLOW = """
on: push
permissions: {contents: read}
jobs:
  test:
    steps: [{run: pytest}]
  publish:
    needs: test
    permissions: {contents: write, id-token: write}
    steps: [{run: gh release create v1}]
"""
MET = {".github/workflows/ci.yml": _FLOW}
NOT_MET = {".github/workflows/ci.yml": _FLOW.replace("permissions: {contents: read}\n", "")}
NAME = "ci_permissions_are_least"


def test_a_test_job_that_may_write_is_named() -> None:
    """A fault in disguise: permissions are stated, but the tests get those of the release."""
    files = {".github/workflows/ci.yml": _FLOW.replace("contents: read", "contents: write")}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_uploading_scan_results_is_no_alarm() -> None:
    """`security-events: write` is what a scanner needs."""
    flow = "on: push\npermissions: {security-events: write}\njobs:\n  s:\n    steps: [{run: trivy fs .}]\n"
    assert outcomes(observe(NAME, {".github/workflows/s.yml": flow})) == {Outcome.MET}
