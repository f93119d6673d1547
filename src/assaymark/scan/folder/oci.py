"""OCI image layouts (OCI Image Format Specification 1.1): which blob is what, and whether all are there.

A blob's name is the digest of its content, so its manifest alone says what it is called. Layers themselves
are archives or model files and are inspected like any file.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from assaymark.inspection import Hazard, Hole, HoleKind, Level

__all__ = ["Layer", "inspect_layout", "is_layout"]

MARK = "oci-layout"
MAX_DOCUMENTS = 2_000
MAX_JSON = 4 << 20
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class Layer(Struct, frozen=True):
    """A blob that a manifest lists."""

    path: str
    """Where the layout keeps it: `blobs/sha256/<digest>`."""
    digest: str
    """Hexadecimal SHA-256 that its content must have."""
    size: int
    media_type: str
    title: str
    """Its file name (`org.opencontainers.image.title`), if the manifest gives one."""


def is_layout(paths: Iterable[str]) -> bool:
    """Whether the files are those of an image layout."""
    known = set(paths)
    return MARK in known and "index.json" in known


def inspect_layout(
    read: Callable[[str], bytes | None], sizes: dict[str, int]
) -> Iterator[Layer | tuple[str, Hazard | Hole]]:
    """Every layer that the layout's manifests list, and what is wrong with the layout, by path.

    Args:
        read: content of a file by its path; None if it is not there or too long.
        sizes: bytes of every file, by path.
    """
    pending = ["index.json"]
    seen: set[str] = set()
    while pending:
        path = pending.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if len(seen) > MAX_DOCUMENTS:
            reason = f"the layout has more than {MAX_DOCUMENTS:,} manifests"
            yield "index.json", Hole(kind=HoleKind.BOUND, reason=reason)
            return
        document = _parsed(read(path))
        if document is None:
            yield path, Hole(kind=HoleKind.BROKEN, reason="it is no manifest that can be read")
            continue
        for entry in _list(document, "manifests"):
            layer = _layer(entry)
            if layer is not None:
                yield from _missing(layer, sizes, path)
                pending += [layer.path] if layer.path in sizes else []
        for entry in [document.get("config"), *_list(document, "layers")]:
            layer = _layer(entry)
            if layer is not None:
                yield layer
                yield from _missing(layer, sizes, path)


def _missing(layer: Layer, sizes: dict[str, int], path: str) -> Iterator[tuple[str, Hazard | Hole]]:
    if layer.path not in sizes:
        reason = f"the layout lacks {layer.path[:90]}, which it lists"
        yield path, Hole(kind=HoleKind.UNREADABLE, reason=reason, size=max(0, layer.size))
    elif sizes[layer.path] != layer.size:
        message = f"It has {sizes[layer.path]:,} bytes, and its manifest says {layer.size:,}."
        yield layer.path, Hazard(rule="oci-content-differs", level=Level.DANGEROUS, message=message)


def _layer(entry: Any) -> Layer | None:
    if not isinstance(entry, dict):
        return None
    found = _DIGEST.fullmatch(str(entry.get("digest", "")))
    size = entry.get("size")
    if found is None or not isinstance(size, int):
        return None
    notes = entry.get("annotations")
    title = notes.get("org.opencontainers.image.title", "") if isinstance(notes, dict) else ""
    return Layer(
        path=f"blobs/sha256/{found[1]}",
        digest=found[1],
        size=size,
        media_type=str(entry.get("mediaType", ""))[:120],
        title=str(title)[:200],
    )


def _list(document: dict[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    return value[:MAX_DOCUMENTS] if isinstance(value, list) else []


def _parsed(content: bytes | None) -> dict[str, Any] | None:
    if content is None or len(content) > MAX_JSON:
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
