"""poor_components_are_disclosed: the guide names the component, or does not."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "poor_components_are_disclosed"
MET: dict[str, str | bytes] = {
    "app.py": """\
from transformers import AutoModel

model = AutoModel.from_pretrained("acme/odd-model", trust_remote_code=True)
""",
    "docs/user-guide.md": """\
# User guide

## About acme/odd-model

Its makers say little about its training data; check what it says.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "app.py": """\
from transformers import AutoModel

model = AutoModel.from_pretrained("acme/odd-model", trust_remote_code=True)
""",
    "docs/user-guide.md": """\
# User guide

Press the button and wait for the answer to appear.
""",
}
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_without_poor_components_nothing_needs_telling() -> None:
    """The question does not arise."""
    (seen,) = observe(NAME, {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_APPLICABLE
