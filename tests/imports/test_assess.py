"""Imported reports in an assessment: evidence with the tool's name, stale for another version."""

import hashlib
import json
import os
import shutil
import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from tests.imports.samples import cyclonedx, encoded, finding, pip_audit, sarif, scorecard

from assaymark._cli.attest import command as attest
from assaymark._cli.bom import command as bom
from assaymark._cli.places import ledger_path
from assaymark.assess.assessment import Assessment, Evidence, Freshness, Verdict
from assaymark.imports.about import FOLDER, SUFFIX, About, render
from assaymark.imports.registry import named
from assaymark.observation import Outcome
from assaymark.pipeline import Places, assess_folder, look
from assaymark.report.sarif import render_sarif

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LOCK = '[[package]]\nname = "requests"\nversion = "{}"\n\n[[package]]\nname = "numpy"\nversion = "2.1.0"\n'
GIT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-11-20T10:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-20T10:00:00Z",
}


def weights(value: int) -> bytes:
    """A safetensors file with one number."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes([value])


def commit(root: Path, message: str) -> str:
    """Commit everything; the id."""
    for command in (["add", "--all"], ["commit", "--quiet", "--message", message]):
        subprocess.run(["git", *command], cwd=root, env=GIT, check=True, capture_output=True, timeout=30)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, env=GIT, check=True, capture_output=True, timeout=30
    )
    return head.stdout.decode().strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small system with a lock file and a model, committed."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    folder = tmp_path / "system"
    (folder / "weights").mkdir(parents=True)
    (folder / "app.py").write_text(
        "import numpy\nimport requests\n\nprint(requests, numpy)\n", encoding="utf-8"
    )
    (folder / "uv.lock").write_text(LOCK.format("2.19.0"), encoding="utf-8")
    (folder / "weights" / "a.safetensors").write_bytes(weights(1))
    subprocess.run(["git", "init", "--quiet", "."], cwd=folder, env=GIT, check=True, timeout=30)
    commit(folder, "First")
    return folder


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Ledger, key and cache beside the system."""
    return Places(ledger=tmp_path / "ledger.db", key=tmp_path / "key.pem", cache=tmp_path / "facts.db")


def put(root: Path, form: str, value: Any, name: str = "r.json", **more: Any) -> None:
    """Import a report."""
    data = encoded(value)
    about = About(
        format=form,
        report=name,
        sha256=hashlib.sha256(data).hexdigest(),
        **{"imported_on": "2026-11-22", "valid_until": "2031-11-21"} | more,
    )
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    (root / FOLDER / name).write_bytes(data)
    (root / FOLDER / f"{name}{SUFFIX}").write_bytes(render(about))


def assess(root: Path, places: Places, now: datetime = NOW) -> Assessment:
    """An assessment at noon of the day of the tests."""
    return assess_folder(root, places, now=now, jobs=1)


def imported(assessment: Assessment, form: str) -> list[Evidence]:
    """The evidence of one importer."""
    return [e for e in assessment.evidence if e.observation.check == named(form).info.id]


def verdict(assessment: Assessment, provision: str) -> tuple[Verdict, str]:
    """Verdict on a provision, and why."""
    result = next(r for r in assessment.results if r.id == provision)
    return result.verdict, " ".join(o.reason for o in result.obligations)


def test_a_report_is_evidence_on_its_provisions_under_its_tools_name(root: Path, places: Places) -> None:
    """Fresh, with the importer among the checks, and the report itself no part of the system."""
    head = look(root).commit
    put(root, "sarif", sarif(commit=head))
    made = assess(root, places)
    (evidence,) = imported(made, "sarif")

    assert (evidence.freshness, evidence.observation.outcome) == (Freshness.FRESH, Outcome.MET)
    assert evidence.observation.by == "CodeQL 2.1"
    assert made.digests["git commit"] == head
    assert "import_sarif" in {c.id for c in made.checks}
    result = next(r for r in made.results if r.id == "5.2.5-1")
    assert evidence.index in result.obligations[0].evidence
    assert not any(a.location.startswith("assurance/") for a in made.assets)
    assert made.problems == ()


