"""Weights in several files: what the index says against what lies there."""

import json
from collections.abc import Iterator
from typing import Any

from assaymark.inspection import Hole, HoleKind, Level
from assaymark.scan.config.hazards import plain
from assaymark.scan.config.json_text import read_json
from assaymark.scan.folder.entry import Finding, Folder, FolderEntry, note

__all__ = ["judge_formats", "judge_shards", "safetensors_header"]

MAX_HEADER = 32 << 20
_PATTERN = "-of-"
_INDEX = ".index.json"


def judge_shards(folder: Folder) -> Iterator[Finding]:
    """Every index directly in the folder."""
    for entry in list(folder.here()):
        if not entry.name.endswith(_INDEX) or entry.format != "hf-index":
            continue
        blob = folder.read(entry.path)
        read = read_json(blob.read(0, 1 << 25)) if blob is not None else None
        if (
            read is None
            or not isinstance(read.value, dict)
            or not isinstance(read.value.get("weight_map"), dict)
        ):
            reason = "the index of shards cannot be read again"
            yield entry.path, Hole(kind=HoleKind.UNREADABLE, reason=reason)
            continue
        yield from _index(folder, entry, read.value)


def _index(folder: Folder, index: FolderEntry, told: dict[str, Any]) -> Iterator[Finding]:
    weights = {str(t): str(s) for t, s in told["weight_map"].items()}
    shards = set(weights.values())
    missing = sorted(s for s in shards if s not in folder.files and ".." not in s and not s.startswith("/"))
    for shard in missing[:20]:
        reason = f"the shard {plain(shard, 150)}, which this index names, is not in the folder"
        yield index.path, Hole(kind=HoleKind.UNREADABLE, reason=reason)
    ending = index.name.removesuffix(_INDEX).rpartition(".")[2]
    for entry in folder.here():
        if _PATTERN in entry.name and entry.name.endswith(f".{ending}") and entry.name not in shards:
            message = f"It looks like a shard, and the index {index.name} does not mention it."
            yield entry.path, note("folder-shard-unmentioned", message, entry.name, Level.UNKNOWN)
    if ending == "safetensors" and not missing:
        yield from _contents(folder, index, told, weights)


def _contents(
    folder: Folder, index: FolderEntry, told: dict[str, Any], weights: dict[str, str]
) -> Iterator[Finding]:
    """Tensors and sizes in the shards' headers against the index."""
    total, strayed, hidden = 0, [], []
    for shard in sorted(set(weights.values())):
        header = safetensors_header(folder, shard)
        if header is None:
            return
        wanted = {t for t, s in weights.items() if s == shard}
        strayed += sorted(wanted - header.keys())
        hidden += sorted(header.keys() - weights.keys())
        total += sum(header.values())
    for names, where in ((strayed, "named by the index and not in its shards"), (hidden, "not in the index")):
        if names:
            shown = ", ".join(names[:3])[:200]
            message = f"{len(names):,} tensors are {where}: {shown}."
            yield index.path, note("folder-index-wrong", message, names[0])
    metadata = told.get("metadata")
    said = metadata.get("total_size") if isinstance(metadata, dict) else None
    if isinstance(said, int | float) and int(said) != total:
        message = f"The index says {int(said):,} bytes of tensors, the shards hold {total:,}."
        yield index.path, note("folder-index-size", message, "total_size")


def safetensors_header(folder: Folder, name: str) -> dict[str, int] | None:
    """Tensor → bytes, as the header of a safetensors file says; None if it cannot be read."""
    entry = folder.files.get(name)
    blob = folder.read(entry.path) if entry is not None else None
    length = int.from_bytes(blob.read(0, 8), "little") if blob is not None else 0
    if blob is None or not 2 <= length <= MAX_HEADER:
        return None
    try:
        value = json.loads(blob.read(8, length))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    sizes = {}
    for tensor, told in value.items():
        offsets = told.get("data_offsets") if isinstance(told, dict) else None
        if isinstance(offsets, list) and len(offsets) == 2 and all(isinstance(o, int) for o in offsets):
            sizes[str(tensor)] = offsets[1] - offsets[0]
    return sizes


def judge_formats(folder: Folder) -> Iterator[Finding]:
    """A pickle beside safetensors: the loader chooses, and only one of them is safe."""
    safe = {_stem(e.name): e for e in folder.here() if e.format == "safetensors"}
    for entry in folder.here() if safe else ():
        twin = safe.get(_stem(entry.name))
        if entry.pickled and twin is not None:
            message = f"A loader may take this pickle instead of {twin.name} beside it."
            yield entry.path, note("folder-two-formats", message, entry.name)


def _stem(name: str) -> str:
    """What two formats of one model share: `pytorch_model-00001-of-00002.bin` and `model.safetensors`."""
    return (
        name.partition(".")[0].partition("-0")[0].removeprefix("pytorch_").replace("diffusion_pytorch_", "")
    )
