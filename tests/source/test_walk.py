"""The walk lists regular files, follows nothing and says what it left out."""

import os
import socket
from pathlib import Path

import pytest

from assaymark.errors import NothingToAssess
from assaymark.source import walk as module
from assaymark.source.walk import walk


def reasons(seen: module.Walk) -> dict[str, str]:
    """Path → why it was not looked at."""
    return {m.path: m.reason for m in seen.not_looked_at}


def test_files_come_sorted_with_their_facts(tmp_path: Path) -> None:
    """Each regular file appears once, by relative POSIX path, with its size."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.py").write_bytes(b"12345")
    (tmp_path / "a.txt").write_bytes(b"1")

    seen = walk(tmp_path)

    assert [(f.path, f.size) for f in seen.files] == [("a.txt", 1), ("b/x.py", 5)]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link out of the tree, a loop and a dangling link are each named and left alone."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "real.txt").write_text("x", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("x", encoding="utf-8")
    (tree / "out").symlink_to(tmp_path / "outside")
    (tree / "loop").symlink_to(tree)
    (tree / "nowhere").symlink_to(tree / "missing")

    seen = walk(tree)

    assert [f.path for f in seen.files] == ["real.txt"]
    assert set(reasons(seen)) == {"out", "loop", "nowhere"}


def test_pipes_and_sockets_are_named_not_opened(tmp_path: Path) -> None:
    """A FIFO would block a reader for ever; it is listed as not looked at."""
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        seen = walk(tmp_path)

    assert [f.path for f in seen.files] == ["a.txt"]
    assert set(reasons(seen)) == {"pipe", "s"}


def test_installed_packages_are_pruned_and_said_so(tmp_path: Path) -> None:
    """What others wrote and a tool installed is not the project; the report still names it."""
    for folder in ("node_modules/x", ".git", "env"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("", encoding="utf-8")
    (tmp_path / "node_modules" / "x" / "index.js").write_text("", encoding="utf-8")
    (tmp_path / "app.py").write_text("", encoding="utf-8")

    seen = walk(tmp_path)

    assert [f.path for f in seen.files] == ["app.py"]
    assert set(reasons(seen)) == {"node_modules", ".git", "env"}


def test_excluded_paths_are_named(tmp_path: Path) -> None:
    """A manifest's pattern leaves out a file or a folder, never silently."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "big.csv").write_text("x", encoding="utf-8")
    (tmp_path / "app.py").write_text("", encoding="utf-8")

    seen = walk(tmp_path, exclude=["data"])

    assert [f.path for f in seen.files] == ["app.py"]
    assert "exclude" in reasons(seen)["data"]


def test_names_that_are_not_text_are_shown_escaped(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 still give a path that every report can encode."""
    (tmp_path / os.fsdecode(b"bad\xff.py")).write_bytes(b"x")

    (found,) = walk(tmp_path).files

    assert found.shown == "bad\\xff.py"
    assert (tmp_path / found.path).read_bytes() == b"x"


def test_a_missing_or_empty_folder_is_an_error_with_advice(tmp_path: Path) -> None:
    """Nothing to assess is said clearly, for a missing path, a file and an empty folder."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "empty").mkdir()

    for name in ("missing", "file", "empty"):
        with pytest.raises(NothingToAssess) as caught:
            walk(tmp_path / name)
        assert caught.value.advice


def test_a_huge_tree_stops_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound the walk stops and says so."""
    monkeypatch.setattr(module, "MAX_FILES", 3)
    for number in range(6):
        (tmp_path / f"d{number}").mkdir()
        (tmp_path / f"d{number}" / "f").write_text("x", encoding="utf-8")

    seen = walk(tmp_path)

    assert len(seen.files) == 3
    assert any("more than 3 files" in r for r in reasons(seen).values())


def test_deep_folders_stop_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nesting past the bound is named, not walked."""
    monkeypatch.setattr(module, "MAX_DEPTH", 2)
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    (deep / "f").write_text("x", encoding="utf-8")
    (tmp_path / "top").write_text("x", encoding="utf-8")

    assert "nested deeper" in reasons(walk(tmp_path))["a/b/c"]
