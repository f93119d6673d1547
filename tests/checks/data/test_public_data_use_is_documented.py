"""public_data_use_is_documented: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

LOAD = "from datasets import load_dataset\nd = load_dataset('acme/birds')\n"
CARD = "# Data card\n\n"
CARD += "| Dataset | Source | Use |\n|---|---|---|\n| birds | https://hub.example/acme/birds | {use} |\n"
MET: dict[str, str | bytes] = {"train.py": LOAD, "docs/data-card.md": CARD.format(use="tuning of m 1.0")}
NOT_MET: dict[str, str | bytes] = {"train.py": LOAD, "docs/data-card.md": CARD.format(use="")}
NAME = "public_data_use_is_documented"


def test_no_record_at_all_is_not_observable() -> None:
    """Whether origin is on record is another check's question."""
    assert outcomes(observe(NAME, {"train.py": LOAD})) == {Outcome.NOT_OBSERVABLE}


def test_its_fault_is_tentative() -> None:
    """The use may stand in prose."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
