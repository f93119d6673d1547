"""Zip archives that are a model: what they say of themselves, and the code that their loader runs."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.container.code import MAX_SOURCE, calls_of, parse_source, source_of
from assaymark.scan.container.families import Family, family_of, opened, read_member, storages
from assaymark.scan.container.member_names import shown
from assaymark.scan.container.npy_header import parse_npy_header
from assaymark.scan.container.torchscript import judge_torchscript
from assaymark.scan.container.zip_directory import Entry, find_directories
from assaymark.scan.container.zip_file import claims_zip
from assaymark.scan.part import Limits, Look, Member, Part

__all__ = ["claims_model_zip", "inspect_model_zip"]

ARRAYS = 200
"""Arrays of an npz whose headers are read."""
SOURCES = 2_000
"""Source files of one archive that are judged."""
SETTINGS = 8 << 20
"""Bytes of a configuration that are parsed."""
LINES = 2_000
"""Lines of requirements that are looked at."""
_REQUIRED = ("requirements.txt", "code/requirements.txt")
_ADDRESS = re.compile(r"git\+|https?://|file:|--(?:extra-)?index-url|^\s*-[if]\s|--find-links|\s@\s")
CALLS = 20
"""Calls reported of one source file."""


def claims_model_zip(look: Look) -> bool:
    """Whether it is a zip that may be a model; which one, its directory tells."""
    return claims_zip(look)


def inspect_model_zip(blob: Blob, limits: Limits) -> Iterator[Part]:
    """The header of the model format, and what its loader runs beside the members themselves."""
    directory = next(find_directories(blob, limits.members), None)
    family = family_of(blob, directory.entries, limits) if directory else None
    if family is None or directory is None:
        return
    read = _READERS.get(family.format, _plain)
    yield from read(blob, directory.entries, family, limits)


def _plain(blob: Blob, entries: Sequence[Entry], family: Family, limits: Limits) -> Iterator[Part]:
    yield Header(format=family.format)


def _torch(blob: Blob, entries: Sequence[Entry], family: Family, limits: Limits) -> Iterator[Part]:
    version = next((e for e in entries if e.name.casefold() == f"{family.prefix}version"), None)
    said = read_member(blob, version, limits, 32) if version else b""
    metadata = [("kind", family.kind)] if family.kind else []
    if said.strip().isdigit():
        metadata.append(("archive version", said.strip().decode()))
    tensors = sum(1 for _ in storages(family, entries))
    yield Header(format=family.format, tensors=tensors, metadata=tuple(metadata))
    if family.format == "torch-export":
        yield from _native(entries)
    code = [e for e in entries if e.name.casefold().startswith(f"{family.prefix}code/")]
    sources = [e for e in code if e.name.endswith(".py")]
    for entry in sources[:SOURCES]:
        source = opened(blob, entry, limits)
        if source is not None:
            yield from judge_torchscript(source, entry.name)
    yield from _too_many(sources)


def _too_many(sources: Sequence[Entry]) -> Iterator[Hole]:
    if len(sources) > SOURCES:
        reason = f"{len(sources):,} source files; the first {SOURCES:,} were judged"
        yield Hole(kind=HoleKind.BOUND, reason=reason)


def _native(entries: Sequence[Entry]) -> Iterator[Hazard]:
    for entry in entries:
        if entry.name.casefold().endswith((".so", ".dll", ".dylib", ".cubin", ".hsaco")):
            message = f"{shown(entry.name)!r} is compiled code, which loading the package runs."
            yield Hazard(
                rule="archive-native-code", level=Level.UNKNOWN, message=message, member=entry.name,
                subject=shown(entry.name),
            )  # fmt: skip


def _npz(blob: Blob, entries: Sequence[Entry], family: Family, limits: Limits) -> Iterator[Part]:
    arrays, numbers = [], 0
    for entry in entries[:ARRAYS]:
        header = parse_npy_header(read_member(blob, entry, limits, 4096))
        name = shown(entry.name.removesuffix(".npy"), 80)
        arrays.append((name, f"{header.dtype} {header.shape}"[:120] if header else "unknown"))
        numbers += header.elements if header else 0
    yield Header(format="npz", tensors=len(entries), parameters=numbers, metadata=tuple(arrays))


def _keras(blob: Blob, entries: Sequence[Entry], family: Family, limits: Limits) -> Iterator[Part]:
    told = _json(blob, entries, "metadata.json", limits)
    config = _json(blob, entries, "config.json", limits)
    pairs = (
        ("keras version", told.get("keras_version")),
        ("saved", told.get("date_saved")),
        ("class", config.get("class_name")),
    )
    yield Header(format="keras-v3", metadata=_said(pairs))


def _skops(blob: Blob, entries: Sequence[Entry], family: Family, limits: Limits) -> Iterator[Part]:
    schema = _json(blob, entries, "schema.json", limits)
    pairs = (
        ("class", f"{schema.get('__module__', '')}.{schema.get('__class__', '')}".strip(".")),
        ("protocol", schema.get("protocol")),
        ("skops version", schema.get("_skops_version")),
    )
    yield Header(format="skops", metadata=_said(pairs))


def _archived(blob: Blob, entries: Sequence[Entry], family: Family, limits: Limits) -> Iterator[Part]:
    """TorchServe's archive: its manifest names a Python file that the server runs."""
    manifest = _json(blob, entries, "mar-inf/manifest.json", limits)
    model = manifest.get("model")
    model = model if isinstance(model, dict) else {}
    keys = ("modelName", "modelVersion", "handler", "serializedFile", "modelFile", "requirementsFile")
    yield Header(format="torchserve", metadata=_said((k, model.get(k)) for k in keys))
    handler = model.get("handler")
    own = isinstance(handler, str) and any(
        e.name.rpartition("/")[2] in (handler.partition(":")[0], f"{handler}.py") for e in entries
    )
    if own:
        message = f"TorchServe runs the Python file {shown(str(handler))!r} of the archive."
        yield Hazard(rule="mar-handler", level=Level.UNKNOWN, message=message, subject=shown(str(handler)))
    required = model.get("requirementsFile") or next((e.name for e in entries if e.name in _REQUIRED), None)
    if isinstance(required, str):
        yield from _requirements(blob, entries, required, limits)
    yield from _python(blob, [e for e in entries if e.name.casefold().endswith(".py")], limits)


