"""A ledger of version 1, one SQLite file, as a folder: same name, same entries, same tree, same heads.

The folder is built beside the file, synced, and takes its name; the file is kept as ``<name>.v1``. A process
that is killed in between leaves the file, or the finished folder that the next opening puts in its place.
"""

import os
import shutil
import stat
from pathlib import Path

from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint, wal
from assaymark.ledger.edge import Edge
from assaymark.ledger.folder import Folder, locked, sync_folder
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.reading import HEADS, MARKS, SIGNERS, WAL
from assaymark.ledger.sqlite_v1 import Store
from assaymark.ledger.storage import Files, Memory
from assaymark.ledger.tiles import CHECKPOINT
from assaymark.ledger.verify_v1 import verified

__all__ = ["convert", "in_memory", "interrupted", "kept_as"]


def kept_as(path: Path) -> Path:
    """Where the file of version 1 lies after its conversion."""
    return path.with_name(f"{path.name}.v1")


def interrupted(path: Path) -> bool:
    """Whether a conversion ended between its two renames, so that nothing lies at `path`."""
    whole = _building(path).is_dir() and not _building(path).is_symlink()
    return whole and not os.path.lexists(path) and kept_as(path).is_file()


def convert(path: Path) -> None:
    """Turn the file at `path` into a folder, or finish what a killed process began.

    Raises:
        AssaymarkError: it is no ledger, or does not verify; it is left as it is.
    """
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with locked(handle):
            if interrupted(path):
                _building(path).rename(path)
            elif stat.S_ISREG(path.lstat().st_mode):  # another process may have been quicker
                _convert(path)
            os.fsync(handle)
    finally:
        os.close(handle)


def in_memory(path: Path) -> Memory:
    """The file at `path` as the folder that it would become, for reading."""
    files = Memory()
    with Store(path) as old, old.snapshot():
        _fill(old, files)
    return files


def _convert(path: Path) -> None:
    if path.stat().st_size == 0:  # a process was killed before it made the tables
        path.unlink()
        path.mkdir()
        return
    if os.path.lexists(kept_as(path)):
        raise AssaymarkError(
            f"The ledger {path} is of version 1 and cannot be converted: {kept_as(path).name} is in the way.",
            "Move that file away; the old ledger is kept under its name.",
        )
    building = _building(path)
    with Store(path) as old, old.snapshot(alone=True):
        _refuse_bad(path, old)
        if building.is_symlink() or not building.is_dir():
            building.unlink(missing_ok=True)
        else:
            shutil.rmtree(building)
        building.mkdir()
        files = Folder(building)
        try:
            _fill(old, files)
            files.sync()
        finally:
            files.close()
        sync_folder(path.parent)
        path.rename(kept_as(path))
    building.rename(path)


def _refuse_bad(path: Path, old: Store) -> None:
    found = verified(old, None, ())
    if found.ok:
        return
    problem = found.problems[0]
    place = "" if problem.index is None else f" at entry {problem.index}"
    raise AssaymarkError(
        f"The ledger {path} is of version 1 and does not verify{place}: {problem.message}",
        "It is left as it is. See `assaymark log verify`; restore a copy, or move it away to start anew.",
    )


def _fill(old: Store, files: Files) -> None:
    origin, edge, marks = old.state().origin, Edge(), bytearray()
    for row in old.rows():
        edge.add(leaf_hash(row.data), row.data)
        marks += row.mark[:32].ljust(32, b"\0")
        for tile, data in edge.finished.items():
            files.write(tile.path, data)
        edge.finished.clear()
    for tile, data in edge.partials():
        files.write(tile.path, data)
    signers = "".join(f"{checkpoint.verifier_key(origin, key)}\n" for key in old.signers() if len(key) == 32)
    files.write(SIGNERS, signers.encode())
    files.write(MARKS, bytes(marks))
    files.write(HEADS, "".join(f"{head.note}\n" for head in old.heads()).encode())
    newest = old.head()
    if newest:
        files.write(CHECKPOINT, newest.note.encode())
    files.write(WAL, wal.header(origin, edge.size))


def _building(path: Path) -> Path:
    return path.with_name(f".{path.name}.converting")
