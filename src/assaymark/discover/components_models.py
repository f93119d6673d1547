"""Models: weights in the tree, models named at a hub or behind a service, and what cards say of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import msgspec

from assaymark.asset import Asset, AssetKind
from assaymark.bom import Component, ComponentKind, Hash, Licence, LinkKind, ModelCard, Stated
from assaymark.discover.bom_cards import Card, words
from assaymark.discover.bom_licences import licence_of
from assaymark.discover.bom_material import Material, Part, as_properties, plain, with_owner
from assaymark.discover.bom_purl import huggingface_purl
from assaymark.inspection import Level
from assaymark.observation import Location
from assaymark.scan.facts import Document, HubReference, InspectedFile, LlmCall, ModelFile

__all__ = ["models"]

_SHARD = re.compile(r"(.{1,900})-\d{5}-of-(\d{5})(\.\w{1,20})\Z")
_FAMILIES = {
    **dict.fromkeys(("xgboost-json", "xgboost-ubj", "lightgbm", "catboost"), "gradient-boosted trees"),
}
MAX_CARDED = 500
"""Models for which their card is quoted; for others it is linked, lest one long card swamp the bill."""
_SHOWN = 10
"""Names of hazards that are listed."""
_TELLING = 4
"""Letters that a file's name needs before a title that holds it can be about it."""
_KEPT = (
    "objective",
    "type",
    "context length",
    "quantisation version",
    "opset",
    "producer",
    "globals",
    "keras",
)
"""Header facts that are passed on as they stand."""