def test_a_report_alone_passes_nothing(root: Path, places: Places) -> None:
    """Each verdict is what it was without any."""
    before = {r.id: r.verdict for r in assess(root, places).results}
    head = look(root).commit
    put(root, "sarif", sarif(commit=head))
    put(root, "scorecard", {**scorecard(Security_Policy=10, SAST=10), "repo": {"commit": head}}, "s.json")
    put(root, "pip-audit", pip_audit(flawed=False), "p.json")
    after = assess(root, places)

    assert len(imported(after, "scorecard")) == 2
    assert {r.id: r.verdict for r in after.results} == before


def test_another_commit_makes_a_report_stale(root: Path, places: Places) -> None:
    """It is recorded once, and stays in the ledger as it was."""
    put(root, "sarif", sarif([finding()], commit=look(root).commit))
    first = assess(root, places)
    (root / "app.py").write_text("print(1)\n", encoding="utf-8")
    commit(root, "Second")
    (evidence,) = imported(assess(root, places), "sarif")

    assert evidence.freshness is Freshness.STALE
    assert evidence.stale_because == "git commit changed since."
    assert evidence.index == imported(first, "sarif")[0].index


def test_committing_the_report_itself_leaves_it_fresh(root: Path, places: Places) -> None:
    """Or no report that lies in the repository could ever be about the commit that is checked out."""
    put(root, "sarif", sarif([finding()], commit=look(root).commit))
    commit(root, "The report")
    kept = imported(assess(root, places), "sarif")
    (root / "app.py").write_text("print(1)\n", encoding="utf-8")
    commit(root, "A change")

    assert [e.freshness for e in kept] == [Freshness.FRESH]
    assert [e.freshness for e in imported(assess(root, places), "sarif")] == [Freshness.STALE]


def test_a_changed_model_makes_a_bill_stale(root: Path, places: Places) -> None:
    """The bill gives the digest of the model that it is about."""
    digest = hashlib.sha256(weights(1)).hexdigest()
    bom = cyclonedx()
    bom["components"][0]["hashes"][0]["content"] = digest
    put(root, "cyclonedx", bom)
    assert {e.freshness for e in imported(assess(root, places), "cyclonedx")} == {Freshness.FRESH}
    (root / "weights" / "a.safetensors").write_bytes(weights(2))
    states = {(e.freshness, e.stale_because) for e in imported(assess(root, places), "cyclonedx")}

    assert states == {(Freshness.STALE, "weights/a.safetensors changed since.")}


def test_a_known_flaw_fails_a_provision_until_its_package_is_updated(root: Path, places: Places) -> None:
    """After the update it has to be looked at again, and a new audit does that."""
    put(root, "pip-audit", pip_audit())
    failed = verdict(assess(root, places), "5.2.3-1")
    (root / "uv.lock").write_text(LOCK.format("2.20.0"), encoding="utf-8")
    updated = verdict(assess(root, places), "5.2.3-1")
    new = pip_audit(flawed=False)
    new["dependencies"][0]["version"] = "2.20.0"
    put(root, "pip-audit", new, "new.json", imported_on="2026-11-23")
    audited = assess(root, places)

    assert failed[0] is Verdict.FAIL
    assert "pip-audit: requests 2.19.0 has 1 known flaw" in failed[1]
    assert updated[0] is not Verdict.PASS
    assert "looked at again (package pypi/requests changed since.)" in updated[1]
    assert [e.observation.outcome for e in imported(audited, "pip-audit")] == [Outcome.MET]


def test_a_suspicion_keeps_a_provision_from_passing(root: Path, places: Places) -> None:
    """And fails none: a person has to judge."""
    put(root, "sarif", sarif([finding()], commit=look(root).commit))
    found, why = verdict(assess(root, places), "5.2.5-1")

    assert found is Verdict.INCONCLUSIVE
    assert "A person has to judge: CodeQL 2.1: 1 open security finding" in why


