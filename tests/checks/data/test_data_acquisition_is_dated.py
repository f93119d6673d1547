"""data_acquisition_is_dated: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

CARD = "# Data card\n\n"
CARD += "| Dataset | Source | Retrieved |\n|---|---|---|\n| birds | https://x.example/birds | {day} |\n"
MET: dict[str, str | bytes] = {"docs/data-card.md": CARD.format(day="2026-01-02")}
NOT_MET: dict[str, str | bytes] = {"docs/data-card.md": CARD.format(day="")}
NAME = "data_acquisition_is_dated"


def test_columns_of_the_records_will_do() -> None:
    """Source and time of every record are better still."""
    rows = "text,source_url,retrieved_at\na,https://x,2026-01-01\nb,https://y,2026-01-02\n"
    assert outcomes(observe(NAME, {"data/train.csv": rows})) == {Outcome.MET}


def test_training_data_without_any_record_is_not_observable() -> None:
    """Missing evidence is no failure."""
    assert outcomes(observe(NAME, {"data/train.csv": "a,b\n1,2\n3,4\n"})) == {Outcome.NOT_OBSERVABLE}
