"""The bounds that are ours."""

from assaymark.assess.assessment import Threshold
from assaymark.assess.thresholds import thresholds
from assaymark.standard.catalogue import catalogue


def test_each_period_of_validity_is_listed_with_its_provisions() -> None:
    """Every provision's period is among them, and further thresholds come last."""
    extra = Threshold(name="x", value="1", meaning="m")
    listed = thresholds(catalogue().provisions, [extra])
    periods = [t for t in listed if t.name.startswith("attestation")]
    assert {t.value for t in periods} == {f"{p.validity_days} days" for p in catalogue().provisions}
    assert all(t.meaning.endswith("of 72 provisions.") for t in periods)
    assert listed[-1] is extra
    assert len({t.name for t in listed}) == len(listed)
