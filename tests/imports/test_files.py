"""Imported reports in their folder."""

import hashlib
import os
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.imports.samples import encoded, every, sarif

from assaymark.errors import UsageError
from assaymark.imports import files
from assaymark.imports.about import FOLDER, SUFFIX, About, render
from assaymark.imports.files import bytes_of, read_imports


def put(root: Path, name: str = "r.sarif", data: bytes | None = None, **change: str) -> Path:
    """Lay a report and its sidecar into the folder of `root`."""
    data = encoded(sarif()) if data is None else data
    about = About(
        format="sarif",
        report=name,
        sha256=hashlib.sha256(data).hexdigest(),
        imported_on="2026-11-23",
        valid_until="2027-02-21",
    )
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    (folder / f"{name}{SUFFIX}").write_bytes(render(replace(about, **change)))
    return folder / name


def problem(root: Path) -> str:
    """The one problem of a folder of which nothing counts."""
    read = read_imports(root)
    assert read.found == ()
    assert read.files == frozenset()
    (said,) = read.problems
    return said


def test_reports_of_every_format_are_read(tmp_path: Path) -> None:
    """Sorted by name, each by the importer that its sidecar names."""
    for form, data in every().items():
        put(tmp_path, f"{form}.json", data, format=form)
    read = read_imports(tmp_path)

    assert [i.importer.format for i in read.found] == sorted(every())
    assert read.problems == ()
    assert f"{FOLDER}/sarif.json" in read.files
    assert f"{FOLDER}/sarif.json{SUFFIX}" in read.files


def test_a_system_without_reports_has_none(tmp_path: Path) -> None:
    """Which is no problem."""
    assert read_imports(tmp_path).problems == ()
    (tmp_path / FOLDER).mkdir(parents=True)
    assert read_imports(tmp_path).problems == ()


def test_a_report_that_was_changed_does_not_count(tmp_path: Path) -> None:
    """Its digest is in the sidecar."""
    path = put(tmp_path)
    path.write_bytes(path.read_bytes() + b"\n")

    assert "changed after it was imported" in problem(tmp_path)


def test_a_report_without_a_sidecar_does_not_count(tmp_path: Path) -> None:
    """Somebody laid it there by hand."""
    path = put(tmp_path)
    path.with_name(f"{path.name}{SUFFIX}").unlink()

    assert "was not imported" in problem(tmp_path)


def test_a_sidecar_without_its_report_is_told(tmp_path: Path) -> None:
    """The report was deleted."""
    put(tmp_path).unlink()

    assert "cannot be read" in problem(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"report": "../../secret"}, "is about '../../secret'"),
        ({"format": "unknown"}, "no format"),
        ({"format": "scorecard"}, "no list of checks"),
        ({"valid_until": "never"}, "does not say what was imported"),
    ],
)
def test_a_sidecar_that_says_wrong_things_does_not_count(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    """It names no other file, and no format that its report is not."""
    put(tmp_path, **change)

    assert said in problem(tmp_path)


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Neither that of a report, nor of a sidecar, nor of the folder."""
    outside = put(tmp_path / "outside")
    inside = tmp_path / "system"
    target = put(inside)
    target.unlink()
    target.symlink_to(outside)
    assert "is a link" in problem(inside)

    linked = tmp_path / "linked"
    (linked / "assurance").mkdir(parents=True)
    (linked / FOLDER).symlink_to(outside.parent)
    assert "is a link to another place" in problem(linked)


def test_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    """Nobody waits for a pipe that no one writes to."""
    path = put(tmp_path)
    path.unlink()
    os.mkfifo(path)
    assert "no regular file" in problem(tmp_path)
    path.unlink()
    path.mkdir()
    assert "Is a directory" in problem(tmp_path)


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    """And can be printed."""
    folder = put(tmp_path).parent
    (folder / os.fsdecode(b"\xff.sarif")).write_bytes(b"{}")
    read = read_imports(tmp_path)

    assert len(read.found) == 1
    assert read.problems[0].encode() == f"{FOLDER}/\\xff.sarif has a name that is not UTF-8.".encode()


def test_reports_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In number, in size, and in the size of all."""
    for n in range(4):
        put(tmp_path, f"r{n}.sarif")
    size = len(encoded(sarif()))
    monkeypatch.setattr(files, "MAX_FILES", 3)
    read = read_imports(tmp_path)
    assert (len(read.found), "4 reports; the first 3" in read.problems[0]) == (3, True)
    monkeypatch.setattr(files, "MAX_TOTAL", 2 * size + 1)
    read = read_imports(tmp_path)
    assert (len(read.found), "is longer than 1 bytes" in read.problems[1]) == (2, True)
    with pytest.raises(UsageError, match="longer than 10 bytes"):
        bytes_of(tmp_path / FOLDER / "r0.sarif", "r", 10)
