"""``assaymark scan``: exit codes, formats and errors as a pipeline sees them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.scan.payloads import CLEAN, DANGEROUS, LOCKED, UNKNOWN

from assaymark._cli.scan import command
from assaymark.errors import NothingToAssess


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and standard output."""
    result = CliRunner().invoke(command, list(arguments), standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.stdout


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (CLEAN, (0, 0, 0, 0)),
        (UNKNOWN, (18, 0, 0, 0)),
        (LOCKED, (16, 16, 0, 0)),
        (DANGEROUS, (13, 13, 13, 0)),
    ],
)
def test_the_exit_code_tells_what_was_found(tmp_path: Path, content: bytes, codes: tuple[int, ...]) -> None:
    """Finding, not fully covered and unknown differ; --fail-on moves the bar."""
    path = tmp_path / "m.bin"
    path.write_bytes(content)
    gates = ("unknown", "incomplete", "dangerous", "never")

    assert tuple(run(str(path), "--fail-on", gate)[0] for gate in gates) == codes


def test_each_format_goes_to_standard_output_or_a_file(tmp_path: Path) -> None:
    """The file is written whole, and nothing is printed then."""
    (tmp_path / "m.pkl").write_bytes(DANGEROUS)
    target = str(tmp_path / "m.pkl")

    assert json.loads(run(target, "--json")[1])["verdict"] == "dangerous"
    code, text = run(target, "--format", "sarif", "--out", str(tmp_path / "out/scan.sarif"))
    assert (code, text) == (0, "")
    assert json.loads((tmp_path / "out/scan.sarif").read_text())["version"] == "2.1.0"
    assert run(target, "--format", "junit")[1].startswith("<?xml")
    assert "DANGEROUS" in run(target)[1]
    assert run(target, "--quiet") == (13, "")


def test_several_targets_are_one_report(tmp_path: Path) -> None:
    """As a pre-commit hook calls it; the worst decides."""
    for name, content in (("a.pkl", CLEAN), ("b.pkl", DANGEROUS)):
        (tmp_path / name).write_bytes(content)
    code, text = run(f"{tmp_path}/a.pkl", f"{tmp_path}/b.pkl", "--json")

    assert code == 13
    assert json.loads(text)["counts"] == {"dangerous": 1, "inconclusive": 0, "unknown": 0, "clean": 1}


def test_a_folder_without_a_model_is_nothing_to_assess(tmp_path: Path) -> None:
    """And not clean."""
    (tmp_path / "notes.md").write_text("# Notes")

    with pytest.raises(NothingToAssess, match="none in a format of a model"):
        run(str(tmp_path))
