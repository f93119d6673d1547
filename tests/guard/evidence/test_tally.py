"""From a ledger of decisions to one fact, and from there to the assessment."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from assaymark.guard.event import Action, Finding
from assaymark.guard.evidence.decided import TYPE
from assaymark.guard.evidence.recorder import LedgerRecorder, open_recorder
from assaymark.guard.evidence.tally import tally
from assaymark.guard.policy.model import Policy
from assaymark.ledger.entry import entry
from assaymark.ledger.keys import load_key, load_or_create_key
from assaymark.ledger.ledger import Ledger
from assaymark.observation import Outcome
from assaymark.pipeline import Places, assess_folder
from tests.guard.evidence.samples import CONTEXT, SEGMENTS, decision

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A ledger with decisions of three kinds, and the key that signed them."""
    places = Places(ledger=tmp_path / "state" / "ledger.db", key=tmp_path / "keys" / "key.pem")
    opened = Finding(rule="error/detect", message="x", action=Action.ALLOW)
    with LedgerRecorder(places.ledger, load_or_create_key(places.key), Policy(), now=lambda: NOW) as made:
        made.record(decision("a", Action.ALLOW), SEGMENTS, CONTEXT)
        made.record(decision("b"), SEGMENTS, CONTEXT)
        made.record(replace(decision("c", Action.ASK), action=Action.ALLOW), SEGMENTS, CONTEXT)
        made.record(replace(decision("e"), by="Jo Doe", about="c", findings=()), (), CONTEXT)
        made.record(replace(decision("d", Action.ALLOW), findings=(opened,)), SEGMENTS, CONTEXT)
    return places


def test_decisions_are_counted(places: Places) -> None:
    """By what was done, by family of rule, shadowed and fail-open ones apart."""
    with Ledger.open(places.ledger, load_key(places.key)) as ledger:
        (seen,) = tally(ledger.last_ours(100), more=False)

    assert (seen.total, seen.actions) == (5, (("allow", 3), ("block", 2)))
    assert seen.rules == (("detector", 2), ("error", 1))
    assert (seen.shadowed, seen.opened, seen.asked, seen.answered) == (1, 1, 0, 1)
    assert (seen.first, seen.policies) == ("2026-11-20T12:00:00Z", ("a" * 64,))


def test_only_the_newest_and_only_our_own_are_looked_at(places: Places) -> None:
    """Anybody can put a ledger into a tree; the mark of our key shows which entries are ours."""
    with Ledger.open(places.ledger, load_key(places.key)) as ledger:
        assert len(ledger.last_ours(2)) == 2
    with Ledger.open(places.ledger, load_or_create_key(places.key.with_name("other.pem"))) as ledger:
        assert ledger.last_ours(100) == ()
        assert tally(ledger.last_ours(100), more=False) == ()


def test_entries_of_a_later_version_are_passed_over(places: Places) -> None:
    """Nothing is said of what cannot be read."""
    with Ledger.open(places.ledger, load_key(places.key)) as ledger:
        ledger.append([entry(TYPE, {"v": 2}, time="2026-11-20T13:00:00Z", system="s", key="k")])
        (seen,) = tally(ledger.last_ours(100), more=True)

    assert (seen.total, seen.more) == (5, True)


def test_an_assessment_sees_policy_and_decisions(places: Places, tmp_path: Path) -> None:
    """The whole way: a tree with a policy, a ledger with decisions, and what checks say of both."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "guard.yaml").write_text("version: 1\nmode: shadow\nlimits: {}\n")
    found = assess_folder(tmp_path / "tree", places, now=NOW)
    seen = {e.observation.check: e.observation for e in found.evidence}

    assert seen["guard_decisions_are_logged"].outcome is Outcome.MET
    assert "5 decisions" in seen["guard_decisions_are_logged"].summary
    assert seen["guard_screens_untrusted_input"].outcome is Outcome.NOT_MET


def test_another_key_beside_the_ledger_is_another_machines(places: Places, tmp_path: Path) -> None:
    """Decisions under a key of their own are not this machine's evidence."""
    with open_recorder(tmp_path / "own.db", Policy()) as made:
        made.record(decision(), SEGMENTS, CONTEXT)

    with Ledger.open(tmp_path / "own.db", load_key(places.key)) as ledger:
        assert ledger.last_ours(10) == ()
