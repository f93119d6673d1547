"""poor_components_are_justified: a written reason for code from a hub, and none."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "poor_components_are_justified"
MET: dict[str, str | bytes] = {
    "app.py": """\
from transformers import AutoModel

model = AutoModel.from_pretrained("acme/odd-model", trust_remote_code=True)
""",
    "docs/component-justification-odd-model.md": """\
# Justification: acme/odd-model

Decided: 2026-05-20

No other model reads this format; a sandbox contains it.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "app.py": """\
from transformers import AutoModel

model = AutoModel.from_pretrained("acme/odd-model", trust_remote_code=True)
""",
}


def test_the_component_and_its_fault_are_named() -> None:
    """The finding says what is poor about it, for a person to judge."""
    (seen,) = observe(NAME, NOT_MET)

    assert "acme/odd-model" in seen.details[0].message
    assert seen.certainty.value == "tentative"


def test_a_justification_of_something_else_is_a_part() -> None:
    """It has to name the component."""
    other = {
        **MET,
        "docs/component-justification-x.md": "# Justification: another\n\nWe had no other choice.\n",
    }
    del other["docs/component-justification-odd-model.md"]

    (seen,) = observe(NAME, other)

    assert seen.outcome is Outcome.PARTLY_MET


def test_safe_components_need_no_justification() -> None:
    """Without a poor component the question does not arise."""
    (seen,) = observe(NAME, {"app.py": POOR_FREE})

    assert seen.outcome is Outcome.NOT_APPLICABLE


POOR_FREE = 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("acme/model")\n'
