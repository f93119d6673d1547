"""Drills."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signing.samples import model

from assaymark.signing import drill as module
from assaymark.signing.drill import Checker, Drilled, drill, listed_by_name, under
from assaymark.signing.manifest import Manifest, Resource
from assaymark.signing.model import Plan, describe_model

KINDS = ["folder", "tar", "tar.gz", "zip"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model."""
    return model(tmp_path)


@pytest.fixture(params=[Plan(), Plan(method="shards", shard_size=3000)], ids=["files", "shards"])
def manifest(folder: Path, request: pytest.FixtureRequest) -> Manifest:
    """Its known good state."""
    return describe_model(folder, request.param).manifest


def pack(folder: Path, kind: str, below: str = "") -> Path:
    """A backup of `folder` as it is now, perhaps below another folder."""
    out = folder.parent / f"backup.{kind}"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    names = [f"{below}/{path.relative_to(folder)}".lstrip("/") for path in files]
    if kind == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, name in zip(files, names, strict=True):
                archive.write(path, name)
    elif kind == "folder":
        for path, name in zip(files, names, strict=True):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(path.read_bytes())
    else:
        with tarfile.open(out, "w:gz" if kind == "tar.gz" else "w") as archive:
            for path, name in zip(files, names, strict=True):
                archive.add(path, name)
    return out


def told(found: Drilled) -> list[str]:
    """The differences, in words."""
    return [str(difference) for difference in found.differences]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("below", ["", "model", "model-v1.2"])
def test_a_whole_backup_can_be_restored(folder: Path, manifest: Manifest, kind: str, below: str) -> None:
    """Wherever in it the files are; every listed byte is counted, and told while it is read."""
    counts: list[int] = []
    found = drill(manifest, pack(folder, kind, below), told=counts.append)
    assert found.ok
    assert (found.files, found.listed, found.size, found.prefix) == (3, 3, 10242, below)
    assert sum(counts) >= 10242
    assert found.notes == ()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_or_changed_is_named(folder: Path, manifest: Manifest, kind: str) -> None:
    """What is there besides does no harm."""
    (folder / "empty").unlink()
    (folder / "more").touch()
    (folder / "sub" / "config.json").write_text("[]")
    found = drill(manifest, pack(folder, kind, "m"))
    assert told(found) == ["changed: sub/config.json", "missing: empty"]
    assert (found.ok, found.files, found.size, found.prefix) == (False, 1, 10240, "m")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 3000, 9000, 10239, 10241, 12_000])
