"""What speaks against the supplier and what no longer counts is listed, asked for or not."""

from msgspec.structs import replace
from tests.pack.supplier import supplier

from assaymark.assess.assessment import Freshness, Verdict
from assaymark.pack.counter import against, aged
from assaymark.system.system import Waiver


def test_counter_evidence_is_listed_by_provision() -> None:
    """Each provision with something against it is listed with what was said, also where it is waived."""
    found = supplier().assessment
    waiver = Waiver(provision="5.1.3-1", reason="x", owner="Ada Example", until="2027-01-31")
    results = tuple(replace(r, waiver=waiver) if r.id == "5.1.3-1" else r for r in found.results)
    listed = {one.provision: one for one in against(replace(found, results=results))}
    one = listed["5.1.3-1"]

    assert set(listed) == {r.id for r in found.results if any(o.counter_evidence for o in r.obligations)}
    assert (one.verdict, one.waived_by, one.waived_until) == (
        Verdict.INCONCLUSIVE,
        "Ada Example",
        "2027-01-31",
    )
    assert len(one.said) == len(one.entries) == len(set(one.entries))
    assert one.said[0].startswith("A threat model is there")


def test_evidence_that_no_longer_counts_is_listed() -> None:
    """Stale and expired entries are listed with what ended them; fresh ones are not."""
    found = supplier().assessment
    first, *rest = found.evidence
    stale = replace(first, freshness=Freshness.STALE, stale_because="app.py changed since.")
    (one,) = aged(replace(found, evidence=(stale, *rest)))

    assert aged(found) == ()
    assert (one.entry, one.freshness, one.because) == (first.index, Freshness.STALE, "app.py changed since.")
