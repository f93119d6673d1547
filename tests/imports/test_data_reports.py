"""Our own reports on data sets as evidence: what each says for which provision, whatever is in it."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.imports.data_samples import finding, manifest, replayed, scan, verified

from assaymark.errors import AssaymarkError, UsageError
from assaymark.imports.registry import importer_of, named
from assaymark.imports.report import Statement
from assaymark.observation import Certainty, Outcome

CHECKED, INCLUDED, ORIGIN, AUTHENTIC = "5.2.1-4.1#1", "5.1.3-1#3", "5.2.4-2.1#1", "5.2.1-2#2"
EXPLAINED = {"owner": "Ann", "counts": True}


def said(report: dict[str, Any]) -> dict[str, Statement]:
    """Its statements by obligation."""
    data = json.dumps(report).encode()
    read = importer_of(data, "report.json").read(data, "report.json")
    return {o: s for s in read.statements for o in s.obligations}


@pytest.mark.parametrize(
    ("report", "outcome", "included"),
    [
        (scan(), Outcome.MET, Outcome.MET),
        (scan(read=99, complete=False), Outcome.PARTLY_MET, Outcome.PARTLY_MET),
        (scan(complete=False), Outcome.PARTLY_MET, Outcome.PARTLY_MET),
        (scan(findings=[finding("note")]), Outcome.MET, Outcome.MET),
        (scan(findings=[finding("to explain")]), Outcome.PARTLY_MET, Outcome.MET),
        (scan(findings=[finding("to explain", explanation=EXPLAINED)]), Outcome.MET, Outcome.MET),
        (scan(findings=[finding()], flagged=9), Outcome.NOT_MET, Outcome.PARTLY_MET),
        (scan(findings=[finding(explanation=EXPLAINED)]), Outcome.PARTLY_MET, Outcome.MET),
        (scan(findings=[finding(explanation={"counts": False})]), Outcome.NOT_MET, Outcome.PARTLY_MET),
    ],
)
def test_a_scan_speaks_to_checks_on_data_and_to_poisoning(
    report: dict[str, Any], outcome: Outcome, included: Outcome
) -> None:
    """Clean supports; holes and open questions leave it partly met; suspects are against it, tentatively."""
    found = said(report)

    assert found[CHECKED].outcome is outcome
    assert found[CHECKED].certainty is Certainty.TENTATIVE
    assert found[INCLUDED].outcome is included
    assert all(bool(s.fix) == (s.outcome is not Outcome.MET) for s in found.values())


@pytest.mark.parametrize("report", [scan(engines=[]), scan(read=0), scan(engines=[{"state": "stopped"}])])
def test_a_scan_in_which_nobody_looked_shows_nothing(report: dict[str, Any]) -> None:
    """Whatever its verdict says."""
    assert said(report)[CHECKED].outcome is Outcome.NOT_OBSERVABLE


def test_suspects_are_named_with_their_place() -> None:
    """In the details, with what could not be read."""
    report = scan(findings=[finding()], holes=[{"file": "b.jsonl", "reason": "no JSON"}], complete=False)
    details = [d.message for d in said(report)[CHECKED].details]

    assert details[0] == "text_triggers: token \"cf\" in 9 records, with 'good', for example r.jsonl, row 4."
    assert details[1] == "Not read: b.jsonl: no JSON"


@pytest.mark.parametrize(
    ("verdict", "outcome", "certainty"),
    [
        ("the model obeys it", Outcome.NOT_MET, Certainty.FIRM),
        ("undecided", Outcome.PARTLY_MET, Certainty.TENTATIVE),
        ("no effect", Outcome.MET, Certainty.TENTATIVE),
        ("whatever", Outcome.PARTLY_MET, Certainty.TENTATIVE),
    ],
)
def test_a_replay_is_firm_where_the_model_obeys(verdict: str, outcome: Outcome, certainty: Certainty) -> None:
    """It was measured, against a placebo."""
    found = said(replayed(verdict))[CHECKED]

    assert (found.outcome, found.certainty) == (outcome, certainty)
    assert (
        "turned 95.0% of the model's answers (95 % interval 91.0% to 97.0%), a placebo 1.0%" in found.summary
    )


def test_what_a_replay_counted_decides_not_what_it_says() -> None:
    """A verdict that its own figures do not bear out is not firm."""
    run = {"tried": 200, "turned": 4, "rate": 0.02, "low": 0.0, "high": 0.05}

    assert said(replayed(trigger_run=run))[CHECKED].certainty is Certainty.TENTATIVE
    assert said(replayed(records=0))[CHECKED].outcome is Outcome.NOT_OBSERVABLE


@pytest.mark.parametrize(
    ("complete", "outcome"), [(100, Outcome.MET), (40, Outcome.PARTLY_MET), (0, Outcome.NOT_MET)]
)
def test_source_and_time_are_counted_record_by_record(complete: int, outcome: Outcome) -> None:
    """By the manifest, or by a scan beside which one lay."""
    origin = {"records": 100, "complete": complete, "problems": [], "first": []}

    assert said(manifest(complete))[ORIGIN].outcome is outcome
    assert said(scan(provenance=origin))[ORIGIN].outcome is outcome


def test_a_verification_authenticates_the_data() -> None:
    """What differs by digest is firm; an unsigned manifest, partly."""
    assert said(verified())[AUTHENTIC].outcome is Outcome.MET
    assert said(verified(signed_by=""))[AUTHENTIC].outcome is Outcome.PARTLY_MET
    changed = said(verified(ok=False, record_counts={"changed": 3}))[AUTHENTIC]
    assert (changed.outcome, changed.certainty) == (Outcome.NOT_MET, Certainty.FIRM)
    assert "3 records changed" in changed.summary
    broken = said(verified(ok=False, problem="The signature does not hold."))[AUTHENTIC]
    assert (broken.outcome, broken.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_a_report_of_another_version_is_refused() -> None:
    """It may mean something else by the same words."""
    with pytest.raises(UsageError, match="version 1"):
        named("data-scan").read(json.dumps(scan(format="assaymark-data-scan/2")).encode(), "x.json")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["data-scan", "data-origin"]), st.sampled_from([scan, replayed, verified]), st.data())
def test_reports_of_any_values_are_read_or_refused(form: str, make: Any, draw: st.DataObject) -> None:
    """Never a traceback."""
    report = make()
    for name in draw.draw(st.lists(st.sampled_from(sorted(report)), max_size=4)):
        report[name] = draw.draw(JUNK)
    data = json.dumps(report).encode("utf-8", "surrogatepass")
    with contextlib.suppress(AssaymarkError):
        named(form).read(data, "x.json")
