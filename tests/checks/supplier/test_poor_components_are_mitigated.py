"""poor_components_are_mitigated: a risk accepted by name, and nothing."""

from tests.trees import observe

from assaymark.observation import Outcome
from assaymark.system.system import AcceptedRisk, System

NAME = "poor_components_are_mitigated"
MET: dict[str, str | bytes] = {
    "app.py": """\
from transformers import AutoModel

model = AutoModel.from_pretrained("acme/odd-model", trust_remote_code=True)
""",
}
NOT_MET: dict[str, str | bytes] = {
    "app.py": """\
from transformers import AutoModel

model = AutoModel.from_pretrained("acme/other", trust_remote_code=True)
""",
}
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE
SYSTEM = System(
    name="s",
    accepted_risks=(
        AcceptedRisk(
            id="R1",
            component="acme/odd-model",
            risk="its code runs",
            reason="none other",
            owner="Ada",
            until="2027-01-01",
        ),
    ),
)


def test_controls_and_risk_are_told_apart() -> None:
    """The accepted risk settles the assessment, not the controls."""
    seen = {o.obligations: o.outcome for o in observe(NAME, MET, system=SYSTEM)}

    assert seen[("5.2.3-2.1#2",)] is Outcome.MET
    assert seen[("5.2.3-2.1#1",)] is Outcome.NOT_OBSERVABLE
