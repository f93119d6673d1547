"""A security assessment stands before each release."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_FLOW = """
on: push
jobs:
  scan:
    steps: [{run: pip-audit}, {uses: aquasecurity/trivy-action@0.30.0}]
  redteam:
    steps: [{run: "promptfoo redteam run"}]
  publish:
    needs: [scan, redteam]
    steps: [{run: twine upload dist/*}]
"""
MET = {".github/workflows/r.yml": _FLOW}
NOT_MET = {
    ".github/workflows/r.yml": "on: push\njobs:\n  scan:\n    continue-on-error: true\n"
    "    steps: [{run: bandit -r src}]\n"
}
NAME = "security_tests_run_before_release"


def test_scanners_beside_the_release_are_part_of_it() -> None:
    """They run, but the release does not wait for them."""
    files = {".github/workflows/r.yml": _FLOW.replace("    needs: [scan, redteam]\n", "")}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}


def test_no_security_test_in_the_tree_is_no_proof_of_none() -> None:
    """A penetration test may have been held elsewhere."""
    files = {".github/workflows/r.yml": "on: push\njobs:\n  t:\n    steps: [{run: pytest}]\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}
