"""What a reader of a report should know of a data set's files: strange columns, doubles, blanks in labels."""

from collections.abc import Mapping, Sequence
from typing import Any

from assaymark.dataset.reading.arrow_file import arrow_schema
from assaymark.dataset.reading.parquet_file import schema_of
from assaymark.dataset.reading.rows import value_at
from assaymark.dataset.reading.shard import Form, Source
from assaymark.dataset.reading.sources import opened
from assaymark.dataset.record import Kind, Layout, Roles

__all__ = ["digests_of_twins", "lacks", "notes_on_labels", "notes_on_twins"]

_HASHED = 8 << 30
"""Bytes that are read to tell whether files of one size are the same."""


def lacks(source: Source, form: Form, layout: Layout) -> str:
    """Why a file's records cannot be of the data set's layout; empty if they can.

    Raises:
        OSError: it cannot be read.
    """
    if form.format == "csv":
        names = set(form.names)
    elif form.format == "parquet":
        names = set(schema_of(source).names)
    elif form.format == "arrow":
        names = set(arrow_schema(source, form).names)
    else:
        return ""
    if layout.kind is Kind.TABLE:
        wanted = [c.name for c in layout.columns if c.name != layout.roles.label]
        there = sum(name in names for name in wanted)
        few = there * 2 < len(wanted)
        return f"it has {there} of the {len(wanted)} columns of the other files" if few else ""
    missing = [role for role in _told(layout.roles) if not _there(role, names)]
    return f"it has no column {' and no column '.join(missing)}" if missing else ""


def _told(roles: Roles) -> list[str]:
    named = (
        roles.text,
        roles.prompt,
        roles.response,
        roles.chosen,
        roles.rejected,
        roles.image,
        roles.document,
    )
    return [name for name in dict.fromkeys(named) if name]


def _there(role: str, names: set[str]) -> bool:
    parts = [role, *role.split(" + ")]
    return any(p in names or p.partition(".")[0] in names for p in parts)


def digests_of_twins(sources: Sequence[Source]) -> dict[Source, str]:
    """SHA-256 of files of which another has the same size."""
    by_size: dict[int, list[Source]] = {}
    for source in sources:
        by_size.setdefault(source.size, []).append(source)
    found: dict[Source, str] = {}
    left = _HASHED
    for size, alike in sorted(by_size.items()):
        if len(alike) < 2 or not size or size * len(alike) > left:
            continue
        left -= size * len(alike)
        for source in alike:
            try:
                with opened(source) as blob:
                    found[source] = blob.sha256
            except OSError:
                continue
    return found


def notes_on_twins(digests: Mapping[Source, str]) -> tuple[str, ...]:
    """Files that are the same to the last byte."""
    first: dict[str, str] = {}
    notes = []
    for source, digest in sorted(digests.items()):
        if digest in first:
            notes.append(f"{source.name} is the same file as {first[digest]}; its records count twice")
        first.setdefault(digest, source.name)
    return tuple(notes)


def notes_on_labels(records: Sequence[Mapping[str, Any]], label: str) -> tuple[str, ...]:
    """Labels with blanks around them, which are kept."""
    values = sorted({v for r in records if isinstance(v := value_at(dict(r), label), str)}) if label else []
    odd = [v for v in values if v != v.strip()]
    if not odd:
        return ()
    both = sorted({v.strip() for v in odd} & set(values))
    more = f"; {both[0]!r} occurs without them too, as another label" if both else ""
    return (f"labels stand with blanks around them, such as {odd[0][:60]!r}, and are kept so{more}",)
