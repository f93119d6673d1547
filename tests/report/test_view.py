"""What several reports show of an assessment."""

import msgspec

from assaymark.assess.assessment import Verdict
from assaymark.asset import AssetKind
from assaymark.report.view import (
    OpenKind,
    assets_by_kind,
    exclusions,
    groups,
    is_open_counter,
    kind_words,
    open_kind,
    open_kinds,
    rows,
    selected,
    steps,
    tally,
)
from assaymark.standard.provision import Phase
from tests.report.sample import sample

SAMPLE = sample()


def test_every_provision_is_counted_once() -> None:
    """The four verdicts add up to 72, over the whole and over the principles."""
    whole = tally(SAMPLE.results)
    assert whole.total == 72 == sum(n for _, n in whole.parts)
    assert whole.applicable == 72 - whole.not_applicable
    parts = [p.tally for g in groups(rows(SAMPLE)) for p in g.principles]
    assert len(parts) == 13
    assert sum(t.total for t in parts) == 72


def test_evidence_is_sorted_by_what_it_says() -> None:
    """Counter-evidence, support and the rest are apart, and nothing that speaks to a provision is lost."""
    by_id = {r.result.id: r for r in rows(SAMPLE)}
    assert [e.index for e in by_id["5.2.3-1"].against] == [0]
    assert [e.index for e in by_id["5.5.1-1"].support] == [6]
    assert [e.index for e in by_id["5.1.1-1"].other] == [3]
    assert is_open_counter(by_id["5.2.2-1"].against[0])
    assert not is_open_counter(by_id["5.2.3-1"].against[0])


def test_a_view_may_be_narrowed_to_a_phase_or_an_actor() -> None:
    """Both filters hold at once."""
    every = rows(SAMPLE)
    narrowed = selected(every, phase=Phase.DESIGN, role="Organisation")
    assert {r.provision.principle for r in narrowed} == {1}
    assert len(selected(every)) == 72


def test_steps_that_mend_failures_come_first_and_name_what_they_move() -> None:
    """A step for failing provisions outranks one for many inconclusive ones; equal texts are one step."""
    first, *others = steps(rows(SAMPLE), 5)
    assert first.failing == ("5.1.2-4", "5.2.1-4", "5.2.3-1")
    assert not first.open
    assert len(others) == 4
    assert all(s.failing or s.open for s in others)


def test_the_inconclusive_are_told_apart_by_what_there_is() -> None:
    """Findings to judge, some evidence, a search in vain and silence are different, and add up."""
    by_id = {r.result.id: open_kind(r) for r in rows(SAMPLE)}
    assert by_id["5.2.2-1"] is OpenKind.JUDGE
    assert by_id["5.4.2-4"] is OpenKind.SOME
    assert by_id["5.1.1-1"] is OpenKind.UNSEEN
    assert by_id["5.1.4-2"] is OpenKind.SILENT
    assert sum(n for _, n in open_kinds(rows(SAMPLE))) == tally(SAMPLE.results).inconclusive


def test_exclusions_name_obligations_and_contradictions() -> None:
    """Excluded provisions, single excluded obligations and refused exclusions are all listed."""
    result = next(r for r in SAMPLE.results if len(r.obligations) > 1 and r.verdict is Verdict.INCONCLUSIVE)
    out = msgspec.structs.replace(result.applicability, applies=False, reason="no such thing")
    part = msgspec.structs.replace(result.obligations[0], applicability=out)
    changed = msgspec.structs.replace(result, obligations=(part, *result.obligations[1:]))
    results = tuple(changed if r.id == result.id else r for r in SAMPLE.results)
    found = {x.id: x for x in exclusions(rows(msgspec.structs.replace(SAMPLE, results=results)))}
    assert {"5.2.4-2.1", "5.3.1-3", "5.4.1-3", part.id} == set(found)
    assert found["5.4.1-3"].contradicted
    assert found[part.id].reason == "no such thing"


def test_every_kind_of_asset_has_words_and_the_best_connected_comes_first() -> None:
    """No kind is left out of the listing, and order follows relations."""
    assert len({kind_words(k, 2) for k in AssetKind}) == len(AssetKind)
    listed = dict(assets_by_kind(SAMPLE))
    assert sum(map(len, listed.values())) == len(SAMPLE.assets)
    assert listed[AssetKind.CODE][0].name == "app/agent.py"
