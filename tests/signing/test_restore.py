"""Restoring."""

import errno
import os
import stat
from pathlib import Path

import pytest
from tests.signing.samples import model
from tests.signing.test_drill import KINDS, pack

from assaymark.errors import AssaymarkError, UsageError
from assaymark.signing.manifest import Manifest, Resource
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.restore import check_target, restore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model."""
    return model(tmp_path)


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    """Its known good state."""
    return describe_model(folder).manifest


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def left_behind(folder: Path) -> list[str]:
    """What lies beside the model."""
    return sorted(path.name for path in folder.parent.iterdir() if path.name != "model")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("below", ["", "m"])
def test_the_listed_files_are_written_and_no_others(
    folder: Path, manifest: Manifest, kind: str, below: str
) -> None:
    """Into a new folder, or an empty one."""
    (folder / "more").touch()
    backup = pack(folder, kind, below)
    for target in (folder.parent / "new" / "copy", folder.parent / "there"):
        (folder.parent / "there").mkdir(exist_ok=True)
        assert restore(manifest, backup, target, below) == 10242
        expected = contents(folder)
        assert contents(target) == {name: expected[name] for name in manifest.names}
        assert stat.S_IMODE(target.stat().st_mode) == 0o755


def test_shards_are_put_together(folder: Path) -> None:
    """A file comes out whole."""
    manifest = describe_model(folder, Plan(method="shards", shard_size=999)).manifest
    restore(manifest, pack(folder, "tar.gz"), folder.parent / "copy")
    assert (folder.parent / "copy" / "weights.bin").read_bytes() == (folder / "weights.bin").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_that_is_not_as_listed_leaves_nothing(folder: Path, manifest: Manifest, kind: str) -> None:
    """Neither a folder nor a part of one."""
    (folder / "sub" / "config.json").write_text("[]")
    backup = pack(folder, kind)
    with pytest.raises(DoesNotVerify, match="not as listed"):
        restore(manifest, backup, folder.parent / "copy")
    assert left_behind(folder) == [backup.name]


def test_a_missing_or_unreadable_file_leaves_nothing(folder: Path, manifest: Manifest) -> None:
    """Whatever was written before it."""
    whole = pack(folder, "tar")
    (folder / "weights.bin").unlink()
    part = pack(folder, "zip")
    with pytest.raises(DoesNotVerify, match=r"does not hold weights\.bin"):
        restore(manifest, part, folder.parent / "copy")
    whole.write_bytes(whole.read_bytes()[:3000])
    with pytest.raises(DoesNotVerify, match="cannot be read"):
        restore(manifest, whole, folder.parent / "copy")
    assert left_behind(folder) == ["backup.tar", "backup.zip"]


def test_nothing_is_written_over(folder: Path, manifest: Manifest) -> None:
    """A folder with something in it, a file, a link."""
    before = contents(folder)
    (folder.parent / "link").symlink_to("nowhere")
    for target in (folder, folder / "weights.bin", folder.parent / "link"):
        with pytest.raises(UsageError):
            check_target(target)
        with pytest.raises(UsageError):
            restore(manifest, folder, target)
    assert contents(folder) == before


def test_a_full_disk_leaves_nothing(
    folder: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what happened."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AssaymarkError, match="No space left on device"):
        restore(manifest, folder, folder.parent / "copy")
    assert left_behind(folder) == []


def test_a_disk_that_lies_is_found_out(
    folder: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written is read again before it gets its name."""
    sync = os.fsync
    place = folder.parent

    def lie(handle: int) -> None:
        sync(handle)
        for path in place.glob(".copy.*/weights.bin"):
            path.write_bytes(bytes(10240))

    monkeypatch.setattr(os, "fsync", lie)
    with pytest.raises(DoesNotVerify, match=r"does not read back as listed: changed: weights\.bin"):
        restore(manifest, folder, place / "copy")
    assert left_behind(folder) == []


def test_a_name_that_is_a_file_and_a_folder_is_an_error(folder: Path, manifest: Manifest) -> None:
    """A sums file may list both; a file system holds one."""
    (folder.parent / "x").mkdir()
    (folder.parent / "x" / "a").write_bytes(b"")
    empty = manifest.resources[0].digest
    both = Manifest("", (Resource("a", empty), Resource("a/b", empty)))
    with pytest.raises((AssaymarkError, DoesNotVerify)):
        restore(both, folder.parent / "x", folder.parent / "copy")
    assert not (folder.parent / "copy").exists()
