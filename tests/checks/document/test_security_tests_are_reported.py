"""security_tests_are_reported: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/security-test-report.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Security test report

Completed: 2026-08-03

## Tests

Red teaming with prompt injection, jailbreak and model extraction against version 2.

## Results

Attack success rate 2 % of 500; two findings of medium severity.

## Mended

Both were mitigated by an allow-list and patched in 2.1.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Security test report

All fine.
""",
}
TEMPLATE = """# Security test report

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("security_tests_are_reported", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("security_tests_are_reported", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("security_tests_are_reported", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("Both were mitigated by an allow-list and patched in 2.1.", "")

    (seen,) = observe("security_tests_are_reported", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "what was mended" in seen.summary
