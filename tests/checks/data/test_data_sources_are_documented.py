"""data_sources_are_documented: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

LOAD = "from datasets import load_dataset\nd = load_dataset('acme/birds')\n"
CARD = "# Data card\n\n| Dataset | Source | Retrieved | Use |\n|---|---|---|---|\n"
ROW = "| birds | https://hub.example/datasets/acme/birds | 2026-01-02 | tuning of m 1.0 |\n"
MET: dict[str, str | bytes] = {"train.py": LOAD, "docs/data-card.md": CARD + ROW}
NOT_MET: dict[str, str | bytes] = {"train.py": LOAD}
NAME = "data_sources_are_documented"


def test_a_card_of_other_data_is_partly() -> None:
    """The card exists, its table names something else; its prose may name this."""
    files = {"train.py": LOAD, "docs/data-card.md": CARD + ROW.replace("birds", "fish")}
    assert Outcome.MET not in outcomes(observe(NAME, files))


def test_its_fault_is_tentative() -> None:
    """The record may be kept in a catalogue."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE


def test_a_data_set_named_at_run_time_is_not_observable() -> None:
    """A hub is asked for a data set; that its name is not in the source does not make it none."""
    source = "from datasets import load_dataset\nd = load_dataset(name)\n"
    assert outcomes(observe(NAME, {"train.py": source})) == {Outcome.NOT_OBSERVABLE}
