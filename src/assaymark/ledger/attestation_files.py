"""Read the attestations of a system from its folders, and the digests of the documents they name.

Files are read and hashed, nothing else. A document is followed only inside or beside the assessed folder,
or inside the folder that holds the attestation: a file must not make us read what is not the owner's.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.ledger.attestation import (
    JUDGED,
    MAX_BYTES,
    Attestation,
    key_of,
    observation_of,
    parse,
)
from assaymark.observation import Observation

__all__ = ["Attestations", "Attested", "document_digest", "read_attestations"]

FOLDER = "assurance/attestations"
"""Where they lie below the folder that they are about."""

_MAX_FILES = 5_000
_MAX_DOCUMENT = 2**30
_CHUNK = 2**20


class Attested(Struct, frozen=True):
    """One attestation as read."""

    path: str
    """Path of its file, relative to the assessed root."""
    attestation: Attestation
    observation: Observation
    key: str
    """Run key for the ledger."""


class Attestations(Struct, frozen=True):
    """All attestations that concern a system."""

    found: tuple[Attested, ...]
    digests: dict[str, str]
    """Document → SHA-256 now; documents that are gone or out of bounds are missing."""
    problems: tuple[str, ...]
    """One sentence for each file that does not count."""


def read_attestations(root: Path, further: Sequence[str] = ()) -> Attestations:
    """Attestations in ``assurance/attestations/`` below `root`, and in each of `further`.

    Args:
        root: the assessed folder.
        further: folders or files, relative to `root`; a folder may be one that holds attestations,
            or an ``assurance`` folder.
    """
    found: list[Attested] = []
    digests: dict[str, str] = {}
    problems: list[str] = []
    for path in _files(root, further, problems):
        try:
            attested = _read(root, path)
        except AssaymarkError as error:
            problems.append(error.message)
            continue
        found.append(attested)
        bounds = (root.parent, _holder(path))  # inside or beside the system
        for subject in attested.observation.subjects:
            if not subject.name.startswith(JUDGED) and subject.name not in digests:
                digest = document_digest(root / subject.name, bounds)
                digests |= {subject.name: digest} if digest else {}
    return Attestations(tuple(found), digests, tuple(problems))


def document_digest(path: Path, bounds: Sequence[Path]) -> str:
    """SHA-256 of a regular file inside one of `bounds`; empty if it is gone, outside or too large."""
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(os.path.realpath(bound)) for bound in bounds):
        return ""
    try:
        # Not to be stopped by a pipe that nobody writes to.
        handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode) or info.st_size > _MAX_DOCUMENT:
                return ""
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            return digest.hexdigest()
    except OSError:
        return ""


def _files(root: Path, further: Sequence[str], problems: list[str]) -> Iterator[Path]:
    yield from _listed(root / FOLDER, problems)
    for name in further:
        place = Path(os.path.normpath(root / name))
        inner = [place / "attestations", place]
        if place.is_file():
            yield place
        elif folder := next((f for f in inner if f.is_dir()), None):
            yield from _listed(folder, problems)
        else:
            problems.append(f"There are no attestations at {name}, which the manifest names.")


def _listed(folder: Path, problems: list[str]) -> list[Path]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(".json"))
    except FileNotFoundError:
        return []
    except OSError as error:
        problems.append(f"{folder} could not be read: {error.strerror}.")
        return []
    if len(paths) > _MAX_FILES:
        problems.append(f"{folder} holds {len(paths)} attestations; the first {_MAX_FILES} were read.")
    return paths[:_MAX_FILES]


def _read(root: Path, path: Path) -> Attested:
    name = Path(os.path.relpath(path, root)).as_posix()
    try:
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(_holder(path))):
            raise AssaymarkError(f"{name} is a link to another place; attestations are not followed there.")
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(MAX_BYTES + 1) if regular else b""
    except OSError as error:
        raise AssaymarkError(f"{name} could not be read: {error.strerror}.") from error
    attestation = parse(data, name)
    folder = Path(os.path.relpath(_holder(path), root)).as_posix()
    return Attested(name, attestation, observation_of(attestation, folder), key_of(attestation))


def _holder(path: Path) -> Path:
    """The folder that an attestation is about: the one above ``assurance/attestations``."""
    folder = path.parent
    for name in ("attestations", "assurance"):
        folder = folder.parent if folder.name == name else folder
    return folder
