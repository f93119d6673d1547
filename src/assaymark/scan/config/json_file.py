"""JSON → the kind of model configuration it is, if it is one, and that kind's judge."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.config.boosting import boosting_header, is_boosting, is_large_boosting
from assaymark.scan.config.hazards import hazard, plain
from assaymark.scan.config.hub import hub_format, hub_header, judge_hub
from assaymark.scan.config.hydra import has_target, judge_targets
from assaymark.scan.config.json_text import MAX_JSON, JsonText, TooManyValues, json_end, nodes, read_json
from assaymark.scan.config.keras import is_keras, judge_keras
from assaymark.scan.config.names import table
from assaymark.scan.config.skops import is_skops, judge_skops
from assaymark.scan.part import Covered, Inspector, Limits, Look, Member, Part

__all__ = ["INSPECTOR"]

_LOOKED = 20_000
"""Objects looked at to tell whether a JSON is Keras'."""


def _claims(look: Look) -> bool:
    """Any JSON text; most turn out to be nobody's, and then nothing is said of them."""
    start = look.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:2]
    if not start and look.name.endswith(".json"):
        return look.blob.size > len(look.head)
    if start[:1] in (b"{", b"["):
        return look.blob.size <= MAX_JSON or _named(look.name) or is_large_boosting(look.head)
    return start in (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{") and look.name.endswith(".json")


def _named(name: str) -> bool:
    """Whether a loader of models opens a file of this name."""
    return name in table("hub")["files"] or name == "tokenizer.json" or name.endswith(".index.json")


def _ours(data: bytes) -> bool:
    return any(f'"{mark}"'.encode() in data for mark in table("hub")["marks"])


def _name_of(blob: Blob) -> str:
    """Last component of the path, in lower case."""
    return blob.path.replace("!/", "/").rpartition("/")[2].lower()


def _inspect(blob: Blob, limits: Limits) -> Iterable[Part]:
    name = _name_of(blob)
    head = blob.read(0, 4096)
    if name == "tokenizer.json" and b'"model"' in head + blob.read(max(blob.size - 4096, 0), 4096) + head:
        yield from _data("hf-tokenizer-data", blob)
        return
    if blob.size > MAX_JSON:
        yield from _large(blob, head)
        return
    data = blob.read(0, MAX_JSON)
    read = read_json(data)
    if read.problem:
        yield from _unread(name, data, read)
        return
    parts = list(_guarded(name, blob.path, read.value))
    if read.repeated:
        other = _guarded(name, blob.path, read.first)
        parts += [p for p in other if p not in parts and (not parts or not isinstance(p, Header))]
    if parts:
        yield from parts
        yield from _repeated(read)
        yield Covered(len(data), 0)


def _data(kind: str, blob: Blob) -> Iterator[Part]:
    yield Header(format=kind)
    yield Covered(0, blob.size)


def _large(blob: Blob, head: bytes) -> Iterator[Part]:
    """Trees are data however many there are; of the rest too little was read."""
    if is_large_boosting(head):
        yield from _data("xgboost-json", blob)
    elif _named(_name_of(blob)) or _ours(head):
        yield Header(format="json-config")
        yield Hole(kind=HoleKind.BOUND, reason=f"JSON of more than {MAX_JSON:,} bytes", size=blob.size)


def _unread(name: str, data: bytes, read: JsonText) -> Iterator[Part]:
    """A broken text counts only where a loader of models would look at it."""
    if _named(name) or _ours(data):
        yield Header(format="json-config")
        yield Hole(kind=read.kind, reason=read.problem, size=len(data))
    end = json_end(data)
    if 0 < end < len(data) and not data[end:].lstrip()[:1].isascii():
        tail = data[end:].lstrip()
        yield Member("(after the end)", BytesBlob("after the end", tail))


def _guarded(name: str, path: str, value: Any) -> Iterator[Part]:
    try:
        yield from _judged(name, path, value)
    except TooManyValues as bound:
        yield Header(format="json-config")
        yield Hole(kind=HoleKind.BOUND, reason=f"JSON: {bound}")


def _judged(name: str, path: str, value: Any) -> Iterator[Part]:
    if is_skops(value):
        yield Header(format="skops-schema", metadata=_skops_facts(value))
        yield from judge_skops(value)
        return
    boosting = is_boosting(value)
    if boosting:
        yield boosting_header(boosting, value)
        return
    if _is_keras(name, path, value):
        yield Header(format="keras-json", metadata=_keras_facts(value))
        yield from judge_keras(value)
        return
    if isinstance(value, dict) and set(value) >= {"keras_version", "date_saved"} and name == "metadata.json":
        yield Header(format="keras-json", metadata=(("keras", plain(str(value["keras_version"]), 40)),))
        return
    yield from _hub(name, value)


def _hub(name: str, value: Any) -> Iterator[Part]:
    kind, targets = hub_format(name, value), has_target(value)
    if kind:
        yield hub_header(kind, value)
        yield from judge_hub(kind, name, value)
    elif targets:
        yield Header(format="hydra-config")
    if kind or targets:
        yield from judge_targets(value)


def _is_keras(name: str, path: str, value: Any) -> bool:
    if is_keras(value):
        return True
    inside = ".keras!/" in path.lower()
    if not isinstance(value, dict) or (not inside and "class_name" not in value):
        found = islice(nodes(value), _LOOKED) if isinstance(value, dict | list) else ()
        return any(_serialised(n.value) for n in found)
    return inside and name == "config.json"


def _serialised(value: dict[str, Any]) -> bool:
    """An object as Keras writes it; `deserialize_keras_object` finds these at any depth."""
    name = value.get("class_name")
    return isinstance(name, str) and "config" in value and ("module" in value or name == "__lambda__")


def _keras_facts(value: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    keys = ("class_name", "keras_version", "backend", "registered_name")
    return tuple((k, plain(str(value[k]), 80)) for k in keys if isinstance(value.get(k), str))


def _skops_facts(value: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    facts = [("class", plain(f"{value['__module__']}.{value['__class__']}", 120))]
    facts += [("skops", plain(str(value["_skops_version"]), 40))] if "_skops_version" in value else []
    return tuple(facts)


def _repeated(read: JsonText) -> Iterator[Hazard]:
    if read.repeated:
        names = ", ".join(read.repeated[:5])
        message = f"The same key stands twice in one object ({names[:200]}): readers differ on which counts."
        yield hazard("config-duplicate-key", Level.NOTE, names, message)


INSPECTOR = Inspector(format="json-config", claims=_claims, inspect=_inspect)
"""Configurations, schemas and models in JSON."""
