"""The card against the rest: licence, base model, purpose, and names that imitate others."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.scan.config.json_text import read_json
from assaymark.scan.folder.entry import Finding, Folder, note
from assaymark.scan.folder.names import table
from assaymark.scan.yaml_reader import read_yaml

__all__ = ["front_matter", "imitated", "judge_card"]

MAX_CARD = 1 << 18
MAX_CONFIG = 1 << 20
_CARDS = ("README.md", "readme.md", "MODEL_CARD.md", "modelcard.md")
_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "license.txt", "LICENSE.pdf")
_REPOSITORY = re.compile(r"[\w.\-]+/[\w.\-]+\Z")
_LOOKALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "_": "-", "3": "e"})


def front_matter(text: str) -> dict[str, Any]:
    """The YAML between the first two lines of dashes of a card."""
    if not text.startswith("---"):
        return {}
    head, found, _ = text[3:].partition("\n---")
    documents = read_yaml(head).documents if found else ()
    value = documents[0].value if documents else None
    return value if isinstance(value, dict) else {}


def judge_card(folder: Folder) -> Iterator[Finding]:
    """What the card, the configuration and the licence file say of the same things."""
    name = next((c for c in _CARDS if c in folder.files), "")
    card = front_matter(folder.text(name, MAX_CARD) or "") if name else {}
    config, adapter = _json(folder, "config.json"), _json(folder, "adapter_config.json")
    if card:
        path = folder.files[name].path
        yield from ((path, h) for h in _licence(folder, card))
        yield from ((path, h) for h in _purpose(card, config))
        yield from ((path, h) for h in _base(card, adapter))
    yield from _adapter(folder, adapter)
    yield from _imitations(folder, name, card, config, adapter)


def _json(folder: Folder, name: str) -> dict[str, Any]:
    text = folder.text(name, MAX_CONFIG) if name in folder.files else None
    value = read_json(text.encode()).value if text else None
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[str]:
    """A value that may be one or several names."""
    return [str(v) for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]


def _licence(folder: Folder, card: dict[str, Any]) -> Iterator[Any]:
    said = {s.lower() for s in _listed(card.get("license"))}
    name = next((n for n in _LICENCES if n in folder.files), "")
    text = (folder.text(name, 1 << 16) or "") if name else ""
    for known in table()["licences"]:
        fits = known["words"].lower() in text.lower() and not (
            known["not"] and known["not"].lower() in text[:2000].lower()
        )
        if fits:
            if said and not said & set(known["identifiers"]):
                shown = ", ".join(sorted(said))[:80]
                held = known["identifiers"][0]
                message = f"The card says the licence is {shown}, and {name} holds the text of {held}."
                yield note("folder-card-licence", message, shown)
            return


def _purpose(card: dict[str, Any], config: dict[str, Any]) -> Iterator[Any]:
    tag = card.get("pipeline_tag")
    for architecture in _listed(config.get("architectures")):
        for ending, tags in table()["architectures"].items():
            if architecture.endswith(ending) and isinstance(tag, str) and tag not in tags:
                message = f"The card says {tag[:60]}, the configuration says {architecture[:80]}."
                yield note("folder-card-purpose", message, tag)
    kind, known = config.get("model_type"), set(table()["model_types"])
    tags = {t for t in _listed(card.get("tags")) if t in known}
    if isinstance(kind, str) and kind in known and tags and kind not in tags:
        shown = ", ".join(sorted(tags))[:80]
        message = f"The card is tagged {shown}, the configuration says model_type {kind[:60]}."
        yield note("folder-card-purpose", message, kind)


def _base(card: dict[str, Any], adapter: dict[str, Any]) -> Iterator[Any]:
    said, used = _listed(card.get("base_model")), adapter.get("base_model_name_or_path")
    if said and isinstance(used, str) and _REPOSITORY.match(used) and used not in said:
        message = f"The card names the base model {said[0][:80]}, the adapter loads {used[:80]}."
        yield note("folder-card-base", message, used)


def _adapter(folder: Folder, adapter: dict[str, Any]) -> Iterator[Finding]:
    if adapter and "peft_type" in adapter and not adapter.get("base_model_name_or_path"):
        message = "The adapter does not say which base model it belongs to."
        yield folder.files["adapter_config.json"].path, note("folder-adapter-base", message, "adapter")


def _imitations(
    folder: Folder, name: str, card: dict[str, Any], config: dict[str, Any], adapter: dict[str, Any]
) -> Iterator[Finding]:
    """Repositories of organisations that are called almost like a well-known one."""
    told = [(name, b) for b in _listed(card.get("base_model"))]
    told += [("adapter_config.json", b) for b in _listed(adapter.get("base_model_name_or_path"))]
    mapped = config.get("auto_map")
    for value in mapped.values() if isinstance(mapped, dict) else ():
        told += [("config.json", v.partition("--")[0]) for v in _listed(value) if "--" in v]
    for file, repository in told:
        owner = repository.partition("/")[0] if _REPOSITORY.match(repository) else ""
        known = imitated(owner)
        if known:
            message = f"{repository[:100]} belongs to {owner[:60]}, which is almost the well-known {known}."
            yield folder.files[file].path, note("folder-imitated-name", message, repository)


def imitated(owner: str) -> str:
    """The well-known organisation that a name imitates without being it, or nothing."""
    known = table()["organisations"]
    if len(owner) < 5 or len(owner) > 60 or owner.lower() in {k.lower() for k in known}:
        return ""
    folded = owner.lower().translate(_LOOKALIKE)
    for name in known:
        plain = name.lower().translate(_LOOKALIKE)
        if folded == plain or (len(name) >= 6 and _one_apart(folded, plain)):
            return str(name)
    return ""


def _one_apart(a: str, b: str) -> bool:
    """Whether one letter added, dropped, changed, or two swapped turn `a` into `b`."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        swapped = rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:]
        return rest_a[1:] == rest_b[1:] or swapped
    longer, shorter = (rest_a, rest_b) if len(a) > len(b) else (rest_b, rest_a)
    return longer[1:] == shorter
