"""``assaymark import``."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.imports.samples import cyclonedx, encoded, every, finding, pip_audit, sarif

from assaymark._cli.import_ import command
from assaymark._cli.scan import command as scan
from assaymark.errors import AssaymarkError, UsageError
from assaymark.imports import files
from assaymark.imports.about import FOLDER, SUFFIX, parse
from assaymark.imports.files import read_imports

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system, the working folder, with its key and cache elsewhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "key.pem"))
    monkeypatch.setenv("ASSAYMARK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("ASSAYMARK_STATE_DIR", str(tmp_path / "state"))
    system = tmp_path / "system"
    system.mkdir()
    (system / "app.py").write_text("import requests\n", encoding="utf-8")
    (system / "uv.lock").write_text('[[package]]\nname = "requests"\nversion = "2.19.0"\n', encoding="utf-8")
    monkeypatch.chdir(system)
    return system


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report that names no version."""
    path = tmp_path / "scan.sarif"
    path.write_bytes(encoded(sarif([finding()], commit="")))
    return path


def run(*args: str | Path) -> Result:
    """Run it; errors of ours come through."""
    result = CliRunner().invoke(command, [str(a) for a in args])
    if isinstance(result.exception, AssaymarkError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def sidecar(result: Result) -> Any:
    """The sidecar of the report whose path was printed."""
    path = Path(result.stdout.strip() + SUFFIX)
    return parse(path.read_bytes(), path.name)


def test_a_report_is_copied_with_what_was_tested(root: Path, report: Path) -> None:
    """Under a name of its own, in the same bytes, signed, for ninety days from when it was made."""
    result = run(report, "--tested", "app.py", "--by", "Ada Example")
    about = sidecar(result)
    (kept,) = read_imports(root).found

    assert (root / kept.path).read_bytes() == report.read_bytes()
    assert kept.path == f"{FOLDER}/scan.{about.sha256[:8]}.sarif"
    assert [p.path for p in about.tested] == ["app.py"]
    assert (about.by, about.format, about.imported_on) == ("Ada Example", "sarif", TODAY.isoformat())
    assert about.signature
    made = datetime(2026, 11, 20, tzinfo=UTC).date()
    assert about.valid_until == (min(made, TODAY) + timedelta(days=90)).isoformat()


def test_it_says_what_the_report_means(report: Path) -> None:
    """The tool, the provisions, what it saw, and of which version."""
    said = run(report, "--tested", "app.py").stderr

    assert "CodeQL 2.1 (SARIF 2.1.0 of any tool), made on 2026-11-20." in said
    assert "5.2.5-1, 5.2.5-2: seen not to hold; a person has to judge." in said
    assert "It is about the present version: app.py." in said


def test_a_report_of_no_version_is_told_to_be_no_evidence(report: Path) -> None:
    """It is kept, and says what is missing."""
    assert "bound to no version, and is no evidence yet" in run(report).stderr


def test_a_report_of_another_version_is_told_to_be_stale(tmp_path: Path) -> None:
    """At once, not at the next assessment."""
    path = tmp_path / "audit.json"
    value = pip_audit()
    value["dependencies"][0]["version"] = "2.18.0"
    path.write_bytes(encoded(value))

    assert "about another version (package pypi/requests): it is stale" in run(path).stderr


def test_several_reports_are_imported_at_once(root: Path, tmp_path: Path) -> None:
    """Each by its own importer."""
    paths = []
    for form, data in every().items():
        paths.append(tmp_path / f"{form}.json")
        paths[-1].write_bytes(data)
    run(*paths, "--unsigned")

    assert sorted(i.about.format for i in read_imports(root).found) == sorted(every())
    assert read_imports(root).found[0].about.signature == ""


def test_a_report_is_imported_once(report: Path, tmp_path: Path) -> None:
    """By its content, whatever its name; twice in one command too."""
    twin = tmp_path / "twin.sarif"
    twin.write_bytes(report.read_bytes())
    with pytest.raises(UsageError, match="already imported"):
        run(report, twin)
    run(report)
    with pytest.raises(UsageError, match=r"already imported: assurance/imports/scan\."):
        run(twin)


def test_the_format_can_be_named(root: Path, tmp_path: Path) -> None:
    """Where it is not recognised; what it is not is refused."""
    path = tmp_path / "odd.json"
    path.write_bytes(b'{"note": "' + b"x" * 70_000 + b'", ' + encoded(cyclonedx()).lstrip(b"{"))
    with pytest.raises(UsageError, match="no report of a format that is recognised"):
        run(path)
    with pytest.raises(UsageError, match="no SPDX bill"):
        run(path, "--as", "spdx")
    run(path, "--as", "cyclonedx")

    assert [i.about.format for i in read_imports(root).found] == ["cyclonedx"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tested", "nowhere.py"], "is no file of"),
        (["--tested", "../scan.sarif"], "is no file of"),
        (["--commit"], "no Git repository"),
        (["--valid-for", "forever"], "no period"),
        (["--valid-for", "6y"], "no period"),
        (["--as", "xlsx"], "no format"),
        (["--system", "nowhere"], "is no folder"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    root: Path, report: Path, options: list[str], said: str
) -> None:
    """Each with its reason."""
    with pytest.raises(UsageError, match=said):
        run(report, *options)

    assert not (root / "assurance").exists()


def test_links_and_folders_are_refused(root: Path, report: Path, tmp_path: Path) -> None:
    """A report is a file; and where it is written to is no link either."""
    link = tmp_path / "link.sarif"
    link.symlink_to(report)
    with pytest.raises(UsageError, match="is a link"):
        run(link)
    with pytest.raises(UsageError, match="cannot be read"):
        run(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (root / "assurance").mkdir()
    (root / FOLDER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is a link to another place"):
        run(report)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_report_over_the_bound_is_refused(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is parsed."""
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    with pytest.raises(UsageError, match="longer than 100 bytes"):
        run(report)


def test_names_and_words_of_strangers_cannot_steer_a_terminal(tmp_path: Path) -> None:
    """Neither the file's name nor what the report says."""
    path = tmp_path / "a\x1b[2J b.sarif"
    path.write_bytes(encoded(sarif([finding()], commit="", tool="Tool\x1b[2J")))
    result = run(path, "--tested", "app.py")

    assert "\x1b" not in result.output
    assert Path(result.stdout.strip()).name.startswith("a-2J-b.")
    assert "Tool\\x1b[2J" in result.stderr


def test_what_our_scan_writes_can_be_imported(root: Path, tmp_path: Path) -> None:
    """As a report of another system's scan would be."""
    (root / "model.pkl").write_bytes(b"\x80\x04K\x01.")
    made = CliRunner().invoke(scan, [str(root), "--format", "sarif"])
    path = tmp_path / "scan.json"
    path.write_text(made.stdout, encoding="utf-8")
    result = run(path, "--tested", "app.py")

    assert json.loads(path.read_bytes())["runs"][0]["tool"]["driver"]["name"] == "assaymark-scan"
    assert "assaymark-scan" in result.stderr
    assert "It is about the present version: app.py." in result.stderr
