"""A scan of a file, a folder or a store: every file inspected, none loaded, nothing left out in silence."""

import hashlib
import os
from pathlib import Path

import fsspec
import pytest
from tests.scan.payloads import CLEAN, DANGEROUS, LOCKED, UNKNOWN
from tests.source.serving import serving

from assaymark.errors import NothingToAssess
from assaymark.inspection import HoleKind, ScanReport, Verdict
from assaymark.scan import Options, scan

FILES = {"a/evil.bin": DANGEROUS, "b/own.dat": UNKNOWN, "good.pkl": CLEAN, "notes.md": b"# Notes\n"}


def verdicts(report: ScanReport) -> dict[str, Verdict]:
    """File → verdict."""
    return {i.path: i.verdict for i in report.inspections}


def written(root: Path, files: dict[str, bytes]) -> Path:
    """The files in a folder."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def test_a_folder_is_scanned_by_content(tmp_path: Path) -> None:
    """Names promise nothing; files of no model format are counted and nothing is said of them."""
    report = scan(str(written(tmp_path, FILES)))

    assert verdicts(report) == {
        "a/evil.bin": Verdict.DANGEROUS,
        "b/own.dat": Verdict.UNKNOWN,
        "good.pkl": Verdict.CLEAN,
    }
    assert (report.verdict, report.files) == (Verdict.DANGEROUS, 4)


def test_one_process_or_two_give_the_same(tmp_path: Path) -> None:
    """Work is spread, answers are not."""
    root = written(tmp_path, {f"{n}/{name}": c for n in range(40) for name, c in FILES.items()})

    assert scan(str(root), jobs=1) == scan(str(root), jobs=2)


def test_a_store_gives_what_a_folder_gives(tmp_path: Path) -> None:
    """The place changes nothing but the target's name."""
    store = fsspec.filesystem("memory")
    for name, content in FILES.items():
        store.pipe(f"/models/{name}", content)
    try:
        remote = scan("memory://models", jobs=1)
    finally:
        store.rm("/models", recursive=True)

    assert remote.inspections == scan(str(written(tmp_path, FILES))).inspections


def test_a_web_server_is_asked_for_ranges() -> None:
    """A real one, on loopback."""
    with serving({"evil.pkl": DANGEROUS}) as server:
        report = scan(f"{server.url}/evil.pkl", jobs=1)

    assert verdicts(report) == {"evil.pkl": Verdict.DANGEROUS}


def test_a_single_file_of_no_known_format_is_never_clean(tmp_path: Path) -> None:
    """Whoever names a file wants to hear of it."""
    written(tmp_path, {"notes.md": b"# Notes\n"})
    (found,) = scan(f"{tmp_path}/notes.md").inspections

    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.holes[0].kind is HoleKind.UNSUPPORTED


def test_what_cannot_be_read_is_a_hole(tmp_path: Path) -> None:
    """A pipe that the user names is refused, at once; an encrypted member is no clean one."""
    os.mkfifo(tmp_path / "m.pkl")
    (pipe,) = scan(f"{tmp_path}/m.pkl").inspections
    (locked,) = scan(str(written(tmp_path / "z", {"w.zip": LOCKED}))).inspections

    assert pipe.holes[0].kind is HoleKind.UNREADABLE
    assert locked.verdict is Verdict.INCONCLUSIVE


def test_digests_are_computed_when_asked_for(tmp_path: Path) -> None:
    """They read the whole file, so they are not by default."""
    root = str(written(tmp_path, {"good.pkl": CLEAN}))

    assert scan(root).inspections[0].sha256 == ""
    assert scan(root, options=Options(hashes=True)).inspections[0].sha256 == hashlib.sha256(CLEAN).hexdigest()


def test_rules_that_are_used_are_explained(tmp_path: Path) -> None:
    """Each has a title and a help text."""
    report = scan(str(written(tmp_path, FILES)))

    assert {h.rule for i in report.inspections for h in i.hazards} == {r.id for r in report.rules}
    assert all(r.title and r.help for r in report.rules)


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    """With advice."""
    with pytest.raises(NothingToAssess):
        scan(f"{tmp_path}/none")
