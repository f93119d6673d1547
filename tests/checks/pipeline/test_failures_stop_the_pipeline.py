"""A failure is a failure."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {
    ".github/workflows/ci.yml": "on: push\njobs:\n  t:\n    steps: [{run: pytest}, {run: bandit -r src}]\n"
}
NOT_MET = {
    ".github/workflows/ci.yml": "on: push\njobs:\n  t:\n    steps:\n      - run: pytest\n"
    "      - run: pip-audit\n        continue-on-error: true\n"
}
NAME = "failures_stop_the_pipeline"


def test_tolerance_outside_checks_is_no_alarm() -> None:
    """Cleaning up or uploading coverage may fail."""
    flow = "on: push\njobs:\n  t:\n    steps:\n      - run: pytest\n      - run: rm -r x || true\n"
    flow += "      - uses: codecov/codecov-action@v5\n        continue-on-error: true\n"
    assert outcomes(observe(NAME, {".github/workflows/ci.yml": flow})) == {Outcome.MET}


def test_gitlabs_spelling_is_read() -> None:
    """`allow_failure` on a scan."""
    files = {".gitlab-ci.yml": "audit:\n  script: [npm audit]\n  allow_failure: true\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}
