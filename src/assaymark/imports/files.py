"""Read the imported reports of a system from their folder. Files are read and hashed, nothing else."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from assaymark.errors import AssaymarkError, UsageError
from assaymark.imports import about as sidecar
from assaymark.imports.about import FOLDER, SUFFIX, About
from assaymark.imports.importer import Importer
from assaymark.imports.reading import MAX_BYTES
from assaymark.imports.registry import named
from assaymark.imports.report import ImportedReport
from assaymark.source.walk import shown_path

__all__ = ["Imported", "Imports", "bytes_of", "read_imports"]

MAX_FILES = 500
"""Reports of one system that are read."""
MAX_TOTAL = 512 << 20
"""Bytes of all of them."""

_ALONE = f"was not imported, and does not count: it has no {{}}{SUFFIX}."
_ADVICE = "Import reports with `assaymark import`; restore or remove this one."


class Imported(Struct, frozen=True):
    """One imported report as read."""

    path: str
    """Path of the report, relative to the assessed root."""
    sha256: str
    about: About
    importer: Importer
    report: ImportedReport


class Imports(Struct, frozen=True):
    """All imported reports of a system."""

    found: tuple[Imported, ...] = ()
    problems: tuple[str, ...] = ()
    """One sentence for each file that does not count, and for what in a report could not be read."""
    files: frozenset[str] = frozenset()
    """Paths of the reports that count and of their sidecars, relative to the root."""


def read_imports(root: Path) -> Imports:
    """Reports in ``assurance/imports/`` below `root`, each with its sidecar."""
    folder = root / FOLDER
    if not os.path.lexists(folder):
        return Imports()
    if os.path.realpath(folder) != os.path.join(os.path.realpath(root), FOLDER):  # noqa: PTH118 - as realpath
        return Imports(problems=(f"{FOLDER} is a link to another place; it is not followed.",))
    found: list[Imported] = []
    problems: list[str] = []
    room = MAX_TOTAL
    for name in _listed(folder, problems):
        try:
            one = _read(folder, name, room)
        except AssaymarkError as error:
            problems.append(error.message)
            continue
        found.append(one)
        problems += one.report.problems
        room -= (folder / one.about.report).lstat().st_size
    files = {f"{FOLDER}/{n}" for i in found for n in (i.about.report, f"{i.about.report}{SUFFIX}")}
    return Imports(tuple(found), tuple(problems), frozenset(files))


def bytes_of(path: Path, name: str, most: int | None = None) -> bytes:
    """The content of a regular file that is no link.

    Raises:
        UsageError: it is none, cannot be read, or is longer than `most` bytes (a report's bound if None).
    """
    most = MAX_BYTES if most is None else most
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(most + 1) if regular else b""
    except OSError as error:
        reason = "is a link" if path.is_symlink() else f"cannot be read: {error.strerror}"
        raise UsageError(f"{name} {reason}.", "Name the report itself, a regular file.") from error
    if not regular:
        raise UsageError(f"{name} is no regular file.", "Name the report itself.")
    if len(data) > most:
        raise UsageError(f"{name} is longer than {most:,} bytes.", "Have the tool write a shorter report.")
    return data


def _listed(folder: Path, problems: list[str]) -> Iterator[str]:
    """Names of the reports that have a sidecar; what lacks its other half is a problem."""
    try:
        found = sorted(entry.name for entry in os.scandir(folder))
    except OSError as error:
        problems.append(f"{FOLDER} could not be read: {error.strerror}.")
        return
    names = [name for name in found if shown_path(name) == name]
    problems += [f"{FOLDER}/{shown_path(n)} has a name that is not UTF-8." for n in found if n not in names]
    about = {n.removesuffix(SUFFIX) for n in names if n.endswith(SUFFIX)}
    alone = [n for n in names if not n.endswith(SUFFIX) and not n.startswith(".") and n not in about]
    problems += [f"{FOLDER}/{n} {_ALONE.format(n)}" for n in alone[:MAX_FILES]]
    if len(about) > MAX_FILES:
        problems.append(f"{FOLDER} holds {len(about):,} reports; the first {MAX_FILES} were read.")
    yield from sorted(about)[:MAX_FILES]


def _read(folder: Path, name: str, room: int) -> Imported:
    path = f"{FOLDER}/{name}"
    about = sidecar.parse(
        bytes_of(folder / f"{name}{SUFFIX}", f"{path}{SUFFIX}", sidecar.MAX_BYTES), f"{path}{SUFFIX}"
    )
    if about.report != name:
        raise UsageError(f"{path}{SUFFIX} is about {about.report!r}, not about {name}.", _ADVICE)
    data = bytes_of(folder / name, path, max(0, min(MAX_BYTES, room)))
    digest = hashlib.sha256(data).hexdigest()
    if digest != about.sha256:
        raise UsageError(f"{path} was changed after it was imported; it does not count.", _ADVICE)
    importer = named(about.format)
    return Imported(path, digest, about, importer, importer.read(data, path))
