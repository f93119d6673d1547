"""Configuration files of the Hugging Face layout: what model lies beside them, and what it rests on."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.artefact.json_text import parse_json
from assaymark.scan.artefact.names import base
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, HubReference, ModelFile, ScanProblem

__all__ = ["accepts_hub_config", "scan_hub_config"]

MAX_BYTES = 1 << 20
_NAMES = frozenset({"config.json", "adapter_config.json", "generation_config.json", "tokenizer_config.json"})
_MARKS = (
    b'"architectures"', b'"model_type"', b'"peft_type"', b'"auto_map"', b'"tokenizer_class"',
    b'"transformers_version"', b'"base_model_name_or_path"',
)  # fmt: skip
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_PARTS = {"vision_config": "image", "audio_config": "audio", "video_config": "video", "text_config": "text"}


def accepts_hub_config(path: str, head: bytes) -> bool:
    """Whether it is one of the layout's four files and says so."""
    return base(path) in _NAMES and any(mark in head for mark in _MARKS)


def scan_hub_config(blob: Blob) -> Iterator[Fact]:
    """Architecture, modalities, remote code and base model."""
    config = parse_json(blob.read(0, MAX_BYTES)) if blob.size <= MAX_BYTES else None
    if not isinstance(config, dict):
        reason = f"it is not a JSON object, or longer than the bound of {MAX_BYTES:,} bytes"
        yield ScanProblem(at=Location(blob.path), scanner="hub-config", reason=reason)
        return
    remote = _remote_code(config)
    yield ModelFile(
        at=Location(blob.path), format="hf-config", sha256=blob.sha256, size=blob.size,
        runs_code=bool(remote), metadata=_metadata(config), modalities=_modalities(config),
    )  # fmt: skip
    yield from _references(blob.path, config, remote)


def _remote_code(config: dict[str, Any]) -> tuple[str, ...]:
    found = config.get("auto_map")
    values = list(found.values()) if isinstance(found, dict) else []
    flat = [v for one in values for v in (one if isinstance(one, list) else [one])]
    return tuple(dict.fromkeys(v for v in flat if isinstance(v, str)))


def _metadata(config: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    architectures = config.get("architectures")
    found = {
        "architecture": ", ".join(map(str, architectures)) if isinstance(architectures, list) else "",
        "type": config.get("model_type") or config.get("peft_type"),
        "base model": config.get("base_model_name_or_path") or config.get("_name_or_path"),
        "remote code": ", ".join(_remote_code(config)),
        "chat template": "present" if config.get("chat_template") else "",
        "transformers": config.get("transformers_version"),
    }
    return tuple(sorted((k, str(v)[:120]) for k, v in found.items() if v))


def _modalities(config: dict[str, Any]) -> tuple[str, ...]:
    found = {word for key, word in _PARTS.items() if isinstance(config.get(key), dict)}
    if config.get("vocab_size"):
        found.add("text")
    if "tools" in str(config.get("chat_template", ""))[:200_000]:
        found.add("tools")
    return tuple(sorted(found))


def _references(path: str, config: dict[str, Any], remote: tuple[str, ...]) -> Iterator[Fact]:
    name = config.get("base_model_name_or_path")
    if isinstance(name, str) and name:
        revision = str(config.get("revision") or "")
        yield HubReference(
            at=Location(path), kind="model", name=name[:200], loader=f"{base(path)}:base_model_name_or_path",
            revision=revision[:80], pinned=_COMMIT.match(revision) is not None,
            local=name.startswith(("/", "./", "../")),
        )  # fmt: skip
    for repository in sorted({r.partition("--")[0] for r in remote if "--" in r}):
        yield HubReference(
            at=Location(path), kind="code", name=repository[:200], loader=f"{base(path)}:auto_map",
            pinned=False, remote_code=True,
        )  # fmt: skip
