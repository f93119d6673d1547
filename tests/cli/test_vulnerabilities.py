"""`assaymark vulnerabilities` says what it looked into, what it found, and what it does not know."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.vulnerability.generating import database, osv

from assaymark._cli.vulnerabilities import command
from assaymark.errors import UsageError
from assaymark.report.text import columns
from assaymark.vulnerability.vex import read_vex

DAY = "2026-11-27"


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches go where the test can see them."""
    monkeypatch.setenv("ASSAYMARK_CACHE_DIR", str(tmp_path / "cache"))


def project(tmp_path: Path, requirements: str = "engine==1.0\nnumpy==2.0\n") -> Path:
    """A folder with requirements."""
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    (root / "requirements.txt").write_text(requirements)
    return root


def run(root: Path, *options: str) -> Result:
    """Run the command for one day; an error of ours goes through."""
    options = (*options, "--on", DAY) if "--on" not in options else options
    return CliRunner().invoke(
        command, [str(root), "--jobs", "1", *options], catch_exceptions=False, standalone_mode=False
    )


def code(result: Result) -> Any:
    """What the command hands to the process."""
    return result.return_value


def all_zip(tmp_path: Path, *records: dict[str, Any]) -> str:
    """A database on disk."""
    return str(database(tmp_path, *records))


def test_clean_and_covered(tmp_path: Path) -> None:
    """Exit code 0 only if every dependency was looked up."""
    result = run(project(tmp_path), "--osv", all_zip(tmp_path, osv("A-1", "other")))
    assert code(result) == 0
    assert "Dependencies: 2 of 2 (100%) looked up, 0 unknown" in result.output
    assert result.output.endswith("no known flaw is older than the policy allows.\n")


def test_an_old_flaw(tmp_path: Path) -> None:
    """Exit code 15, with the age, the fix and the place."""
    record = osv("GHSA-1", aliases=["CVE-2026-1"], published="2026-01-01T00:00:00Z")
    result = run(project(tmp_path), "--osv", all_zip(tmp_path, record))
    assert code(result) == 15
    assert "✗ high: engine 1.0 · CVE-2026-1, GHSA-1" in result.output
    assert "published 2026-01-01, 330 days ago, 30 allowed; fixed in 2.0" in result.output
    assert "at requirements.txt:1" in result.output


def test_a_young_flaw_is_shown_and_within_the_policy(tmp_path: Path) -> None:
    """Exit code 0."""
    result = run(project(tmp_path), "--osv", all_zip(tmp_path, osv("A-1")))
    assert code(result) == 0
    assert "! high: engine 1.0 · A-1" in result.output


def test_not_everything_covered(tmp_path: Path) -> None:
    """Exit code 16 for an unknown version, for no database, and for a broken lock."""
    place = all_zip(tmp_path, osv("A-1", "other"))
    root = project(tmp_path, "safe>=1\n")
    result = run(root, "--osv", place)
    assert code(result) == 16
    assert "1: no exact version: safe >=1" in result.output
    project(tmp_path, "safe==1\n")
    bare = run(root)
    assert code(bare) == 16
    assert "no database of advisories was given (--osv)" in bare.output
    (root / "uv.lock").write_text("<<<<<<< HEAD\n")
    broken = run(root, "--osv", place)
    assert code(broken) == 16
    assert "uv.lock:1: merge conflict markers" in broken.output


def test_a_link_to_a_lock_is_not_followed_and_not_forgotten(tmp_path: Path) -> None:
    """It may hold dependencies that nobody looked up."""
    root = project(tmp_path)
    (root / "uv.lock").symlink_to("/etc/hostname")
    result = run(root, "--osv", all_zip(tmp_path, osv("A-1", "other")))
    assert code(result) == 16
    assert "uv.lock: a symbolic link" in result.output


def test_nothing_to_look_up(tmp_path: Path) -> None:
    """Exit code 3, with or without a database."""
    root = tmp_path / "empty"
    root.mkdir()
    (root / "README.md").write_text("hello\n")
    assert code(run(root)) == 3
    assert "No dependency was found" in run(root, "--osv", all_zip(tmp_path, osv("A-1"))).output


def test_usage(tmp_path: Path) -> None:
    """A wrong day, a missing database: mistakes of the user."""
    from click import BadParameter

    with pytest.raises(UsageError) as caught:
        run(project(tmp_path), "--osv", str(tmp_path / "missing.zip"))
    assert caught.value.exit_code == 2
    with pytest.raises(BadParameter):
        run(project(tmp_path), "--on", "yesterday")


def test_json(tmp_path: Path) -> None:
    """Format and version, figures that add up, places with lines."""
    result = run(
        project(tmp_path, "engine==1.0\nsafe>=1\n"),
        "--osv",
        all_zip(tmp_path, osv("A-1")),
        "--format",
        "json",
    )
    found = json.loads(result.output)
    assert (found["format"], found["version"], found["exit_code"]) == ("assaymark-vulnerabilities", 1, 16)
    counts = found["counts"]
    assert counts["looked_up"] + counts["unknown"] == counts["dependencies"] == 2
    assert found["matches"][0]["places"] == [{"path": "requirements.txt", "line": 1}]
    assert found["databases"][0]["ecosystems"] == {"pypi": 1}
    assert found["unknown"][0]["name"] == "safe"
    assert found["policy"]["critical"] == 7