class _Shelf:
    """What is known of models, by the questions that each of them asks."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.files = {f.at.path: f for f in material.facts(ModelFile)}
        self.cards = material.cards(d.at.path for d in material.facts(Document) if d.kind == "model-card")
        hubs = reversed(material.facts(HubReference))
        self.hubs = {r.name: r for r in hubs if r.kind in ("model", "tokenizer")}
        self.groups: dict[str, list[Asset]] = defaultdict(list)
        for asset in material.assets(AssetKind.MODEL):
            if asset.sha256:
                self.groups[_group(asset.location)].append(asset)
        self.configs: dict[str, list[ModelFile]] = defaultdict(list)
        for fact in self.files.values():
            if fact.format.endswith("-config"):
                self.configs[_folder(fact.at.path)].append(fact)
        self.linking: dict[str, set[str]] = defaultdict(set)
        for edge in material.inventory.edges:
            self.linking[edge.target].add(edge.source.partition(":")[2])
        self.carded = 0
        self.inspected = {f.at.path: f for f in material.facts(InspectedFile)}
        self.providers = {f"model:{c.client}/{c.model}": c.client for c in material.facts(LlmCall)}

    def cards_of(self, group: str, members: list[Asset]) -> list[Card]:
        """Cards that speak of this model: beside or above it, linking to it, or naming it in the title."""
        above = [c for c in self.cards if group.startswith(_prefix(c.path))]
        nearest = max((len(_prefix(c.path)) for c in above), default=-1)
        linking = set().union(*(self.linking[a.id] for a in members))
        stem = plain(PurePosixPath(group).name.partition(".")[0].partition("-*-")[0])
        found = [
            c
            for c in self.cards
            if (len(_prefix(c.path)) == nearest and c in above)
            or c.path in linking
            or (len(stem) >= _TELLING and f"-{stem}-" in f"-{plain(c.title)}-")
        ]
        return found or (list(self.cards) if len(self.cards) == len(self.groups) == 1 else [])


def models(material: Material) -> Part:
    """Every model of the inventory as a component, with its base models and training data linked."""
    part = Part()
    shelf = _Shelf(material)
    for asset in material.assets(AssetKind.MODEL):
        if not asset.sha256:
            _named(asset, shelf, part)
    # What stands in the tree comes last, so that a base model that is loaded by name exists already.
    known = {c.ref: n for n, c in enumerate(part.components)}
    for group, members in shelf.groups.items():
        _stored(group, members, shelf, known, part)
    return part


def _group(path: str) -> str:
    """The path, with the numbers of a shard as stars: all shards are one model."""
    shard = _SHARD.match(path)
    return f"{shard[1]}-*-of-{shard[2]}{shard[3]}" if shard is not None else path


def _named(asset: Asset, shelf: _Shelf, part: Part) -> None:
    """A model known by name: at a hub, behind a service, or at a path outside the tree."""
    name = asset.name
    if (asset.note == "local path" or name.startswith(".")) and shelf.material.holds(name):
        inside = "" if name in (".", "./") else f"{name.removeprefix('./').strip('/')}/"
        part.refs[asset.id] = tuple(f"model:{g}" for g in shelf.groups if g.startswith(inside))
        return
    hub = shelf.hubs.get(name)
    purl = huggingface_purl(name, asset.version) if hub is not None and not hub.local else ""
    component = Component(
        ref=asset.id,
        kind=ComponentKind.MODEL,
        name=name,
        version=asset.version,
        purl=purl,
        supplier=name.partition("/")[0] if purl and "/" in name else shelf.providers.get(asset.id, ""),
        properties=as_properties(where=asset.note, pinned="no" if asset.pinned is False else ""),
        seen_at=asset.seen_at,
    )
    part.components.append(with_owner(component, shelf.material.declared(asset)))
    part.refs[asset.id] = (asset.id,)
    part.top.append(asset.id)


def _stored(group: str, members: list[Asset], shelf: _Shelf, known: dict[str, int], part: Part) -> None:
    """A model in the tree, and what its cards and headers link it to."""
    ref = f"model:{group}"
    facts = [shelf.files[a.location] for a in members if a.location in shelf.files]
    cards, beside = shelf.cards_of(group, members), shelf.configs[_folder(group)]
    shelf.carded += bool(cards)
    quoted = cards if shelf.carded <= MAX_CARDED else []
    declared = next((d for a in members if (d := shelf.material.declared(a)) is not None), None)
    part.components.append(
        with_owner(_weights(ref, members, facts, beside, quoted, shelf.inspected), declared)
    )
    known[ref] = len(part.components) - 1
    part.refs.update({a.id: (ref,) for a in members})
    part.top.append(ref)
    for path in sorted({c.path for c in cards} | {f.at.path for f in beside}):
        part.link(ref, LinkKind.DESCRIBED_BY, f"file:{path}")
    for stated in _bases(facts, beside, quoted):
        part.link(ref, LinkKind.DERIVED_FROM, _base(stated, known, part))
    for stated in (d for c in quoted for d in c.datasets):
        part.link(ref, LinkKind.TRAINED_ON, f"dataset:{stated.text}")


def _weights(
    ref: str,
    members: list[Asset],
    facts: list[ModelFile],
    beside: list[ModelFile],
    cards: list[Card],
    inspected: dict[str, InspectedFile],
) -> Component:
    pointers = [f for f in facts if f.format == "lfs-pointer"]
    return Component(
        ref=ref,
        kind=ComponentKind.MODEL,
        name=PurePosixPath(ref.partition(":")[2]).name,
        version=next((c.version for c in cards if c.version), ""),
        files=() if pointers else tuple(a.location for a in members),
        hashes=_hashes(members, pointers),
        licences=_licences(facts, cards),
        card=_card(facts, beside, cards),
        properties=_properties(facts, members, [inspected.get(a.location) for a in members]),
        seen_at=tuple(Location(a.location) for a in members[:20]),
    )


def _hashes(members: list[Asset], pointers: list[ModelFile]) -> tuple[Hash, ...]:
    """The digest of a model that is one file; of a git-lfs pointer what it says of the content elsewhere."""
    if len(members) != 1:
        return ()
    value = dict(pointers[0].metadata).get("oid", "") if pointers else members[0].sha256
    return (Hash("sha256", value),) if value else ()


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _licences(facts: list[ModelFile], cards: list[Card]) -> tuple[Licence, ...]:
    stated = [(s.text, s.at) for c in cards for s in c.licences]
    stated += [(v, f.at) for f in facts for k, v in f.metadata if k.lower() in ("licence", "license")]
    found: dict[tuple[str, str], Licence] = {}
    for text, at in stated:
        licence = licence_of(text, at)
        if licence is not None:
            found.setdefault((licence.expression, licence.name), licence)
    return tuple(found.values())


def _properties(
    facts: list[ModelFile], members: list[Asset], seen: list[InspectedFile | None]
) -> tuple[tuple[str, str], ...]:
    first = facts[0] if facts else None
    kept = {k.replace(" ", "_"): v for f in facts[:1] for k, v in f.metadata if k in _KEPT}
    runs = {f.runs_code for f in facts}
    return as_properties(
        format=first.format if first is not None else "",
        tensors=sum(f.tensors for f in facts),
        parameters=sum(f.parameters for f in facts),
        size=sum(a.size for a in members),
        shards=len(members) if len(members) > 1 else 0,
        scan=_scan([s for s in seen if s is not None]),
        loading_can_run_code="yes" if True in runs else "not known" if None in runs else "no",
        problem=next((f.problem for f in facts if f.problem), ""),
        **{k: v for k, v in kept.items() if k not in ("format", "type")},
    )


def _scan(seen: list[InspectedFile]) -> str:
    """What the scanner says of loading it: names that act, names on no list, and what it did not cover."""
    told = []
    for level in (Level.DANGEROUS, Level.UNKNOWN):
        names = dict.fromkeys(h.subject or h.rule for s in seen for h in s.hazards if h.level is level)
        shown = list(names)[:_SHOWN]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        told += [f"{level.value}: {', '.join(shown)}{more}"] if names else []
    holes = sum(len(s.holes) for s in seen)
    told += [f"not covered: {holes} of its parts"] if holes else []
    return "; ".join(told) or ("nothing dangerous or unknown" if seen else "")


def _bases(facts: list[ModelFile], beside: list[ModelFile], cards: list[Card]) -> list[Stated]:
    """Base models as cards, configuration and headers name them; what looks like a local path is none."""
    found = [s for c in cards for s in c.base_models]
    found += [Stated(v, f.at) for f in (*beside, *facts) for k, v in f.metadata if k == "base model"]
    good = [s for s in found if s.text and not s.text.startswith((".", "/", "~")) and "\\" not in s.text]
    return list({s.text: s for s in reversed(good)}.values())[::-1]


def _base(stated: Stated, known: dict[str, int], part: Part) -> str:
    """The component for a base model, made if there is none yet."""
    ref = f"model:{stated.text}"
    if ref in known:
        before = part.components[known[ref]]
        places = tuple(dict.fromkeys((*before.seen_at, stated.at)))[:20]
        part.components[known[ref]] = msgspec.structs.replace(before, seen_at=places)
        return ref
    purl = huggingface_purl(stated.text, "") if "/" in stated.text and " " not in stated.text else ""
    component = Component(
        ref=ref,
        kind=ComponentKind.MODEL,
        name=stated.text,
        purl=purl,
        supplier=stated.text.partition("/")[0] if purl else "",
        properties=as_properties(where="named as the base of another model"),
        seen_at=(stated.at,),
    )
    known[ref] = len(part.components)
    part.components.append(component)
    return ref


def _prefix(path: str) -> str:
    folder = _folder(path)
    return f"{folder}/" if folder else ""


def _card(facts: list[ModelFile], beside: list[ModelFile], cards: list[Card]) -> ModelCard:
    task = next((c.task for c in cards if c.task is not None), None)
    sections = {p: tuple(s for c in cards for s in c.sections.get(p, ())) for p in words()["sections"]}
    goes_in, comes_out = _in_and_out(task, beside, facts)
    return ModelCard(
        documents=tuple(Location(c.path) for c in cards),
        task=task,
        family=next(_families(facts, beside), None),
        architecture=_from(beside, "architecture"),
        inputs=goes_in,
        outputs=comes_out,
        metrics=tuple(m for c in cards for m in c.metrics),
        users=sections["users"],
        use_cases=sections["use_cases"],
        limitations=sections["limitations"],
        ethics=sections["ethics"],
        prohibited=sections["prohibited"],
        training=sections["training"],
        evaluation=sections["evaluation"],
    )


def _from(facts: Iterable[ModelFile], key: str) -> Stated | None:
    return next((Stated(v, f.at) for f in facts for k, v in f.metadata if k == key and v), None)


def _families(facts: list[ModelFile], beside: list[ModelFile]) -> Iterator[Stated]:
    for stated in (_from(beside, "type"), _from([f for f in facts if f.format == "gguf"], "architecture")):
        if stated is not None:
            yield stated
    yield from (Stated(_FAMILIES[f.format], f.at) for f in facts if f.format in _FAMILIES)


def _in_and_out(
    task: Stated | None, beside: list[ModelFile], facts: list[ModelFile]
) -> tuple[tuple[Stated, ...], tuple[Stated, ...]]:
    """What the stated task takes and gives; else the modalities that configuration and header show."""
    known = words()["tasks"].get(task.text.lower()) if task is not None else None
    if task is not None and known is not None:
        return tuple(Stated(w, task.at) for w in known[0]), tuple(Stated(w, task.at) for w in known[1])
    shown = {m: f.at for f in (*facts, *beside) for m in f.modalities if m != "tools"}
    return tuple(Stated(m, at) for m, at in sorted(shown.items())), ()
