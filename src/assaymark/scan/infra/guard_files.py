"""Files that configure the Assaymark guard: recognised here, read where they are judged."""

import re
from collections.abc import Iterator

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, GuardFile
from assaymark.scan.infra._text import base_name, problem, read_text

__all__ = ["accepts_guard_file", "scan_guard_file"]

_LIMIT = 262_144
_KEYS = re.compile(
    r"(?m)^(approvals|calibration|channels|egress|exceptions|flow|limits|mcp|prices|quotas|stream|tools):"
)
_MODE = re.compile(r"(?m)^mode:[ \t]*(?:enforce|shadow)\b")
_FORMAT = '"assaymark-guard-calibration"'
_ENOUGH = 2


def accepts_guard_file(path: str, head: bytes) -> bool:
    """YAML with at least two of the policy's own headings, or a calibration by its format's name."""
    return bool(_kind(path, head.decode("utf-8", "replace")))


def scan_guard_file(blob: Blob) -> Iterator[Fact]:
    """The file as one fact."""
    text = read_text(blob, _LIMIT)
    kind = _kind(blob.path, text)
    if blob.size > _LIMIT:
        yield problem(blob, "guard", f"longer than {_LIMIT:,} bytes")
    elif kind == "calibration":
        yield GuardFile(at=Location(blob.path), kind="calibration", sha256=blob.sha256, text=text)
    elif kind:
        yield GuardFile(at=Location(blob.path), kind="policy", sha256=blob.sha256, text=text)


def _kind(path: str, text: str) -> str:
    name = base_name(path)
    if name.endswith(".json"):
        return "calibration" if _FORMAT in text else ""
    if not name.endswith((".yaml", ".yml")):
        return ""
    text = text.replace("\r\n", "\n")
    found = len({m[1] for m in _KEYS.finditer(text)}) + bool(_MODE.search(text))
    return "policy" if found >= (1 if "guard" in name else _ENOUGH) else ""
