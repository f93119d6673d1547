"""security_updates_are_announced: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "CHANGELOG.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Changelog

## 2.1.0 - 2026-08-03

### Security

A vulnerability in parsing of attachments is closed. Everybody who reads mails with version 2.0 should update.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Changelog

## 2.1.0

Prettier colours.
""",
}
TEMPLATE = """# Changelog

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("security_updates_are_announced", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("security_updates_are_announced", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("security_updates_are_announced", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }
