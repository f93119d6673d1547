"""How the records in a file are to be read; manifests state it, so that they are read so later on."""

import msgspec

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.shard import Form, Source
from assaymark.dataset.reading.sniff import form_of as sniffed
from assaymark.dataset.reading.streams import BROKEN
from assaymark.signing.listing import Found

__all__ = ["form_of"]

_RECORDS = frozenset({"csv", "jsonl", "parquet", "arrow"})


def form_of(found: Found, header: bool | None = None) -> Form | None:
    """How to read the records in a file; None if the file itself is the record, or is a configuration.

    Args:
        found: the file.
        header: whether the first row of a CSV names the columns; None to look.
    """
    try:
        form = sniffed(Source(found.name, found.path, found.stamp.size), Limits())
    except BROKEN:
        return None
    if form.format not in _RECORDS and (form.format, form.array) != ("json", "."):
        return None
    if form.format == "csv" and header is not None and header != form.header:
        return msgspec.structs.replace(form, header=header, names=())
    return form
