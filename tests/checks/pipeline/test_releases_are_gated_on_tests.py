"""Nothing goes out untested."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

_RELEASE = """
on: {push: {tags: ["v*"]}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: uv run --locked pytest
  publish:
    needs: test
    steps:
      - run: uv publish
"""
MET = {".github/workflows/release.yml": _RELEASE}
NOT_MET = {".github/workflows/release.yml": _RELEASE.replace("    needs: test\n", "")}
NAME = "releases_are_gated_on_tests"


def test_the_finding_names_the_job_and_leaves_room_for_rules_outside_the_tree() -> None:
    """Branch protection may stand in front, so a person has to judge."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
    assert seen.details[0].at is not None
    assert seen.details[0].at.line == 8


def test_tests_whose_failure_is_swallowed_gate_nothing() -> None:
    """A fault in disguise: the job is needed, but cannot fail."""
    files = {".github/workflows/release.yml": _RELEASE.replace("pytest", "pytest || true")}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_running_after_failure_is_no_gate() -> None:
    """`if: always()` runs the release whatever the tests said."""
    files = {
        ".github/workflows/release.yml": _RELEASE.replace("needs: test", "needs: test\n    if: always()")
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_an_approval_alone_is_part_of_it() -> None:
    """People stand before it, tests do not."""
    files = {".github/workflows/release.yml": _RELEASE.replace("needs: test", "environment: production")}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}


def test_publishing_documentation_is_no_release() -> None:
    """Pages of a documentation site are not the system."""
    files = {
        ".github/workflows/d.yml": "on: push\njobs:\n  d:\n    steps: [{uses: actions/deploy-pages@v4}]\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}


def test_a_rehearsal_is_no_release() -> None:
    """Uploading to the test index before the tests is how some projects test the package."""
    step = "{uses: pypa/gh-action-pypi-publish@v1, with: {repository-url: 'https://test.pypi.org/legacy/'}}"
    files = {".github/workflows/r.yml": f"on: push\njobs:\n  try:\n    steps: [{step}]\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}


def test_a_script_that_the_gated_job_calls_needs_no_gate_of_its_own() -> None:
    """The gate stands before the job; a script alone, without any pipeline, has none."""
    script = {"deploy.sh": "#!/bin/sh\nkubectl apply -f k8s\n"}
    called = {".github/workflows/release.yml": _RELEASE.replace("uv publish", "./deploy.sh")}
    assert outcomes(observe(NAME, {**script, **called})) == {Outcome.MET}
    assert outcomes(observe(NAME, script)) == {Outcome.NOT_MET}


def test_tests_whose_failure_is_ignored_beside_an_ungated_release_leave_no_doubt() -> None:
    """Nobody keeps a broken test job in the release's own workflow and gates the release elsewhere."""
    broken = NOT_MET[".github/workflows/release.yml"].replace(
        "      - run: uv run --locked pytest\n",
        "      - run: uv run --locked pytest\n        continue-on-error: true\n",
    )
    (seen,) = observe(NAME, {".github/workflows/release.yml": broken})
    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.FIRM
