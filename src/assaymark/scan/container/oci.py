"""OCI image layouts and saved images: blobs named by their digest, manifests that say what they are."""

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from assaymark.inspection import Hazard, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container.blobs import digest
from assaymark.scan.container.member_names import shown

__all__ = ["check_digest", "is_layer", "manifest_facts", "stated_digest"]

_NAMED = re.compile(r"(?:^|/)blobs/sha256/([0-9a-f]{64})$")
_SYSTEM = frozenset(("etc", "usr", "bin", "var", "lib", "opt"))
_SHOWN = 40
"""Facts of one manifest that are kept."""


def stated_digest(name: str) -> str:
    """The SHA-256 that a blob's name in a layout states; empty for any other name."""
    match = _NAMED.search(name)
    return match[1] if match else ""


def check_digest(name: str, blob: Blob) -> Iterator[Hazard]:
    """Whether a blob is what its name says."""
    stated = stated_digest(name)
    if stated and digest(blob) != stated:
        message = (
            f"The blob's SHA-256 is not the one in its name, {stated[:16]}…: it was changed or is damaged."
        )
        yield Hazard(rule="oci-digest", level=Level.DANGEROUS, message=message, subject=stated, member=name)


def is_layer(tops: AbstractSet[str]) -> bool:
    """Whether these top folders are those of a root file system, in which absolute links are usual."""
    return len(tops & _SYSTEM) >= 2


def manifest_facts(data: bytes) -> Iterator[tuple[str, str]]:
    """What an index, manifest or configuration says: media types, artifact type, annotations, model facts."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(told, dict):
        yield from list(_facts(told))[:_SHOWN]


def _facts(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("mediaType", "artifactType"):
        if isinstance(told.get(key), str):
            yield key, shown(told[key], 200)
    config = told.get("config")
    if isinstance(config, dict) and isinstance(config.get("mediaType"), str):
        yield "config", shown(config["mediaType"], 200)
    for layer in [*_listed(told.get("layers")), *_listed(told.get("manifests"))]:
        if isinstance(layer.get("mediaType"), str):
            yield "layer", shown(layer["mediaType"], 200)
        yield from _annotations(layer)
    yield from _annotations(told)
    if isinstance(config, dict) and "modelfs" in told:
        yield from ((k, shown(str(v), 200)) for k, v in config.items() if isinstance(v, str | int))
    descriptor = told.get("descriptor")
    if isinstance(descriptor, dict):
        yield from ((k, shown(v, 200)) for k, v in descriptor.items() if isinstance(v, str))


def _annotations(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found = told.get("annotations")
    if isinstance(found, dict):
        yield from ((shown(k, 100), shown(v, 200)) for k, v in found.items() if isinstance(v, str))


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [v for v in value[:200] if isinstance(v, dict)] if isinstance(value, list) else []
