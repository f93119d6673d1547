"""A manifest against a folder."""

import os
import shutil
from pathlib import Path

import pytest
from tests.signing.samples import model

from assaymark.errors import NothingToAssess
from assaymark.signing.compare import compare
from assaymark.signing.manifest import Manifest, Serialization
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.problems import Difference, Kind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model."""
    return model(tmp_path)


@pytest.fixture(params=[Plan(), Plan(method="shards", shard_size=4000), Plan(algorithm="blake2b")], ids=str)
def manifest(folder: Path, request: pytest.FixtureRequest) -> Manifest:
    """What is listed for it, in each way."""
    return describe_model(folder, request.param).manifest


def told(manifest: Manifest, folder: Path, **options: object) -> list[str]:
    """The differences, in words."""
    return [str(d) for d in compare(manifest, folder, **options).differences]  # type: ignore[arg-type]


def test_what_is_as_listed_has_no_difference(manifest: Manifest, folder: Path) -> None:
    """And every byte was read."""
    found = compare(manifest, folder)
    assert (found.differences, found.files, found.bytes_read) == ((), 3, 10242)


@pytest.mark.parametrize("position", [0, 4000, 10239])
def test_a_changed_byte_is_found(manifest: Manifest, folder: Path, position: int) -> None:
    """Wherever it is; the file is named once."""
    with (folder / "weights.bin").open("r+b") as file:
        file.seek(position)
        file.write(b"\xaa\xaa")
    assert [line.split(" (")[0] for line in told(manifest, folder)] == ["changed: weights.bin"]


@pytest.mark.parametrize("size", [0, 1, 10239, 10241])
def test_another_length_is_found(manifest: Manifest, folder: Path, size: int) -> None:
    """Shorter and longer."""
    os.truncate(folder / "weights.bin", size)
    assert [line.split(" (")[0] for line in told(manifest, folder)] == ["changed: weights.bin"]


def test_a_missing_file_is_found(manifest: Manifest, folder: Path) -> None:
    """Also the last of its folder, also an empty one; accepting unlisted files excuses nothing."""
    shutil.rmtree(folder / "sub")
    (folder / "empty").unlink()
    expected = ["missing: empty", "missing: sub/config.json"]
    assert told(manifest, folder) == expected
    assert told(manifest, folder, allow_unlisted=True) == expected
    assert told(manifest, folder, ignore=("empty", "sub")) == expected


def test_an_extra_file_is_found(manifest: Manifest, folder: Path) -> None:
    """Unless it is ignored or unlisted files are accepted; then it is counted."""
    (folder / "sub" / "new.py").write_text("import os")
    assert told(manifest, folder) == ["extra: sub/new.py"]
    assert told(manifest, folder, ignore=("sub/new.py",)) == []
    accepted = compare(manifest, folder, allow_unlisted=True)
    assert (accepted.differences, accepted.unlisted) == ((), ("sub/new.py",))


def test_what_is_listed_is_read_even_if_ignored(manifest: Manifest, folder: Path) -> None:
    """Ignoring is for what is not listed."""
    (folder / "sub" / "config.json").write_text("[]")
    assert told(manifest, folder, ignore=("sub",)) == ["changed: sub/config.json"]


def test_a_renamed_file_is_told_as_such(folder: Path) -> None:
    """By its content; where it is now stands beside it."""
    manifest = describe_model(folder).manifest
    (folder / "weights.bin").rename(folder / "sub" / "w.bin")
    assert told(manifest, folder) == ["renamed: weights.bin (sub/w.bin)"]
    assert told(manifest, folder, allow_unlisted=True) == ["renamed: weights.bin (sub/w.bin)"]
    (folder / "sub" / "w.bin").write_bytes(b"other")
    assert told(manifest, folder) == ["extra: sub/w.bin", "missing: weights.bin"]


def test_an_empty_file_is_not_taken_for_a_renamed_one(folder: Path) -> None:
    """All empty files are alike."""
    manifest = describe_model(folder).manifest
    (folder / "empty").rename(folder / "void")
    assert told(manifest, folder) == ["extra: void", "missing: empty"]


def test_a_renamed_sharded_file_is_missing_and_extra(folder: Path) -> None:
    """Shards have no digest of the whole."""
    manifest = describe_model(folder, Plan(method="shards", shard_size=4000)).manifest
    (folder / "weights.bin").rename(folder / "w.bin")
    assert told(manifest, folder) == ["extra: w.bin", "missing: weights.bin"]


def test_a_link_in_place_of_a_file_is_told(manifest: Manifest, folder: Path) -> None:
    """Even if what it leads to is right."""
    (folder / "weights.bin").rename(folder.parent / "w")
    (folder / "weights.bin").symlink_to(folder.parent / "w")
    (line,) = told(manifest, folder)
    assert line.startswith("unreadable: weights.bin (is a symbolic link")
    assert told(manifest, folder, allow_unlisted=True) == [line]


def test_a_link_in_place_of_a_folder_is_told(manifest: Manifest, folder: Path) -> None:
    """What is listed below it is not said to be missing, too."""
    (folder / "sub").rename(folder.parent / "s")
    (folder / "sub").symlink_to(folder.parent / "s")
    (line,) = told(manifest, folder, allow_unlisted=True)
    assert line.startswith("unreadable: sub (is a symbolic link")


def test_pipes_and_links_that_are_not_listed_are_told(manifest: Manifest, folder: Path) -> None:
    """Unless unlisted things are accepted."""
    os.mkfifo(folder / "pipe")
    (folder / "l").symlink_to("/etc")
    assert [line.split(" (")[0] for line in told(manifest, folder)] == ["unreadable: l", "unreadable: pipe"]
    assert told(manifest, folder, allow_unlisted=True) == []


def test_links_count_if_the_signer_followed_them(folder: Path) -> None:
    """Inside the folder only."""
    (folder / "l").symlink_to("weights.bin")
    manifest = describe_model(folder, Plan(allow_symlinks=True)).manifest
    assert told(manifest, folder) == []
    (folder / "l").unlink()
    (folder / "l").symlink_to("empty")
    assert told(manifest, folder) == ["changed: l"]


def test_what_the_signer_left_out_need_not_be_there_or_not(folder: Path) -> None:
    """Its paths count unless they would cover everything or lead out."""
    (folder / "notes").mkdir()
    (folder / "notes" / "a").touch()
    manifest = describe_model(folder, Plan(ignore=("notes",))).manifest
    found = compare(manifest, folder)
    assert (found.differences, found.left_out) == ((), 2)
    for path in (".", "", "/", "..", "../model", "notes/.."):
        careless = Manifest("m", manifest.resources, Serialization(ignore_paths=(path,)))
        assert told(careless, folder) == ["extra: notes/a"]


def test_git_can_be_asked_for(folder: Path) -> None:
    """By default what belongs to it is not looked at."""
    manifest = describe_model(folder, Plan(ignore_git=False, ignore=(".git",))).manifest
    bare = Manifest("m", manifest.resources)
    assert told(bare, folder) == []
    assert told(bare, folder, ignore_git=False) == ["extra: .git/HEAD"]


def test_the_signature_need_not_be_listed(folder: Path) -> None:
    """Only that one file."""
    manifest = describe_model(folder).manifest
    (folder / "model.sig").touch()
    (folder / "sub" / "model.sig").touch()
    assert told(manifest, folder, signature=folder / "model.sig") == ["extra: sub/model.sig"]
    assert compare(manifest, folder, signature=folder / "model.sig").left_out == 1


def test_a_single_file_is_compared_alone(folder: Path) -> None:
    """Under its name, whatever lies beside it."""
    manifest = describe_model(folder / "weights.bin").manifest
    assert told(manifest, folder / "weights.bin", signature=folder / "weights.bin.sig") == []
    (folder / "weights.bin").rename(folder / "w.bin")
    assert told(manifest, folder / "w.bin") == ["renamed: weights.bin (w.bin)"]
    with pytest.raises(NothingToAssess):
        compare(manifest, folder / "weights.bin")


def test_empty_files_are_forgiven_where_they_could_not_be_listed(folder: Path) -> None:
    """model-signing 1.1.1 lists none with the method `shards`."""
    manifest = describe_model(folder, Plan(method="shards")).manifest
    without = tuple(r for r in manifest.resources if r.end)
    theirs = Manifest("m", without, manifest.serialization, lists_empty_files=False)
    assert told(theirs, folder) == []
    assert told(Manifest("m", without, manifest.serialization), folder) == ["extra: empty"]


def test_names_cannot_steer_a_terminal() -> None:
    """Control characters, direction marks and stray bytes are made visible."""
    assert str(Difference(Kind.EXTRA, "a\x1b[2J\n\u202e\udcff")) == r"extra: a\x1b[2J\n\u202e\udcff"
