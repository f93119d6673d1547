"""staff_follow_ai_threats: bulletins with threats and remedies, and silence."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "staff_follow_ai_threats"
MET: dict[str, str | bytes] = {
    "docs/awareness/bulletin-2026-10.md": """\
# Security awareness bulletin, October

Reviewed: 2026-10-02

## New threats

Prompt injection through shared calendars.

## Mitigation

Mitigation: turn the assistant off for invitations from outside.

## Duty

All staff must read this bulletin; it is mandatory.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/awareness/bulletin-2026-10.md": """\
# Security awareness bulletin

The canteen is closed on Friday and opens again on Monday.
""",
}


def test_no_bulletin_in_the_tree_is_no_fault() -> None:
    """Bulletins usually live in mail."""
    (seen,) = observe(NAME, {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
