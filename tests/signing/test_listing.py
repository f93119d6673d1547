"""Which files a folder holds."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signing.samples import write_files

from assaymark.signing import listing
from assaymark.signing.listing import DEFAULT_IGNORED, list_files


def names(root: Path, **options: object) -> list[str]:
    """The names of the files in `root`."""
    return [found.name for found in list_files(root, **options).files]  # type: ignore[arg-type]


def test_files_come_in_code_point_order(tmp_path: Path) -> None:
    """The hyphen and the full stop stand before the slash; capitals before small letters."""
    write_files(tmp_path, dict.fromkeys(["a/b", "a-b", "a.b", "aa", "Z", "é", "a/B"], b""))
    assert names(tmp_path) == ["Z", "a-b", "a.b", "a/B", "a/b", "aa", "é"]


@settings(max_examples=30, deadline=None)
@given(st.sets(st.text(alphabet="aZ-.~é中", min_size=1, max_size=4), max_size=6))
def test_the_order_is_that_of_the_encoded_names(
    tmp_path_factory: pytest.TempPathFactory, parts: set[str]
) -> None:
    """Code points and UTF-8 bytes sort alike."""
    root = tmp_path_factory.mktemp("m")
    write_files(root, {f"{part}/f": b"" for part in parts - {".", ".."}})
    write_files(root, {f"{part}f": b"" for part in parts})
    found = names(root)
    assert found == sorted(found, key=str.encode)
    assert set(found) == {f"{p}/f" for p in parts - {".", ".."}} | {f"{p}f" for p in parts}


def test_git_is_left_out_at_the_top_only(tmp_path: Path) -> None:
    """Hidden files and nested ones of the same name are part of a model."""
    write_files(
        tmp_path,
        dict.fromkeys(
            [
                ".git/HEAD",
                ".gitignore",
                ".gitattributes",
                ".github/w.yml",
                ".config",
                "s/.gitignore",
                "s/.git/x",
            ],
            b"",
        ),
    )
    found = list_files(tmp_path, ignored=frozenset(DEFAULT_IGNORED))
    assert [f.name for f in found.files] == [".config", "s/.git/x", "s/.gitignore"]
    assert found.ignored == 4


def test_an_ignored_path_is_exact(tmp_path: Path) -> None:
    """It means itself and what is below, not the same name elsewhere."""
    write_files(tmp_path, dict.fromkeys(["i", "s/i", "ii", "d/x/y", "d/z"], b""))
    assert names(tmp_path, ignored=frozenset({"i", "d/x"})) == ["d/z", "ii", "s/i"]


def test_what_is_needed_is_found_below_what_is_ignored(tmp_path: Path) -> None:
    """A listed file is looked at whatever is ignored, its neighbours are not."""
    write_files(tmp_path, dict.fromkeys(["d/x/y", "d/x/z", "d/w", "e"], b""))
    assert names(tmp_path, ignored=frozenset({"d"}), needed=frozenset({"d/x/y"})) == ["d/x/y", "e"]


def test_links_are_troubles(tmp_path: Path) -> None:
    """Each is named; what they lead to is not read."""
    write_files(tmp_path, {"m/a": b""})
    (tmp_path / "m/l").symlink_to("a")
    (tmp_path / "m/out").symlink_to("/etc")
    found = list_files(tmp_path / "m")
    assert [(t.name, "symbolic link" in t.reason) for t in found.troubles] == [("l", True), ("out", True)]


def test_links_that_stay_inside_can_be_followed(tmp_path: Path) -> None:
    """Files and folders, under the link's own name."""
    write_files(tmp_path, {"m/d/a": b"1", "m/e/b": b"2"})
    (tmp_path / "m/l").symlink_to("d/a")
    (tmp_path / "m/e/d").symlink_to("../d")
    found = list_files(tmp_path / "m", links=True)
    assert [f.name for f in found.files] == ["d/a", "e/b", "e/d/a", "l"]
    assert found.troubles == ()


def test_links_out_of_the_folder_and_cycles_are_never_followed(tmp_path: Path) -> None:
    """Also over two links, also to nowhere, also to a neighbour with the same beginning."""
    write_files(tmp_path, {"m/d/a": b"", "m/e/b": b"", "m-other/x": b""})
    (tmp_path / "m/self").symlink_to(".")
    (tmp_path / "m/d/e").symlink_to("../e")
    (tmp_path / "m/e/d").symlink_to("../d")
    (tmp_path / "m/out").symlink_to("../m-other")
    (tmp_path / "m/nowhere").symlink_to("none")
    found = list_files(tmp_path / "m", links=True)
    reasons = {t.name: t.reason for t in found.troubles}
    assert "above itself" in reasons["self"]
    assert "above itself" in reasons["d/e/d"]
    assert "above itself" in reasons["e/d/e"]
    assert "out of the folder" in reasons["out"]
    assert "looked at" in reasons["nowhere"]
    assert [f.name for f in found.files] == ["d/a", "d/e/b", "e/b", "e/d/a"]


def test_what_is_no_file_is_a_trouble(tmp_path: Path) -> None:
    """Pipes, names that are no UTF-8, names with a backslash."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a\\b").touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).touch()
    found = list_files(tmp_path)
    assert found.files == ()
    assert [t.reason.split()[0:2] for t in found.troubles] == [["holds", "a"], ["is", "no"], ["is", "not"]]


def test_an_unreadable_folder_is_a_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could hide anything, so it is said; the rest is listed."""
    write_files(tmp_path, {"d/a": b"", "b": b""})
    scan = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/d"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = list_files(tmp_path)
    assert [f.name for f in found.files] == ["b"]
    assert str(found.troubles[0]) == "d cannot be listed: Permission denied"


def test_bounds_are_troubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many entries, too deep: never silently less."""
    write_files(tmp_path, {"a/b/c/d": b"", "e": b""})
    monkeypatch.setattr(listing, "_DEEPEST", 1)
    assert "deep" in list_files(tmp_path).troubles[0].reason
    monkeypatch.setattr(listing, "MAX_ENTRIES", 1)
    assert "holds more than 1" in list_files(tmp_path).troubles[0].reason
