"""ai_security_training_exists: a current syllabus, an old one, and one that never mentions AI."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "ai_security_training_exists"
MET: dict[str, str | bytes] = {
    "docs/ai-training.md": """\
# AI security training

Reviewed: 2026-06-01

## Attacks on AI

Poisoning of training data, prompt injection and model inversion, with cases.

## Supply chain

Models and data from others and what to look at in the AI supply chain.

## Reporting

Report anything odd to the security desk, which escalates it within a day.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/ai-training.md": """\
# Security training

Use long passwords and lock your screen when you leave your desk.
""",
}


def test_material_that_nobody_looked_at_for_years_is_not_enough() -> None:
    """The same syllabus, last reviewed long ago, is partly met."""
    old = {k: str(v).replace("2026-06-01", "2023-06-01") for k, v in MET.items()}

    (seen,) = observe(NAME, old)

    assert seen.outcome is Outcome.PARTLY_MET
