"""A manifest and a backup → a new folder that holds the listed files, or nothing at all.

Written beside the target, flushed to disk, read again in full and only then given its name.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from assaymark.errors import AssaymarkError, UsageError
from assaymark.signing.backup import entries_of
from assaymark.signing.compare import compare
from assaymark.signing.drill import Checker, listed_by_name, under
from assaymark.signing.entries import BadBackup, BadEntry, Entry
from assaymark.signing.manifest import Manifest, Resource
from assaymark.signing.problems import DoesNotVerify, shown

__all__ = ["check_target", "restore"]


def check_target(target: Path) -> None:
    """That `target` is a place where a folder can be made.

    Raises:
        UsageError: something is there already.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UsageError(f"{target} is no folder.", "Name a new one with --to.")
    if target.is_dir() and next(target.iterdir(), None) is not None:
        raise UsageError(
            f"The folder {target} is not empty; nothing is written over.", "Name a new one with --to."
        )


def restore(manifest: Manifest, backup: Path, target: Path, prefix: str = "") -> int:
    """Write the listed files to the new folder `target`; gives the count of bytes written.

    Args:
        manifest: what is to be restored.
        backup: where it is read from.
        target: a folder that does not exist, or is empty.
        prefix: folder inside the backup below which the files are.

    Raises:
        UsageError: `target` holds something.
        DoesNotVerify: the backup does not hold what is listed; nothing was left behind.
        AssaymarkError: it cannot be written; nothing was left behind.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100  a link on the way is the user's
    check_target(target)
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent))
        written = _write(manifest, backup, staging, prefix)
        _sync_folders(staging)
        again = compare(manifest, staging, ignore_git=False)
        if again.differences:
            raise DoesNotVerify(f"What was written does not read back as listed: {again.differences[0]}.")
        staging.chmod(0o755)
        staging.rename(target)
        staging = None
        _sync(target.parent)
    except OSError as error:
        raise AssaymarkError(
            f"Could not write {target}: {error.strerror or error}.",
            "Nothing was left there. Free some space.",
        ) from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return written


def _write(manifest: Manifest, backup: Path, staging: Path, prefix: str) -> int:
    listed = listed_by_name(manifest)
    total = 0
    done: set[str] = set()
    try:
        for entry in entries_of(backup):
            name = under(entry.name, prefix)
            if name in listed and not entry.fault and name not in done:
                total += _write_one(entry, staging / name, listed[name], name)
                done.add(name)
    except (BadBackup, BadEntry) as error:
        raise DoesNotVerify(f"The backup cannot be read: {error}.") from error
    if missing := sorted(listed.keys() - done):
        raise DoesNotVerify(f"The backup does not hold {shown(missing[0])}.")
    return total


def _write_one(entry: Entry, path: Path, resources: list[Resource], name: str) -> int:
    # Names come from the manifest, where they were checked; the staging folder is ours and holds no link.
    path.parent.mkdir(parents=True, exist_ok=True)
    checker = Checker(resources)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with open(handle, "wb") as file:  # noqa: PTH123  a descriptor, no path
        for data in entry.chunks():
            checker.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if not checker.good():
        raise DoesNotVerify(f"{shown(name)} in the backup is not as listed.")
    return checker.size


def _sync_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root):
        _sync(Path(folder))


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
