"""HDF5 → what opening it would read elsewhere, and what Keras or PyTables would do with its attributes."""

from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.config.hazards import plain
from assaymark.scan.config.keras import judge_keras_text
from assaymark.scan.container.blobs import SliceBlob
from assaymark.scan.hdf5.attributes import text_of
from assaymark.scan.hdf5.heaps import GlobalHeaps
from assaymark.scan.hdf5.source import Source, Unread
from assaymark.scan.hdf5.superblock import Superblock, read_superblock, signature_at
from assaymark.scan.hdf5.walk import Dataset, Elsewhere, Failure, Told, walk
from assaymark.scan.part import Covered, Inspector, Limits, Look, Member, Part

__all__ = ["INSPECTOR"]

_KERAS = frozenset({"model_config", "training_config"})
_VERSIONS = {"keras_version": "keras", "backend": "backend"}
_TABLES = frozenset({"PYTABLES_FORMAT_VERSION", "pandas_type", "PSEUDOATOM"})
_MAX_FAILURES = 100
_LOOKED = 1 << 20
"""Bytes after the end that must be zero to be taken as padding."""
_MAX_MEMBERS = 1_000


class _Sum(Struct):
    """What is gathered along the walk."""

    tensors: int = 0
    parameters: int = 0
    stored: int = 0
    keras: bool = False
    tables: bool = False
    failures: int = 0
    metadata: dict[str, str] = {}
    pickles: list[tuple[str, bytes]] = []


def _claims(look: Look) -> bool:
    return signature_at(look.blob) >= 0


def _inspect(blob: Blob, limits: Limits) -> Iterable[Part]:
    try:
        source, superblock = read_superblock(blob)
    except Unread as problem:
        yield Header(format="hdf5")
        yield Hole(kind=problem.kind, reason=f"HDF5: {problem.reason}", offset=problem.offset)
        return
    total = _Sum()
    yield from _walked(source, superblock, total)
    yield from _pickles(total)
    yield Header(
        format="keras-h5" if total.keras else "hdf5", tensors=total.tensors, parameters=total.parameters,
        metadata=tuple(sorted(total.metadata.items())),
    )  # fmt: skip
    yield from _ends(blob, superblock)
    yield Covered(source.interpreted, min(total.stored, max(blob.size - source.interpreted, 0)))


def _ends(blob: Blob, superblock: Superblock) -> Iterator[Part]:
    """Whether the file ends where it says; what follows is inspected as a file of its own."""
    end, size = superblock.end, blob.size
    if end > size:
        reason = f"HDF5: {end:,} bytes are said to be in the file, and it has {size:,}"
        yield Hole(kind=HoleKind.BROKEN, reason=reason, offset=size, size=end - size)
    elif blob.read(end, _LOOKED).strip(b"\0"):
        message = f"{size - end:,} bytes follow the end of the HDF5 file."
        yield Hazard(rule="hdf5-trailing-data", level=Level.NOTE, message=message, offset=end)
        name = "(after the end)"
        yield Member(name, SliceBlob(blob, end, size - end, f"{blob.path}!/{name}"))


def _walked(source: Source, superblock: Superblock, total: _Sum) -> Iterator[Part]:
    heaps = GlobalHeaps(source)
    for found in walk(source, heaps, superblock):
        match found:
            case Elsewhere():
                yield _elsewhere(found)
            case Told():
                yield from _told(source, heaps, found, total)
            case Dataset():
                total.tensors += 1
                total.parameters += found.count
                total.stored += found.stored
            case Failure():
                yield from _failure(found.path, found.reason, found.kind, found.offset, total)


def _failure(path: str, reason: str, kind: HoleKind, offset: int | None, total: _Sum) -> Iterator[Part]:
    """One hole for each part, up to a number that a reader can still use."""
    total.failures += 1
    if total.failures <= _MAX_FAILURES:
        yield Hole(kind=kind, reason=f"HDF5: {_shown(path)}: {plain(reason, 300)}", offset=offset)
    elif total.failures == _MAX_FAILURES + 1:
        yield Hole(kind=kind, reason=f"HDF5: more than {_MAX_FAILURES} parts could not be read")


def _elsewhere(found: Elsewhere) -> Hazard:
    target = _shown(found.target)
    if found.how.startswith("user-defined"):
        message = (
            f"{_shown(found.path)} is a {found.how}: what following it does depends on code outside HDF5."
        )
        return Hazard(
            rule="hdf5-user-link", level=Level.UNKNOWN, message=message, subject=found.how,
            offset=found.offset, evidence=target,
        )  # fmt: skip
    rule = "hdf5-" + found.how.replace(" ", "-")
    message = f"Reading {_shown(found.path)} opens another file, {target} ({found.how})."
    return Hazard(rule=rule, level=Level.DANGEROUS, message=message, subject=target, offset=found.offset)


def _told(source: Source, heaps: GlobalHeaps, found: Told, total: _Sum) -> Iterator[Part]:
    attribute = found.attribute
    total.tables |= attribute.name in _TABLES
    try:
        strings = text_of(source, heaps, attribute) or ()
    except Unread as problem:
        path = f"{found.path}@{attribute.name}"
        yield from _failure(path, problem.reason, problem.kind, problem.offset, total)
        return
    if attribute.name in _KERAS and strings:
        total.keras = True
        for part in judge_keras_text(strings[0], legacy=True):
            yield structs.replace(part, offset=attribute.offset)
    elif attribute.name in _VERSIONS and strings:
        total.metadata[_VERSIONS[attribute.name]] = plain(strings[0][:80].decode("utf-8", "replace"))
    elif attribute.name == "PSEUDOATOM" and strings and strings[0] == b"object":
        reason = "HDF5: its rows are pickles, which PyTables loads; they were not read"
        yield Hole(
            kind=HoleKind.UNSUPPORTED, reason=f"{reason} ({_shown(found.path)})", offset=attribute.offset
        )
    else:
        for index, string in enumerate(strings):
            _keep_pickle(f"{found.path}@{attribute.name}[{index}]", string, total)


def _keep_pickle(name: str, value: bytes, total: _Sum) -> None:
    """Attributes that PyTables would take for a pickle; most of its own are `N.` and the like."""
    if value[-1:] == b"." and len(total.pickles) < _MAX_MEMBERS:
        total.pickles.append((name, value))


def _pickles(total: _Sum) -> Iterator[Part]:
    if not total.tables:
        return
    for name, value in total.pickles:
        yield Member(_shown(name), BytesBlob(f"{name}.pickle", value))


def _shown(text: str) -> str:
    return plain(text, 300) or "/"


INSPECTOR = Inspector(format="hdf5", claims=_claims, inspect=_inspect)
"""HDF5, with or without a Keras model in it."""
