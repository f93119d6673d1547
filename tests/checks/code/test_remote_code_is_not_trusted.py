"""Remote code is not trusted: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "remote_code_is_not_trusted"

MET: dict[str, str | bytes] = {
    "app.py": """from transformers import AutoModel

model = AutoModel.from_pretrained("org/model")
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """from transformers import AutoModel

model = AutoModel.from_pretrained("org/model", trust_remote_code=True)
"""
}
"""A project in which it does not."""


def test_a_reviewed_commit_asks_a_person() -> None:
    """Remote code at a fixed commit is reported, not failed."""
    source = f"""
from transformers import AutoModel
model = AutoModel.from_pretrained("org/model", trust_remote_code=True, revision="{"a" * 40}")
"""
    assert observe(NAME, {"app.py": source})[0].certainty is Certainty.TENTATIVE


def test_running_remote_code_does_not_prove_that_nobody_assessed_it() -> None:
    """The load is a firm fault; whether the component's risk was assessed is for a person."""
    load, assessed = observe(NAME, NOT_MET)
    assert (load.certainty, assessed.certainty) == (Certainty.FIRM, Certainty.TENTATIVE)
    assert "5.1.2-4#1" not in load.obligations
    assert set(assessed.obligations) == {"5.1.2-4#1", "5.1.2-4#2"}


def test_torch_hub_is_remote_code() -> None:
    """`torch.hub.load` runs a repository's own file."""
    seen = observe(NAME, {"app.py": "import torch\nm = torch.hub.load('org/repo', 'net')\n"})

    assert outcomes(seen) == {Outcome.NOT_MET}
    assert seen[0].certainty is Certainty.FIRM


def test_a_choice_at_run_time_is_said() -> None:
    """A flag that is handed on is neither a fault nor passed over in silence."""
    source = (
        "from transformers import AutoModel\nAutoModel.from_pretrained('org/m', trust_remote_code=trust)\n"
    )
    (seen,) = observe(NAME, {"app.py": source})

    assert seen.outcome is Outcome.MET
    assert "in 1 the choice is made at run time" in seen.summary
