"""staff_can_report_ai_risks: a written route, a template, and a policy that names none."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "staff_can_report_ai_risks"
MET: dict[str, str | bytes] = {
    "SECURITY.md": """\
# Security policy

## Reporting a vulnerability or a risk

Contact us: report vulnerabilities and AI risks to security@example.org.

## What happens then

We answer within two working days and escalate to the model owner.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "SECURITY.md": """\
# Security policy

We take security seriously and always have done.
""",
}


def test_an_issue_template_is_a_part() -> None:
    """A template shows where to report, not what happens then."""
    (seen,) = observe(NAME, {".github/ISSUE_TEMPLATE/ai-risk.md": "---\nname: AI risk\n---\n"})

    assert seen.outcome is Outcome.PARTLY_MET
