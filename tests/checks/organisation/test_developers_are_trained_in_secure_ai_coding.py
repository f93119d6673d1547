"""developers_are_trained_in_secure_ai_coding: committers against the register."""

from tests.trees import observe

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import History

NAME = "developers_are_trained_in_secure_ai_coding"
MET: dict[str, str | bytes] = {
    "assurance/training/register.csv": """\
name,role,module,completed
Ada Byron,developer,AI secure coding,2026-05-04
Bob Fox,developer,AI secure coding,2026-05-04
""",
}
NOT_MET: dict[str, str | bytes] = {
    "assurance/training/register.csv": """\
name,role,module,completed
Ada Byron,developer,AI secure coding,2026-05-04
""",
}
EXTRA_MET = (
    History(at=Location(".git"), available=True, commits=3, authors=("Ada Byron", "dependabot[bot]")),
)
EXTRA_NOT_MET = (History(at=Location(".git"), available=True, commits=3, authors=("Ada Byron", "Eve Stone")),)


def test_the_untrained_committer_is_named() -> None:
    """The finding says who is missing, and leaves it to a person to judge."""
    (seen,) = observe(NAME, NOT_MET, extra=EXTRA_NOT_MET)

    assert "Eve Stone" in seen.details[0].message
    assert seen.certainty.value == "tentative"


def test_guidance_without_records_is_a_part() -> None:
    """A good guide shows that there is something to learn, not that anybody did."""
    guide = "# Secure coding for AI\n\nReviewed: 2026-05-01\n\nDelimit prompts against prompt injection.\n"

    (seen,) = observe(NAME, {"docs/secure-coding.md": guide})

    assert seen.outcome is Outcome.PARTLY_MET