def _requirements(blob: Blob, entries: Sequence[Entry], name: str, limits: Limits) -> Iterator[Part]:
    """Packages that the server installs if it is told to; unknown where they come from an address."""
    message = f"TorchServe may install the packages that {shown(name)!r} names."
    yield Hazard(rule="mar-requirements", level=Level.NOTE, message=message)
    base = name.rpartition("/")[2]
    entry = next((e for e in entries if e.name.rpartition("/")[2] == base), None)
    text = read_member(blob, entry, limits, 1 << 18).decode("utf-8", "replace") if entry else ""
    for number, line in enumerate(text.splitlines()[:LINES], 1):
        if _ADDRESS.search(line) and not line.lstrip().startswith("#"):
            said = shown(line.strip())
            message = f"{shown(name)!r} has packages installed from an address of its own: {said}"
            yield Hazard(
                rule="mar-requirements", level=Level.UNKNOWN, message=message, subject=said,
                member=entry.name if entry else "", line=number,
            )  # fmt: skip


def _python(blob: Blob, sources: Sequence[Entry], limits: Limits) -> Iterator[Part]:
    for entry in sources[:SOURCES]:
        source = opened(blob, entry, limits)
        data = source_of(source) if source is not None else b""
        tree = parse_source(data) if data is not None else None
        if tree is None:
            long = data is None
            reason = f"source of more than {MAX_SOURCE:,} bytes" if long else "it does not parse as Python"
            kind = HoleKind.BOUND if long else HoleKind.BROKEN
            yield Hole(kind=kind, reason=reason, member=entry.name)
            continue
        for number, call in enumerate(calls_of(tree)):
            if number >= CALLS:
                break
            message = f"{shown(entry.name)!r}, which the loader runs, calls {call.name}, which {call.does}."
            yield Hazard(
                rule="archive-code", level=Level.DANGEROUS, message=message, subject=call.name,
                member=entry.name, line=call.line,
            )  # fmt: skip
    yield from _too_many(sources)


def _baselines(blob: Blob, entries: Sequence[Entry], family: Family, limits: Limits) -> Iterator[Part]:
    """Stable-Baselines3: its JSON holds pickles as base64, which loading unpickles."""
    version = next((e for e in entries if e.name == "_stable_baselines3_version"), None)
    said = read_member(blob, version, limits, 64).decode("utf-8", "replace").strip() if version else ""
    yield Header(format=family.format, metadata=_said([("version", said)]))
    told = _json(blob, entries, "data", limits)
    for key, value in told.items():
        text = value.get(":serialized:") if isinstance(value, dict) else None
        if not isinstance(text, str):
            continue
        name = f"data[{shown(key, 60)}]"
        try:
            yield Member(name, BytesBlob(f"{blob.path}!/{name}", base64.b64decode(text)))
        except (binascii.Error, ValueError):
            yield Hole(kind=HoleKind.BROKEN, reason="its base64 cannot be decoded", member=name)


def _json(blob: Blob, entries: Sequence[Entry], name: str, limits: Limits) -> Mapping[str, Any]:
    """An object that a member holds; empty if it is none or cannot be read."""
    entry = next((e for e in entries if e.name.casefold() == name), None)
    data = read_member(blob, entry, limits, SETTINGS) if entry else b""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _said(pairs: Any) -> tuple[tuple[str, str], ...]:
    return tuple((k, shown(str(v), 200)) for k, v in pairs if isinstance(v, str | int) and v != "")


_READERS = {
    "torch-zip": _torch, "torch-export": _torch, "npz": _npz, "keras-v3": _keras, "skops": _skops,
    "torchserve": _archived, "stable-baselines3": _baselines,
}  # fmt: skip
