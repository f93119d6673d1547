"""Model formats that are zip archives, told apart by what they hold: PyTorch, NumPy, Keras, skops, MAR …"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from assaymark.scan.blob import Blob
from assaymark.scan.container.blobs import allowance_of
from assaymark.scan.container.zip_directory import Entry
from assaymark.scan.container.zip_local import read_local
from assaymark.scan.container.zip_members import Reader
from assaymark.scan.part import Limits

__all__ = ["Family", "family_of", "opened", "raw_storage", "read_member", "storages"]

TEXT = 1 << 20
"""Bytes of a configuration that are read to recognise a format."""


class Family(Struct, frozen=True):
    """The format that an archive's members make it."""

    format: str
    prefix: str = ""
    """Folder that all members of the format lie in, with its slash."""
    kind: str = ""


def family_of(blob: Blob, entries: Sequence[Entry], limits: Limits) -> Family | None:
    """The model format of an archive with these members; None for any other."""
    names = [e.name.casefold() for e in entries]
    known = set(names)
    return (
        _torch(names, known)
        or _export(names, known)
        or _keras(names, known)
        or (Family("torchserve") if "mar-inf/manifest.json" in known else None)
        or (Family("stable-baselines3") if {"data", "pytorch_variables.pth"} <= known else None)
        or (Family("npz") if names and all(n.endswith(".npy") for n in names) else None)
        or _skops(blob, entries, known, limits)
        or _coreml(names)
    )


def _torch(names: Sequence[str], known: set[str]) -> Family | None:
    for name in names:
        folder, _, base = name.rpartition("/")
        if base == "data.pkl" and folder.count("/") == 0:
            prefix = f"{folder}/" if folder else ""
            script = any(n.startswith(f"{prefix}code/") for n in names)
            mobile = f"{prefix}bytecode.pkl" in known
            return Family("torch-zip", prefix, "mobile" if mobile else "TorchScript" if script else "state")
    return None


def _export(names: Sequence[str], known: set[str]) -> Family | None:
    prefix = names[0].partition("/")[0] + "/" if names else ""
    if f"{prefix}archive_format" in known and f"{prefix}archive_version" in known:
        return Family("torch-export", prefix)
    return None


def _keras(names: Sequence[str], known: set[str]) -> Family | None:
    weights = any(n.endswith(".weights.h5") for n in names)
    return Family("keras-v3") if "config.json" in known and (weights or "metadata.json" in known) else None


def _skops(blob: Blob, entries: Sequence[Entry], known: set[str], limits: Limits) -> Family | None:
    if "schema.json" not in known:
        return None
    schema = next(e for e in entries if e.name.casefold() == "schema.json")
    return Family("skops") if b'"__class__"' in read_member(blob, schema, limits, TEXT) else None


def _coreml(names: Sequence[str]) -> Family | None:
    for name in names:
        if name.rpartition("/")[2] == "manifest.json" and (
            ".mlpackage/" in name or any(n.endswith(".mlmodel") for n in names)
        ):
            return Family("coreml-package", name.removesuffix("manifest.json"))
    return None


def opened(blob: Blob, entry: Entry, limits: Limits) -> Blob | None:
    """A member's content; None if it cannot be opened."""
    local = read_local(blob, entry.offset)
    return Reader(blob, limits, allowance_of(blob, limits)).open(entry, local).blob if local else None


def read_member(blob: Blob, entry: Entry, limits: Limits, bound: int) -> bytes:
    """At most `bound` bytes of a member; none if it cannot be opened."""
    found = opened(blob, entry, limits)
    return found.read(0, bound) if found is not None else b""


def raw_storage(family: Family | None, entry: Entry) -> bool:
    """Whether the format declares the member to be numbers, which no loader interprets."""
    if family is None or family.format not in ("torch-zip", "torch-export"):
        return False
    name = entry.name.casefold()
    if not name.startswith(family.prefix):
        return False
    inner = name.removeprefix(family.prefix)
    if family.format == "torch-export":
        return inner.startswith("data/weights/weight_") and inner.rpartition("_")[2].isdigit()
    folder, _, number = inner.rpartition("/")
    return number.isdigit() and folder in ("data", "constants", "xl_model_weights", ".data/constants")


def storages(family: Family | None, entries: Sequence[Entry]) -> Iterator[Entry]:
    """The members that are plain numbers."""
    return (e for e in entries if raw_storage(family, e))