def test_a_person_can_judge_the_findings_of_several_reports(
    root: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the importer's name; a finding that comes later is judged anew."""
    monkeypatch.setenv("ASSAYMARK_STATE_DIR", str(places.ledger.parent))
    monkeypatch.setenv("ASSAYMARK_KEY", str(places.key))
    places = replace(places, ledger=ledger_path(root))
    head = look(root).commit
    put(root, "sarif", sarif([finding()], commit=head))
    put(root, "sarif", sarif([finding()], commit=head, tool="Semgrep"), "s.json")
    doubted = verdict(assess(root, places), "5.2.5-1")[1]
    options = ["--role", "Developer", "--by", "Ada Example", "--statement", "Only trusted text gets there."]
    judged = CliRunner().invoke(
        attest, ["5.2.5-1", *options, "--judging", "import_sarif", "--system", str(root), "--valid-for", "1y"]
    )
    today = max(NOW, datetime.now(UTC))
    settled = verdict(assess(root, places, today), "5.2.5-1")[1]
    put(root, "sarif", sarif([finding(), finding()], commit=head, tool="Bandit"), "t.json")

    assert judged.exit_code == 0, judged.output
    assert "A person has to judge: CodeQL" in doubted
    assert "A person has to judge" not in settled
    assert "A person has to judge: Bandit" in verdict(assess(root, places, today), "5.2.5-1")[1]


def test_a_report_that_is_too_old_is_expired(root: Path, places: Places) -> None:
    """From the day after that in its sidecar."""
    put(root, "sarif", sarif(commit=look(root).commit), valid_until="2026-11-22")

    assert imported(assess(root, places), "sarif")[0].freshness is Freshness.EXPIRED


def test_what_does_not_count_is_told(root: Path, places: Places) -> None:
    """A changed report, and a report and an import that contradict each other."""
    put(root, "sarif", sarif(commit="1" * 40), commit=look(root).commit)
    put(root, "sarif", sarif(), "x.json")
    (root / FOLDER / "x.json").write_bytes(b"{}")
    made = assess(root, places)

    assert any("x.json was changed after" in p for p in made.problems)
    assert any("says that it is about commit 1111" in p for p in made.problems)
    assert [e.freshness for e in imported(made, "sarif")] == [Freshness.STALE]


@pytest.mark.parametrize("form", ["cyclonedx-1.6", "cyclonedx-1.7", "spdx-3"])
def test_a_bill_of_ours_agrees_with_the_tree_it_was_made_of(root: Path, places: Places, form: str) -> None:
    """As a supplier's bill does that another program wrote of the same version."""
    made = CliRunner().invoke(bom, [str(root), "--format", form, "--no-cache", "--on", "2026-11-22"])
    put(root, form.partition("-")[0], json.loads(made.stdout))
    now = assess(root, places)
    seen = imported(now, form.partition("-")[0])

    assert {e.freshness for e in seen} == {Freshness.FRESH}
    assert [e.observation.outcome for e in seen] == [Outcome.MET, Outcome.MET]
    assert seen[1].observation.summary.endswith("0 are not seen here; 0 parts here are not listed.")


def test_digests_in_lock_files_are_known(root: Path) -> None:
    """Of every archive that one accepts for a version."""
    digest = hashlib.sha256(b"x").hexdigest()
    lock = LOCK.format("2.19.0").replace(
        '"2.19.0"\n', f'"2.19.0"\nsdist = {{ url = "https://x/r.gz", hash = "sha256:{digest}" }}\n'
    )
    (root / "uv.lock").write_text(lock, encoding="utf-8")

    assert look(root).archives["pypi/requests@2.19.0"] == frozenset({digest})


def test_an_assessment_is_no_evidence_for_another(root: Path, places: Places) -> None:
    """What it found is in the next one anyway, by the checks themselves."""
    put(root, "sarif", json.loads(render_sarif(assess(root, places))), commit=look(root).commit)
    (evidence,) = imported(assess(root, places), "sarif")

    assert evidence.observation.outcome is Outcome.NOT_OBSERVABLE
    assert "an assessment is no evidence for another" in evidence.observation.summary


def test_nothing_is_recorded_twice(root: Path, places: Places) -> None:
    """A second assessment of the same version answers from the ledger."""
    put(root, "pip-audit", pip_audit())

    assert assess(root, places).ledger_size == assess(root, places).ledger_size