def test_another_length_is_found(folder: Path, manifest: Manifest, kind: str, size: int) -> None:
    """At a shard's border, too."""
    data = (folder / "weights.bin").read_bytes()
    (folder / "weights.bin").write_bytes((data + bytes(2000))[:size])
    assert [line.split(" (")[0] for line in told(drill(manifest, pack(folder, kind)))] == [
        "changed: weights.bin"
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_backup_holds_nothing(folder: Path, manifest: Manifest, kind: str) -> None:
    """Every file is missing."""
    other = folder.parent / "other"
    other.mkdir()
    backup = other if kind == "folder" else pack(other, kind)
    found = drill(manifest, backup)
    assert (found.ok, found.files, len(found.differences)) == (False, 0, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_place_inside_can_be_named(folder: Path, manifest: Manifest, kind: str) -> None:
    """Several folders deep; a wrong one holds nothing."""
    backup = pack(folder, kind, "daily/monday/model")
    assert not drill(manifest, backup).ok
    assert drill(manifest, backup, prefix="daily/monday/model").ok
    assert not drill(manifest, backup, prefix="daily/tuesday/model").ok


def test_a_folder_behind_a_link_proves_nothing(folder: Path, manifest: Manifest) -> None:
    """It may be the original itself; named or not."""
    backup = folder.parent / "backup"
    backup.mkdir()
    (backup / "model").symlink_to(folder)
    assert told(drill(manifest, backup, prefix="model")) == ["unreadable: model (lies behind a link)"]
    assert not drill(manifest, backup).ok
    (folder.parent / "link").symlink_to(folder)
    assert drill(manifest, folder.parent / "link").ok


def test_of_several_copies_the_best_is_taken(folder: Path, manifest: Manifest) -> None:
    """A backup with yesterday's state beside today's."""
    out = folder.parent / "b.tar"
    with tarfile.open(out, "w") as archive:
        for name in ("old", "new"):
            (folder / "empty").write_text("" if name == "new" else "x")
            archive.add(folder, name)
    assert drill(manifest, out).prefix == "new"


def tar_with(folder: Path, *more: tuple[str, bytes, bytes]) -> Path:
    """A tar of `folder` with further entries: name, type, content."""
    out = folder.parent / "b.tar"
    with tarfile.open(out, "w") as archive:
        archive.add(folder, ".")
        for name, kind, data in more:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(data), "/etc/passwd"
            archive.addfile(info, io.BytesIO(data))
    return out


def test_hostile_names_are_passed_over_and_noted(folder: Path, manifest: Manifest) -> None:
    """They are not listed, so nothing is looked up under them."""
    backup = tar_with(
        folder, ("../../etc/x", tarfile.REGTYPE, b"1"), ("/etc/y\x1b[2J", tarfile.REGTYPE, b"2")
    )
    found = drill(manifest, backup)
    assert found.ok
    assert found.notes == (
        "../../etc/x was passed over: the name leaves the folder (..).",
        "/etc/y\\x1b[2J was passed over: the name is an absolute path.",
    )
    many = tar_with(folder, *((f"../{n}", tarfile.REGTYPE, b"") for n in range(100)))
    assert len(drill(manifest, many).notes) == 20


def test_a_second_entry_of_the_same_name_counts_if_it_differs(folder: Path, manifest: Manifest) -> None:
    """Whichever an unpacker would take: the state is not certain then."""
    same = tar_with(folder, ("empty", tarfile.REGTYPE, b""))
    assert drill(manifest, same).ok
    for more in (("empty", tarfile.REGTYPE, b"x"), ("empty", tarfile.SYMTYPE, b"")):
        assert "stands more than once" in told(drill(manifest, tar_with(folder, more)))[0]
    back = tar_with(folder, ("empty", tarfile.REGTYPE, b"x"), ("empty", tarfile.REGTYPE, b""))
    assert not drill(manifest, back).ok


def test_a_link_in_place_of_a_file_is_told(folder: Path, manifest: Manifest) -> None:
    """It is not followed, in an archive or a folder."""
    (folder / "weights.bin").unlink()
    backup = tar_with(folder, ("weights.bin", tarfile.SYMTYPE, b""))
    assert told(drill(manifest, backup)) == [
        "unreadable: weights.bin (is a link in the backup; links are not followed)"
    ]
    (folder / "weights.bin").symlink_to("/etc/passwd")
    assert "symbolic link" in told(drill(manifest, folder))[0]


@pytest.mark.parametrize("kind", ["tar", "tar.gz"])
def test_a_backup_that_ends_early_is_told(folder: Path, manifest: Manifest, kind: str) -> None:
    """What came before is counted; the rest is missing."""
    backup = pack(folder, kind)
    backup.write_bytes(backup.read_bytes()[:-1200] if kind == "tar" else backup.read_bytes()[:-200])
    with backup.open("r+b") as file:
        file.truncate(2500 if kind == "tar" else file.seek(0, 2))
    found = drill(manifest, backup)
    assert not found.ok
    assert any(line.startswith("unreadable: . (it") for line in told(found))


def test_a_damaged_file_in_a_zip_is_told(folder: Path, manifest: Manifest) -> None:
    """The others still count."""
    backup = pack(folder, "zip")
    data = bytearray(backup.read_bytes())
    start = data.index(b"sub/config.json") + len(b"sub/config.json")
    data[start] ^= 0xFF
    backup.write_bytes(bytes(data))
    found = drill(manifest, backup)
    assert found.files == 2
    assert told(found)[0].startswith("unreadable: sub/config.json (is damaged in the backup")


def test_copies_without_end_are_refused(
    folder: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that holds the same files under ever new folders."""
    more = [(f"d{n}/empty", tarfile.REGTYPE, b"") for n in range(2000)]
    assert "too many places" in told(drill(manifest, tar_with(folder, *more)))[-1]
    assert module.listed_by_name(manifest).keys() == manifest.names


@given(st.binary(max_size=300), st.lists(st.integers(1, 100), max_size=8), st.integers(1, 120))
def test_a_checker_does_not_care_how_bytes_arrive(data: bytes, cuts: list[int], shard: int) -> None:
    """In pieces of any size; one byte more, less or other is noticed."""
    whole = [Resource("f", hashlib.sha256(data).hexdigest())]
    starts = range(0, max(len(data), 1), shard)
    shards = [
        Resource("f", hashlib.sha256(data[s : s + shard]).hexdigest(), "sha256", s, min(s + shard, len(data)))
        for s in starts
    ]
    for resources in (whole, shards):
        for bytes_, good in ((data, True), (data + b"x", False), (data[:-1], not data)):
            checker = Checker(resources)
            rest = bytes_
            for cut in cuts:
                checker.update(rest[:cut])
                rest = rest[cut:]
            checker.update(rest)
            assert checker.good() is good


def test_many_shards_of_one_file_do_not_take_long() -> None:
    """A hundred thousand, each of one byte."""
    digest = hashlib.sha256(b"x").hexdigest()
    checker = Checker([Resource("f", digest, "sha256", n, n + 1) for n in range(100_000)])
    checker.update(b"x" * 100_000)
    assert checker.good()


def test_names_below_a_folder() -> None:
    """Whole components only."""
    assert under("a/b/c", "a/b") == "c"
    assert under("a/bc", "a/b") == ""
    assert under("a", "") == "a"
    assert under("a/b", "a/b") == ""
    assert listed_by_name(Manifest("m", ())) == {}