def test_sarif(tmp_path: Path) -> None:
    """Results point into the tree, settled ones are suppressed; the exit code is 0, as consumers expect."""
    vex = tmp_path / "vex.json"
    vex.write_text(json.dumps(settled("A-2")))
    place = all_zip(
        tmp_path, osv("A-1", published="2026-01-01T00:00:00Z"), osv("A-2"), osv("A-3", kind="GIT")
    )
    result = run(project(tmp_path), "--osv", place, "--vex", str(vex), "--format", "sarif")
    assert code(result) == 0
    (found,) = json.loads(result.output)["runs"]
    kinds = {r["ruleId"]: (r["kind"], r["level"], "suppressions" in r) for r in found["results"]}
    assert kinds == {
        "A-1": ("fail", "error", False),
        "A-2": ("fail", "warning", True),
        "A-3": ("review", "none", False),
    }
    for one in found["results"]:
        assert found["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
        place_ = one["locations"][0]["physicalLocation"]
        assert (place_["artifactLocation"]["uri"], place_["region"]["startLine"]) == ("requirements.txt", 1)


def settled(name: str) -> dict[str, Any]:
    """A statement that counts."""
    statement = {
        "vulnerability": {"name": name},
        "products": [{"@id": "pkg:pypi/engine@1.0"}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_present",
    }
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "author": "A. Person",
        "timestamp": "2026-11-20T00:00:00Z",
        "statements": [statement],
    }


def test_a_statement_settles_and_is_quoted(tmp_path: Path) -> None:
    """The flaw stays in the list; a statement by nobody is told and changes nothing."""
    vex, bad = tmp_path / "vex.json", tmp_path / "bad.json"
    vex.write_text(json.dumps(settled("A-1")))
    bad.write_text(json.dumps(settled("A-2") | {"author": ""}))
    old = {"published": "2026-01-01T00:00:00Z"}
    place = all_zip(tmp_path, osv("A-1", **old), osv("A-2", **old))
    result = run(project(tmp_path), "--osv", place, "--vex", str(vex), "--vex", str(bad))
    assert code(result) == 15
    flat = " ".join(result.output.split())
    assert "✓ high: engine 1.0 · A-1" in result.output
    assert "stated by A. Person on 2026-11-20" in flat
    assert "not_affected without an author" in flat
    assert "1 of them older than the policy allows, 1 settled" in flat


def test_write_vex(tmp_path: Path) -> None:
    """A document for what is open, that reads back."""
    target = tmp_path / "out" / "vex.json"
    place = all_zip(tmp_path, osv("A-1"))
    run(project(tmp_path), "--osv", place, "--write-vex", str(target), "--author", "A. Person", "--quiet")
    (statement,) = read_vex(target.read_bytes(), "x")
    assert (statement.ids, statement.status, statement.author) == (
        ("A-1",),
        "under_investigation",
        "A. Person",
    )
    assert json.loads(target.read_bytes())["statements"][0]["products"][0]["@id"] == "pkg:generic/project"


def test_policy_and_overlay(tmp_path: Path) -> None:
    """A team's own days and advisories."""
    policy, own = tmp_path / "policy.yaml", tmp_path / "own.json"
    policy.write_text("assaymark_vulnerability_policy: 1\ndays:\n  high: 0\n")
    own.write_text(json.dumps([osv("TEAM-1", "numpy", events=({"introduced": "0"},))]))
    place = all_zip(tmp_path, osv("A-1", "other"))
    result = run(project(tmp_path), "--osv", place, "--policy", str(policy), "--overlay", str(own))
    assert code(result) == 15
    assert f"Policy of {policy}" in " ".join(result.output.split())


def test_it_fits_a_terminal_and_deceives_nobody(tmp_path: Path) -> None:
    """No line is wider than 80 columns, whatever the records say, and no control character gets through."""
    record = osv("A-1" + "x" * 120, summary="\x1b[31mred\u202e " + "word " * 60, aliases=["CVE-" + "9" * 90])
    place = all_zip(tmp_path, record, osv("A-2", "other"))
    root = project(tmp_path, "engine==1.0\n" + "".join(f"package-{n}>=1\n" for n in range(60)))
    for options in ((), ("--verbose",)):
        output = run(root, "--osv", place, *options).output
        assert "\x1b" not in output
        assert "\u202e" not in output
        assert max(columns(line) for line in output.splitlines() if str(tmp_path) not in line) <= 80
    assert "and 48 more" in " ".join(run(root, "--osv", place).output.split())


def test_many_flaws_are_shortened_unless_asked(tmp_path: Path) -> None:
    """With their number."""
    place = all_zip(tmp_path, *(osv(f"A-{n}") for n in range(60)))
    assert "… and 20 more (--verbose)" in run(project(tmp_path), "--osv", place).output
    assert "A-59" in run(project(tmp_path), "--osv", place, "--verbose").output


def test_nothing_is_kept_without_a_cache(tmp_path: Path) -> None:
    """And an index is kept with one."""
    place = all_zip(tmp_path, osv("A-1"))
    run(project(tmp_path), "--osv", place, "--no-cache")
    assert not (tmp_path / "cache").exists()
    run(project(tmp_path), "--osv", place)
    assert len(list((tmp_path / "cache" / "advisories").glob("*.db"))) == 2


def test_without_a_day_it_is_today(tmp_path: Path) -> None:
    """The report says which day it counted to."""
    place = all_zip(tmp_path, osv("A-1"))
    result = CliRunner().invoke(
        command, [str(project(tmp_path)), "--osv", place, "--jobs", "1"], standalone_mode=False
    )
    assert str(date.today().year) in result.output.splitlines()[0]  # noqa: DTZ011 - any clock will do


def test_a_database_in_the_tree_is_no_part_of_it(tmp_path: Path) -> None:
    """It is looked into, not assessed; its day may lie after the day of the run."""
    root = project(tmp_path)
    place = all_zip(root, osv("A-1", "other"))
    result = run(root, "--osv", place, "--on", "2026-11-01")
    assert code(result) == 0
    assert "newest of 2026-11-20, after that day" in " ".join(result.output.split())
