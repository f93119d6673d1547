"""Local places: folders, single files, links that stay inside, and everything that is refused."""

import os
from pathlib import Path

import pytest

from assaymark.errors import NothingToAssess
from assaymark.source.file import ChangedError
from assaymark.source.place import LocalPlace, open_place, open_places


def test_a_folder_lists_its_files_by_path(tmp_path: Path) -> None:
    """Folders within folders too."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b/x.bin").write_bytes(b"12")
    (tmp_path / "a.bin").write_bytes(b"1")

    place = open_place(str(tmp_path))

    assert [(i.path, i.size) for i in place.items()] == [("a.bin", 1), ("b/x.bin", 2)]
    with place.open(place.items()[1]) as blob:
        assert (blob.read(), blob.read(1, 1), blob.size) == (b"12", b"2", 2)


def test_a_single_file_is_a_place(tmp_path: Path) -> None:
    """By path or by file:// URL; a link that the user names is followed."""
    (tmp_path / "m.pkl").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("m.pkl")

    for target in (f"{tmp_path}/m.pkl", f"file://{tmp_path}/m.pkl", f"{tmp_path}/link"):
        place = open_place(target)
        with place.open(place.items()[0]) as blob:
            assert blob.read() == b"abc"


def test_a_link_that_stays_inside_gives_the_file_its_name(tmp_path: Path) -> None:
    """The hub's cache keeps blobs under their digests and links under their names; each file once."""
    root = tmp_path / "models--org--name"
    (root / "blobs").mkdir(parents=True)
    (root / "snapshots/abc").mkdir(parents=True)
    (root / "blobs/0123").write_bytes(b"weights")
    (root / "snapshots/abc/model.bin").symlink_to("../../blobs/0123")

    place = LocalPlace(tmp_path)

    assert [i.path for i in place.items()] == ["models--org--name/snapshots/abc/model.bin"]
    with place.open(place.items()[0]) as blob:
        assert blob.read() == b"weights"


def test_a_link_that_leads_out_is_told_and_not_followed(tmp_path: Path) -> None:
    """Whatever lies outside is none of the folder's."""
    (tmp_path / "secret").write_bytes(b"s")
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "x.bin").symlink_to("../secret")
    (inside / "y.bin").write_bytes(b"y")

    place = LocalPlace(inside)

    assert [i.path for i in place.items()] == ["y.bin"]
    assert [n.path for n in place.not_looked_at()] == ["x.bin"]


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """Opening a pipe for reading would wait for a writer."""
    os.mkfifo(tmp_path / "m.pkl")

    place = open_place(f"{tmp_path}/m.pkl")

    with pytest.raises(ChangedError, match="regular file"), place.open(place.items()[0]):
        pass


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    """Half of the old and half of the new content is the content of nothing."""
    path = tmp_path / "m.pkl"
    path.write_bytes(b"abc")
    place = open_place(str(path))

    with pytest.raises(ChangedError, match="changed"), place.open(place.items()[0]):
        path.write_bytes(b"abcd")


def test_nothing_there_is_said(tmp_path: Path) -> None:
    """With the name that the user gave."""
    with pytest.raises(NothingToAssess, match="nowhere"):
        open_place(f"{tmp_path}/nowhere")


def test_several_places_are_one(tmp_path: Path) -> None:
    """Each file keeps the name under which the user will look for it."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.bin").write_bytes(b"1")
    (tmp_path / "b.bin").write_bytes(b"22")

    place = open_places([f"{tmp_path}/a", f"{tmp_path}/b.bin"])

    assert [i.path for i in place.items()] == [f"{tmp_path}/a/x.bin", f"{tmp_path}/b.bin"]
    with place.open(place.items()[1]) as blob:
        assert blob.read() == b"22"
