"""All files → those that make up the data set, and what the others are."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.shard import Form, Source
from assaymark.dataset.reading.sniff import form_of
from assaymark.dataset.record import Hole, Place

__all__ = ["Catalogue", "catalogued", "split_of"]

_BESIDE = re.compile(
    r"(^|/)(readme[^/]*|licen[sc]e[^/]*|\.[^/]*|requirements[^/]*\.txt|"
    r"(changelog|citation|notice|authors|dataset_?infos?|dataset_dict|state|croissant|config|manifest|index|"
    r"data_?card)\.(json|ya?ml|md|txt|cff|bib|html))$",
    re.IGNORECASE,
)
"""Files that speak of a data set rather than hold it."""
_METADATA = re.compile(r"(^|/)metadata\.(csv|jsonl|parquet)$", re.IGNORECASE)
_SPLIT = re.compile(
    r"(?<![a-z])(train|test|validation|valid|val|dev|eval|holdout)(ing)?(?![a-z])", re.IGNORECASE
)
_MANY = 2_000
"""Files after which those of one suffix are taken to be alike if a sample is."""
_PROBES = 40
_GROUPS = {"image": "images", "tar": "webdataset", "text": "text folder"}


class Catalogue(Struct, frozen=True, kw_only=True):
    """The files of a data set."""

    group: str
    """As `Layout.format`; empty if nothing can be read."""
    members: tuple[tuple[Source, Form], ...]
    beside: tuple[tuple[Source, Form], ...] = ()
    """Tables that describe images."""
    holes: tuple[tuple[Source, Hole], ...] = ()
    """Files that look like members and cannot be read."""
    notes: tuple[str, ...] = ()


def catalogued(sources: Sequence[Source], limits: Limits) -> Catalogue:
    """The files of the form that holds most, with those that cannot be read."""
    forms, broken = _forms(sources, limits)
    weights: Counter[str] = Counter()
    for source, form in forms:
        if form.format == "other" or (_BESIDE.search(source.name) and len(sources) > 1):
            continue
        weights[_group(form)] += source.size + 1
    images = sum(_group(f) == "images" for _, f in forms)
    metadata = tuple((s, f) for s, f in forms if _METADATA.search(s.name))
    if images and (metadata or images * 2 > len(forms)):
        weights["images"] = sum(weights.values()) + 1
    if not weights:
        return Catalogue(group="", members=(), holes=broken)
    group = max(weights.items(), key=lambda item: (item[1], item[0]))[0]
    if group == "text folder":
        forms = _as_texts(forms)
    members = tuple((s, f) for s, f in forms if _group(f) == group and not _aside(s, sources))
    inside = {s for s, _ in members}
    left = [
        (s, f)
        for s, f in forms
        if s not in inside and not _BESIDE.search(s.name) and not _METADATA.search(s.name)
    ]
    alike = {_suffix(m) for m in inside}
    odd = [(s, h) for s, h in broken if _suffix(s) in alike]
    for s, f in left:
        if _suffix(s) in alike:
            reason = f"its content is {f.format}, unlike that of others of its name"
            odd.append((s, Hole(Place(s.name), reason)))
    others = [s.name for s, _ in left if _suffix(s) not in alike]
    notes = (f"{len(others):,} files of another form are left out, such as {others[0]}",) if others else ()
    return Catalogue(
        group=group,
        members=members,
        beside=metadata if group == "images" else (),
        holes=tuple(odd),
        notes=notes,
    )


def _as_texts(forms: list[tuple[Source, Form]]) -> list[tuple[Source, Form]]:
    """Among texts, one that happens to look like a table is a text."""
    suffixes = {_suffix(s) for s, f in forms if f.format == "text"}
    return [
        (s, Form(format="text", compression=f.compression, encoding=f.encoding))
        if f.format in ("csv", "jsonl", "json") and _suffix(s) in suffixes and not _METADATA.search(s.name)
        else (s, f)
        for s, f in forms
    ]


def _aside(source: Source, sources: Sequence[Source]) -> bool:
    return len(sources) > 1 and _BESIDE.search(source.name) is not None


def _group(form: Form) -> str:
    if form.format in ("json", "jsonl"):
        return "json"
    return _GROUPS.get(form.format, form.format)


def _suffix(source: Source) -> str:
    return PurePosixPath(source.name).suffix.lower()


def _forms(
    sources: Sequence[Source], limits: Limits
) -> tuple[list[tuple[Source, Form]], tuple[tuple[Source, Hole], ...]]:
    alike = _alike(sources, limits) if len(sources) > _MANY else {}
    found: list[tuple[Source, Form]] = []
    broken: list[tuple[Source, Hole]] = []
    for source in sources:
        known = alike.get(_suffix(source))
        if known is not None and not _METADATA.search(source.name):
            found.append((source, known))
            continue
        form = _one(source, limits)
        if isinstance(form, Form) and form.format != "other":
            found.append((source, form))
        else:
            reason = form if isinstance(form, str) else "its content is in no form that is read here"
            broken.append((source, Hole(Place(source.name), reason)))
    return found, tuple(broken)


def _one(source: Source, limits: Limits) -> Form | str:
    try:
        return form_of(source, limits) if source.size else "it is empty"
    except OSError as error:
        return error.strerror or str(error)[:200]


def _alike(sources: Sequence[Source], limits: Limits) -> dict[str, Form]:
    """Suffix → the form of all its files, where a sample of them agrees: for images and texts only."""
    by_suffix: dict[str, list[Source]] = {}
    for source in sources:
        by_suffix.setdefault(_suffix(source), []).append(source)
    alike = {}
    for suffix, members in by_suffix.items():
        probes = members[:: max(1, len(members) // _PROBES)]
        forms = [f for f in (_one(p, limits) for p in probes) if isinstance(f, Form)]
        kinds = Counter(f.format for f in forms)
        kind, often = max(kinds.items(), key=lambda item: (item[1], item[0])) if kinds else ("", 0)
        if len(members) > _PROBES and kind in ("image", "text") and often >= 0.8 * len(probes):
            alike[suffix] = Form(format=kind)
    return alike


def split_of(name: str) -> str:
    """The part of a data set that a path names; empty if it names none."""
    found = _SPLIT.findall(name)
    if not found:
        return ""
    word: str = found[-1][0].lower()
    return {"val": "validation", "valid": "validation", "dev": "validation"}.get(word, word)
