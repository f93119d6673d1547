"""From a folder to an assessment: what is recorded, what is answered from the ledger, and what goes stale."""

import hashlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from assaymark.assess.assessment import Assessment, Freshness, Verdict
from assaymark.errors import UsageError
from assaymark.ledger.attestation import Attestation, Document, render
from assaymark.observation import Outcome
from assaymark.pipeline import MANIFESTS, Places, assess_folder, describe
from assaymark.vulnerability.look import Sources
from tests.vulnerability.generating import database, osv

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
APP = '''"""A chatbot."""

from openai import OpenAI

client = OpenAI()


def answer(question: str) -> str:
    """Ask the model."""
    reply = client.chat.completions.create(
        model="gpt-4o-2024-08-06", messages=[{"role": "user", "content": question}]
    )
    return reply.choices[0].message.content
'''
PLAN = "# Incident plan\n\nWho is called, and what is switched off first.\n"
TRAINED = Attestation(
    edition="EN 304 223 V2.1.1",
    obligations=("5.1.1-1#1",),
    met=True,
    role="Organisation",
    by="Ada Example",
    statement="Everybody was trained in May.",
    documents=(Document(path="docs/training.md", sha256=hashlib.sha256(b"May\n").hexdigest()),),
    made_on="2026-11-20",
    valid_until="2027-11-20",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small system without a manifest."""
    folder = tmp_path / "system"
    (folder / "docs").mkdir(parents=True)
    (folder / "app.py").write_text(APP, encoding="utf-8")
    (folder / "docs" / "incident-plan.md").write_text(PLAN, encoding="utf-8")
    return folder


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Ledger, key and cache beside the system."""
    return Places(ledger=tmp_path / "ledger", key=tmp_path / "key.pem", cache=tmp_path / "facts.db")


def assess(root: Path, places: Places) -> Assessment:
    """An assessment at noon of the day of the tests."""
    return assess_folder(root, places, now=NOW, jobs=1)


def fresh(assessment: Assessment, check: str) -> list[Freshness]:
    """How fresh the evidence of one check is."""
    return [e.freshness for e in assessment.evidence if e.observation.check == check]


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_found_under_each_of_its_names(root: Path, name: str) -> None:
    """In the folder itself or in ``assurance/``."""
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("assaymark: 1\nname: Named there\n", encoding="utf-8")

    assert (describe(root).name, describe(root).manifest_path) == ("Named there", name)


def test_the_first_name_wins(root: Path) -> None:
    """Two manifests are not merged."""
    for name in reversed(MANIFESTS):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(f"assaymark: 1\nname: from {name}\n", encoding="utf-8")

    assert describe(root).name == f"from {MANIFESTS[0]}"


def test_without_a_manifest_the_folder_names_the_system(root: Path) -> None:
    """And every provision stays in scope for want of a statement."""
    assert describe(root).name == "system"
    assert describe(root).manifest_path == ""


def test_a_manifest_of_a_megabyte_is_refused(root: Path) -> None:
    """With advice, and without reading all of it."""
    (root / MANIFESTS[0]).write_bytes(b"#" * 1_000_001)

    with pytest.raises(UsageError, match="longer than"):
        describe(root)


def test_every_check_speaks_and_its_evidence_is_fresh(root: Path, places: Places) -> None:
    """Nothing is silent, nothing broke, and what was just seen is not stale."""
    seen = assess(root, places)

    assert {e.observation.check for e in seen.evidence} == {c.id for c in seen.checks}
    assert {e.freshness for e in seen.evidence} == {Freshness.FRESH}
    assert [e.observation.summary for e in seen.evidence if e.observation.outcome is Outcome.ERROR] == []
    assert len(seen.results) == 72
    assert seen.files == 2
    assert seen.ledger_size == len(seen.evidence)


def test_a_second_run_records_nothing_and_says_the_same(root: Path, places: Places) -> None:
    """Unchanged inputs are answered from the ledger."""
    first, second = assess(root, places), assess(root, places)

    assert second.ledger_root == first.ledger_root
    assert second.evidence == first.evidence
    assert second.results == first.results


def test_without_a_cache_the_answers_are_the_same(root: Path, places: Places) -> None:
    """The cache saves time and decides nothing."""
    first = assess(root, places)
    assert places.cache is not None
    places.cache.unlink()

    assert assess(root, places).evidence == first.evidence


def test_a_change_runs_only_the_checks_that_look_at_it(root: Path, places: Places) -> None:
    """A document's change leaves what was seen in code as it was recorded."""
    before = assess(root, places)
    (root / "docs" / "incident-plan.md").write_text(PLAN + "\nIt was exercised in May.\n", encoding="utf-8")

    after = assess(root, places)

    new = [e for e in after.evidence if e.index >= before.ledger_size]
    assert 0 < len(new) == after.ledger_size - before.ledger_size
    assert len({e.observation.check for e in new}) < len(after.checks) / 2
    kept = {e.observation.check for e in after.evidence if e.index < before.ledger_size}
    assert "weights_are_loaded_without_running_code" in kept
    assert {e.freshness for e in after.evidence} == {Freshness.FRESH}


def test_going_back_is_answered_from_the_ledger(root: Path, places: Places) -> None:
    """The ledger keeps every earlier answer: undoing a change records nothing."""
    assess(root, places)
    (root / "app.py").write_text(APP + "\nprint(eval(answer('x')))\n", encoding="utf-8")
    changed = assess(root, places)
    (root / "app.py").write_text(APP, encoding="utf-8")

    assert assess(root, places).ledger_size == changed.ledger_size


def test_an_attestation_is_evidence_until_its_document_changes(root: Path, places: Places) -> None:
    """Recorded once, bound to the digest of what it names."""
    (root / "assurance" / "attestations").mkdir(parents=True)
    (root / "assurance" / "attestations" / "a.json").write_bytes(render(TRAINED))
    (root / "docs" / "training.md").write_text("May\n", encoding="utf-8")

    stated = assess(root, places)
    (root / "docs" / "training.md").write_text("Not yet\n", encoding="utf-8")
    changed = assess(root, places)

    assert fresh(stated, "attestation") == [Freshness.FRESH]
    assert fresh(changed, "attestation") == [Freshness.STALE]
    (entry,) = [e for e in changed.evidence if e.observation.check == "attestation"]
    assert "docs/training.md" in entry.stale_because
    assert entry.observation.by == "Ada Example"


def test_an_invalid_waiver_is_told_and_does_not_count(root: Path, places: Places) -> None:
    """One that has ended hides nothing, and the report says so."""
    (root / "assaymark.yaml").write_text(
        "assaymark: 1\nname: x\nwaivers:\n"
        "  - {provision: 5.1.2-5, reason: later, owner: Ada Example, until: '2026-11-22'}\n",
        encoding="utf-8",
    )

    seen = assess(root, places)

    assert any("5.1.2-5" in p and "ended on 2026-11-22" in p for p in seen.problems)
    assert all(r.waiver is None for r in seen.results)


def test_a_contradicted_exclusion_stays_in_scope(root: Path, places: Places) -> None:
    """Who denies an external provider while the code calls one is told where."""
    (root / "assaymark.yaml").write_text(
        "assaymark: 1\nname: x\nowner: Ada Example\nconditions:\n"
        "  external-components: {holds: false, reason: all is ours}\n",
        encoding="utf-8",
    )

    contradicted = [r for r in assess(root, places).results if r.applicability.contradicted]

    assert contradicted
    assert all(r.verdict is not Verdict.NOT_APPLICABLE for r in contradicted)
    assert all("app.py" in r.applicability.contradicted for r in contradicted)


def test_the_ledger_inside_the_system_is_not_part_of_it(root: Path, tmp_path: Path) -> None:
    """Its growth changes no input, so that a second run finds nothing new; the report names it."""
    (root / "assurance").mkdir()
    inside = Places(ledger=root / "assurance" / "ledger", key=tmp_path / "key.pem")

    first, second = assess(root, inside), assess(root, inside)

    assert first.files == second.files == 2
    assert second.ledger_size == first.ledger_size
    assert "assurance/ledger" in {m.path for m in second.not_looked_at}


def test_cold_and_warm_give_one_assessment(root: Path, places: Places) -> None:
    """Whether facts come from files or from the cache shows nowhere in the result."""
    old = time.time() - 3600
    for path in root.rglob("*"):
        os.utime(path, (old, old))

    cold, warm = assess(root, places), assess(root, places)

    assert warm == cold


def test_an_unpacked_package_is_called_one(root: Path, places: Places) -> None:
    """A reader is told first that pipelines and policies were left out of what was assessed."""
    assert assess(root, places).problems == ()
    (root / "PKG-INFO").write_text("Name: x\n", encoding="utf-8")
    (told,) = assess(root, places).problems

    assert told.startswith("This is an unpacked package")


def flaws(assessment: Assessment) -> Outcome:
    """What was seen of known flaws in dependencies."""
    (seen,) = [
        e.observation for e in assessment.evidence if e.observation.check == "known_flaws_are_patched_in_time"
    ]
    return seen.outcome


def test_a_dependency_with_an_overdue_flaw_counts_against_the_system(root: Path, places: Places) -> None:
    """A database that the user names is looked into; it is no part of the system although it lies there."""
    (root / "requirements.txt").write_text("engine==1.0\n", encoding="utf-8")
    record = osv("GHSA-1", severity="CRITICAL")
    named = structs.replace(places, advisories=Sources(osv=(str(database(root, record)),)))

    before, after = assess_folder(root, places, now=NOW), assess_folder(root, named, now=NOW)

    assert flaws(before) is Outcome.NOT_OBSERVABLE
    assert flaws(after) is Outcome.NOT_MET
    assert after.files == before.files - 1


def test_a_ledger_in_the_folder_that_is_not_in_use_is_no_part_of_the_system(tmp_path: Path) -> None:
    """Where another ledger is named, one that lies in ``assurance/`` is still evidence, not data."""
    root = tmp_path / "system"
    (root / "assurance").mkdir(parents=True)
    (root / "app.py").write_text("import openai\n")
    for name in ("ledger", "ledger.db"):
        inside = Places(ledger=root / "assurance" / name, key=tmp_path / "key.pem")
        assess_folder(root, inside)

    elsewhere = assess_folder(root, Places(ledger=tmp_path / "other", key=tmp_path / "key.pem"))

    assert not [a for a in elsewhere.assets if a.location.startswith("assurance/")]
    assert {"assurance/ledger", "assurance/ledger.db"} <= {m.path for m in elsewhere.not_looked_at}
