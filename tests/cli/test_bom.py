"""`assaymark bom`: the bill on standard output or in a file; reconciliation and comparison; exit codes."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from safetensors.numpy import save

from assaymark._cli.bom import DIFFERS, command
from assaymark.errors import NothingToAssess, UsageError
from assaymark.report.bom.integrity import problems_of

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = sorted(p.parent for p in (ROOT / "examples").glob("*/assaymark.yaml"))


def run(*arguments: str | Path) -> Result:
    """Run the command; errors come through. The exit code is what it returns."""
    return CliRunner().invoke(
        command, [*map(str, arguments), "--no-cache"], catch_exceptions=False, standalone_mode=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with weights, a lock and a register that fits."""
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "m.safetensors").write_bytes(save({}))
    (folder / "requirements.txt").write_text("openai==1.50.0\n", encoding="utf-8")
    (folder / "assaymark.yaml").write_text(
        "assaymark: 1\nname: Letters\nassets:\n- kind: model\n  name: letters\n  location: m.safetensors\n",
        encoding="utf-8",
    )
    return folder


@pytest.mark.parametrize("form", ["cyclonedx-1.6", "cyclonedx-1.7", "spdx-3"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_every_example_gives_a_whole_bill(example: Path, form: str, tmp_path: Path) -> None:
    """In each format, twice the same; CycloneDX by the outside validator."""
    copy = shutil.copytree(example, tmp_path / example.name)  # away from this repository's own history
    result = run(copy, "--format", form, "--on", "2026-11-27")
    version = {"cyclonedx-1.6": SchemaVersion.V1_6, "cyclonedx-1.7": SchemaVersion.V1_7}.get(form)

    assert result.return_value == 0
    assert problems_of(json.loads(result.stdout)) == ()
    assert version is None or JsonStrictValidator(version).validate_str(result.stdout) is None
    assert run(copy, "--format", form, "--on", "2026-11-27").stdout == result.stdout


def test_the_examples_are_six() -> None:
    """So that none falls out unnoticed."""
    assert len(EXAMPLES) == 6


def test_the_summary_goes_to_standard_error(project: Path) -> None:
    """With unknowns out of what there is; --quiet leaves it out."""
    assert "1 model: 1 of 1 without licence, 0 of 1 without hash" in run(project).stderr
    assert run(project, "--quiet").stderr == ""


def test_out_writes_the_file_and_nothing_else(project: Path) -> None:
    """Not counted as part of the system when it lies in the tree."""
    target = project / "bom.json"
    first = run(project, "--out", target, "--on", "2026-11-27")
    before = target.read_bytes()
    run(project, "--out", target, "--on", "2026-11-27")

    assert first.stdout == ""
    assert target.read_bytes() == before
    assert b"bom.json" not in before


def test_the_time_is_the_day_asked_for_or_that_of_the_source(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--on before SOURCE_DATE_EPOCH before the clock."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    epoch = json.loads(run(project).stdout)["metadata"]["timestamp"]
    day = json.loads(run(project, "--on", "2026-11-27").stdout)["metadata"]["timestamp"]

    assert (epoch, day) == ("2001-09-09T01:46:40Z", "2026-11-27T00:00:00Z")


@pytest.mark.parametrize("value", ["soon", "99999999999999999999"])
def test_a_time_that_is_none_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """With advice."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)

    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        run(project)
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        run(project, "--on", "27.11.2026")


def test_a_register_that_fits_ends_with_0(project: Path) -> None:
    """And the count."""
    result = run(project, "--reconcile", "--quiet")

    assert result.return_value == 0
    assert result.stdout.splitlines()[-1] == "1 listed asset, 1 found: 0 missing, 0 changed, 0 extra."


def test_differences_end_with_17(project: Path) -> None:
    """Missing, changed and extra, each with its place."""
    with (project / "assaymark.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  sha256: {'0' * 64}\n- kind: model\n  name: gone\n  location: gone.bin\n")
    (project / "other.safetensors").write_bytes(save({}) + b" ")
    result = run(project, "--reconcile", "--quiet")

    assert result.return_value == DIFFERS == 17
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["missing", "assaymark.yaml:8:"],
        ["changed", "assaymark.yaml:4:"],
        ["extra", "other.safetensors:"],
        ["2", "listed"],
    ]


def test_comparing_shows_what_changed(project: Path, tmp_path: Path) -> None:
    """Between formats too; the earlier bill itself is no part of the system."""
    earlier = project / "earlier.json"
    run(project, "--out", earlier, "--format", "spdx-3", "--on", "2026-11-26")
    same = run(project, "--compare", earlier, "--quiet")
    (project / "requirements.txt").write_text("openai==1.51.0\n", encoding="utf-8")
    changed = run(project, "--compare", earlier, "--quiet", "--out", tmp_path / "now.json")

    assert same.stdout == "Since the bill of 2026-11-26T00:00:00Z: nothing changed.\n"
    assert "  ~ package:pypi/openai@1.51.0: version 1.50.0 → 1.51.0\n" in changed.stdout
    assert json.loads((tmp_path / "now.json").read_bytes())["bomFormat"] == "CycloneDX"


@pytest.mark.parametrize("content", [None, b"{}", b"no bill"])
def test_an_earlier_bill_that_is_none_is_refused(project: Path, content: bytes | None) -> None:
    """Missing, or another kind of file."""
    earlier = project / "old.json"
    if content is not None:
        earlier.write_bytes(content)

    with pytest.raises(UsageError, match=r"old\.json"):
        run(project, "--compare", earlier)


def test_a_folder_that_is_none_is_nothing_to_assess(tmp_path: Path) -> None:
    """As for every command."""
    with pytest.raises(NothingToAssess):
        run(tmp_path / "gone")


def test_names_that_are_no_text_give_a_valid_bill(tmp_path: Path) -> None:
    """Bytes that are not UTF-8, controls and changed direction, in real file names."""
    for name in (b"a\xff.safetensors", b"b\x1b[2J.safetensors", "c\u202e.safetensors".encode()):
        (Path(str(tmp_path)) / name.decode("utf-8", "surrogateescape")).write_bytes(save({}) + name)
    for form, version in (("cyclonedx-1.6", SchemaVersion.V1_6), ("cyclonedx-1.7", SchemaVersion.V1_7)):
        result = run(tmp_path, "--format", form)

        assert JsonStrictValidator(version).validate_str(result.stdout) is None
        assert result.stdout.isascii()
        assert "\x1b" not in result.stdout + result.stderr
    assert problems_of(json.loads(run(tmp_path, "--format", "spdx-3").stdout)) == ()
