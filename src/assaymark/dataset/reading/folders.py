"""Folders of images or texts → their layout and shards."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from assaymark.dataset.reading.catalogue import Catalogue, split_of
from assaymark.dataset.reading.columns import looks_of
from assaymark.dataset.reading.folder_file import FOLDER, folder_shards, levels
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.normal import label_texts
from assaymark.dataset.reading.roles import merged, recognise
from assaymark.dataset.reading.rows import text_of
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.tabular import parts, rows_of
from assaymark.dataset.record import Column, Hole, Kind, Layout, Place, Roles

__all__ = ["Folders", "folders_of"]

_MOST = 5_000_000
"""Lines of tables beside images that are read."""
_FEW = 3
"""Files that a class must hold on average for folders to be classes of texts rather than chapters."""


class Folders(Struct, frozen=True, kw_only=True):
    """A data set of which each file is a record."""

    layout: Layout
    shards: tuple[Shard, ...]
    sources: tuple[Source, ...]
    """By record number."""
    notes: tuple[str, ...] = ()


class _Told(Struct):
    """What a table beside images says of them, by path."""

    labels: dict[str, str]
    captions: dict[str, str]
    notes: list[str]


def folders_of(catalogue: Catalogue, roles: Roles | None, kind: Kind | None, limits: Limits) -> Folders:
    """The layout and shards of a folder.

    Raises:
        UsageError: a role names a column that is not there.
    """
    broken = dict(catalogue.holes)
    everything = sorted({*(s for s, _ in catalogue.members), *broken}, key=lambda s: s.name)
    numbers = {source.name: i for i, source in enumerate(everything)}
    images = catalogue.group == "images"
    names = [s.name for s, _ in catalogue.members]
    told = _told(catalogue.beside, roles, limits)
    classes = dict(zip(names, levels(names), strict=True))
    labels = told.labels or {n: c for n, c in classes.items() if c}
    if not images and len(set(labels.values())) * _FEW > len(labels):
        labels = {}
    found = _found(catalogue, labels, told, images)
    chosen, named = merged(found, roles, kind, (*_columns(images, told), FOLDER))
    layout = Layout(
        kind=chosen,
        roles=named,
        columns=tuple(Column(c, "other" if c == "image" else "text") for c in _columns(images, told)),
        format=catalogue.group,
    )
    shards = tuple(folder_shards(catalogue.members, labels, told.captions, numbers, limits))
    return Folders(layout=layout, shards=shards, sources=tuple(everything), notes=tuple(told.notes))


def _columns(images: bool, told: _Told) -> tuple[str, ...]:
    return (("image", "caption") if told.captions else ("image",)) if images else ("text",)


def _found(catalogue: Catalogue, labels: dict[str, str], told: _Told, images: bool) -> tuple[Kind, Roles]:
    split = FOLDER if any(split_of(s.name) for s, _ in catalogue.members) else ""
    label = FOLDER if labels else ""
    if images:
        return Kind.IMAGES, Roles(
            image="image", label=label, split=split, text="caption" if told.captions else ""
        )
    if labels:
        return Kind.TEXT, Roles(text="text", label=label, split=split)
    return Kind.RAG, Roles(document="text", split=split)


def _told(beside: Sequence[tuple[Source, Form]], roles: Roles | None, limits: Limits) -> _Told:
    told = _Told({}, {}, [])
    for source, form in beside:
        try:
            _take(source, form, roles, limits, told)
        except OSError as error:
            told.notes.append(f"{source.name} cannot be read: {str(error)[:160]}")
    return told


def _take(source: Source, form: Form, roles: Roles | None, limits: Limits, told: _Told) -> None:
    """The labels and captions of one table, whose paths are relative to its folder."""
    lines = list(_lines(source, form, limits, told))
    names = tuple(dict.fromkeys(n for line in lines[:1000] for n in line))
    key = next((n for n in ("file_name", "filename", "file", "path", "image", "image_id") if n in names), "")
    if not key:
        told.notes.append(f"{source.name} has no column `file_name`; it is not used")
        return
    others = tuple(n for n in names if n != key)
    sample = [{n: line.get(n) for n in others} for line in lines[:1000]]
    found = recognise(looks_of(others, sample), len(sample))[1] if others else Roles()
    label = roles.label if roles is not None and roles.label in others else found.label
    caption = next(
        (n for n in ("text", "caption", "prompt", "description") if n in others and n != label), ""
    )
    stem = source.name.rpartition("/")[0]
    for line in lines:
        path = f"{stem}/{text_of(line.get(key))}" if stem else text_of(line.get(key))
        if label and (text := label_texts([line.get(label)])[0]) is not None:
            told.labels[path] = text
        if caption:
            told.captions[path] = text_of(line.get(caption))


def _lines(source: Source, form: Form, limits: Limits, told: _Told) -> Iterator[dict[str, Any]]:
    layout = Layout(
        kind=Kind.TABLE,
        roles=Roles(),
        format=form.format,
        columns=tuple(Column(n, "text") for n in form.names),
    )
    for part in parts(source, form, limits):
        shard = Shard(
            sources=(source,), form=form, first=0, records=min(part.records, _MOST), row=part.row,
            start=part.start, stop=part.stop, quotes=part.quotes,
        )  # fmt: skip
        for rows in rows_of(shard, layout, limits):
            if isinstance(rows, Hole):
                told.notes.append(f"{_shown(rows.place)}: {rows.reason}")
                continue
            columns = [rows.values(name) for name in rows.columns]
            for row in zip(*columns, strict=True):
                yield dict(zip(rows.columns, row, strict=True))


def _shown(place: Place) -> str:
    return f"{place.file}, row {place.row}" if place.row else place.file
