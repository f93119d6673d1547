"""Data sets and prompts: where they come from, who answers for them, what is sensitive in them."""

from collections.abc import Iterable

import msgspec

from assaymark.asset import Asset, AssetKind
from assaymark.bom import Component, ComponentKind, DataSheet, Hash, Licence
from assaymark.discover.bom_licences import licence_of
from assaymark.discover.bom_material import Material, Part, as_properties, plain, with_owner
from assaymark.scan.facts import DataFile, Document, HubReference, PromptText, ProvenanceRecord
from assaymark.scan.words import public_url
from assaymark.system.system import DeclaredAsset

__all__ = ["data_sets", "missing_data_set", "prompts"]

MAX_COLUMNS = 200
_HUB = "https://huggingface.co/datasets/"


def data_sets(material: Material) -> Part:
    """Every data set of the inventory as a component."""
    part = Part()
    files = {f.at.path: f for f in material.facts(DataFile)}
    records = material.facts(ProvenanceRecord)
    titles = {d.at.path: plain(d.title) for d in material.facts(Document)}
    for asset in material.assets(AssetKind.DATASET):
        declared = material.declared(asset)
        fits = [r for r in records if _speaks_of(r, asset, declared, titles)]
        component = _data_set(asset, files.get(asset.location), fits, declared, material)
        part.components.append(with_owner(component, declared))
        part.refs[asset.id] = (asset.id,)
        part.top.append(asset.id)
    return part


def _data_set(
    asset: Asset,
    file: DataFile | None,
    records: list[ProvenanceRecord],
    declared: DeclaredAsset | None,
    material: Material,
) -> Component:
    hub = asset.name if not asset.sha256 and _from_hub(asset, material) else ""
    return Component(
        ref=asset.id,
        kind=ComponentKind.DATA,
        name=asset.name,
        version=asset.version,
        files=(asset.location,) if asset.sha256 and asset.location in material.files else (),
        hashes=(Hash("sha256", asset.sha256),) if asset.sha256 else (),
        licences=_licences(records),
        url=f"{_HUB}{hub}" if hub else "",
        supplier=hub.partition("/")[0] if "/" in hub else "",
        data=_sheet(file, records, declared, material.system.custodians),
        properties=as_properties(
            where="" if asset.sha256 else asset.note,
            pinned="no" if asset.pinned is False else "",
            size=asset.size,
            problem=file.problem if file is not None else "",
            instruction_like_records=file.instruction_like if file is not None else 0,
            hidden_characters=file.hidden_characters if file is not None else 0,
        ),
        seen_at=asset.seen_at,
    )


def _from_hub(asset: Asset, material: Material) -> bool:
    found = (r for r in material.facts(HubReference) if r.kind == "dataset" and r.name == asset.name)
    return asset.name.count("/") == 1 and any(not r.local and "load_dataset" in r.loader for r in found)


def _sheet(
    file: DataFile | None,
    records: list[ProvenanceRecord],
    declared: DeclaredAsset | None,
    custodians: tuple[str, ...],
) -> DataSheet:
    sheet = DataSheet(
        use=next((r.use for r in records if r.use), "") or (file.role if file is not None else ""),
        source=public_url(next((r.source for r in records), "")),
        obtained=next((r.retrieved_at for r in records if r.retrieved_at), ""),
        custodians=custodians if declared is not None else (),
    )
    if file is not None:
        sheet = msgspec.structs.replace(
            sheet,
            format=file.format,
            rows=file.rows,
            rows_exact=file.rows_exact,
            columns=tuple(c.name for c in file.columns[:MAX_COLUMNS]),
            sensitive=tuple(sorted({c.personal for c in file.columns if c.personal})),
        )
    if declared is not None:
        sheet = msgspec.structs.replace(
            sheet,
            classification=declared.classification,
            owners=(declared.owner,) if declared.owner else (),
            source=sheet.source or public_url(declared.source),
        )
    return sheet


def _speaks_of(
    record: ProvenanceRecord, asset: Asset, declared: DeclaredAsset | None, titles: dict[str, str]
) -> bool:
    """Whether a record of origin is about this data set: by its subject, its source, or its card's title."""
    names = {plain(n) for n in (asset.name, asset.location, _stem(asset.name)) if n}
    if declared is not None:
        names.add(plain(declared.name))
    if record.subject:
        return plain(record.subject) in names
    last = plain(asset.name.rpartition("/")[2])
    title = titles.get(record.at.path, "")
    return record.source == f"{_HUB}{asset.name}" or (len(last) >= 6 and f"-{last}-" in f"-{title}-")


def _stem(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def _licences(records: Iterable[ProvenanceRecord]) -> tuple[Licence, ...]:
    found: dict[tuple[str, str], Licence] = {}
    for record in records:
        licence = licence_of(record.licence, record.at)
        if licence is not None:
            found.setdefault((licence.expression, licence.name), licence)
    return tuple(found.values())


def missing_data_set(ref: str, material: Material) -> Component:
    """A data set that a model card names and nothing else in the tree does."""
    name = ref.partition(":")[2]
    asset = Asset(id=ref, kind=AssetKind.DATASET, name=name)
    declared = material.declared(asset)
    titles = {d.at.path: plain(d.title) for d in material.facts(Document)}
    records = [r for r in material.facts(ProvenanceRecord) if _speaks_of(r, asset, declared, titles)]
    component = _data_set(asset, None, records, declared, material)
    told = as_properties(where="named by a model card")
    named = msgspec.structs.replace(component, properties=told)
    return with_owner(named, declared)


def prompts(material: Material) -> Part:
    """Every prompt as a component: its digest and its place, never its words."""
    part = Part()
    facts = {(f.at.path, f.name): f for f in material.facts(PromptText)}
    for asset in material.assets(AssetKind.PROMPT):
        fact = facts.get((asset.location, asset.name))
        entry = material.files.get(asset.location)
        whole = entry is not None and entry.sha256 == asset.sha256
        component = Component(
            ref=asset.id,
            kind=ComponentKind.PROMPT,
            name=asset.name,
            files=(asset.location,) if whole else (),
            hashes=(Hash("sha256", asset.sha256),) if asset.sha256 else (),
            properties=as_properties(
                role=fact.role if fact is not None else "",
                characters=fact.length if fact is not None else 0,
                placeholders=fact.placeholders if fact is not None else (),
                hashed_text="" if whole else "the text alone, not the file",
            ),
            seen_at=asset.seen_at,
        )
        part.components.append(with_owner(component, material.declared(asset)))
        part.refs[asset.id] = (asset.id,)
        part.top.append(asset.id)
    return part
