"""user_guidance_exists: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/user-guide.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# User guide

## Use

The assistant is intended for case workers. Install it with the package manager.

## Manage

Administer users on the admin page.

## Integrate

Call the API with your key.

## Configure

Every setting has an environment variable.
""",
}
TEMPLATE = """# User guide

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""
NOT_MET: dict[str, str | bytes] = {PATH: TEMPLATE}


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("user_guidance_exists", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("user_guidance_exists", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("user_guidance_exists", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_guide_that_covers_none_of_it_shows_nothing() -> None:
    """What it lacks may stand in the product itself, so a short guide is never held against the system."""
    assert outcomes(observe("user_guidance_exists", {PATH: "# User guide\n\nWelcome, and enjoy!\n"})) == {
        Outcome.NOT_OBSERVABLE
    }
