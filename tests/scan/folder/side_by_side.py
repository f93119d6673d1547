"""Folders in memory, judged as the scan judges them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from msgspec import structs

from assaymark.inspection import Hazard, Hole, Inspection
from assaymark.scan.blob import BytesBlob
from assaymark.scan.folder import FolderEntry, inspect_folder
from assaymark.scan.inspect import inspect_blob

__all__ = ["CONFIG", "WEIGHTS", "findings", "rules", "safetensors"]


def safetensors(**shapes: int) -> bytes:
    """A file with tensors of so many 32-bit numbers, all zero."""
    header, offset = {}, 0
    for name, count in shapes.items():
        header[name.replace("__", ".")] = {
            "dtype": "F32",
            "shape": [count],
            "data_offsets": [offset, offset + 4 * count],
        }
        offset += 4 * count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + bytes(offset)


WEIGHTS = safetensors(w=4)
CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def _inspected(path: str, content: bytes) -> Inspection | None:
    found = inspect_blob(BytesBlob(path, content))
    return found and structs.replace(found, sha256=hashlib.sha256(content).hexdigest())


def findings(
    files: Mapping[str, Any], links: Mapping[str, str] | None = None
) -> list[tuple[str, Hazard | Hole]]:
    """What the rules of folders say of files; values that are no text are written as JSON."""
    held = {path: _bytes(content) for path, content in files.items()}
    entries = [FolderEntry(path, len(content), _inspected(path, content)) for path, content in held.items()]
    return list(inspect_folder(entries, lambda p: BytesBlob(p, held[p]) if p in held else None, links))


def rules(files: Mapping[str, Any], links: Mapping[str, str] | None = None) -> set[tuple[str, str, str]]:
    """Path, rule and level of every finding; a hole's rule is `hole`."""
    found = findings(files, links)
    return {
        (p, h.rule, str(h.level)) if isinstance(h, Hazard) else (p, "hole", str(h.kind)) for p, h in found
    }
