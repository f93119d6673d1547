"""Matching data sets with the records of where they came from."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from assaymark.checks._check import Finding, at, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import Download, Fact, HubReference, ProvenanceRecord

__all__ = ["Source", "at_run_time", "outside_sources", "records_of"]


class Source(Struct, frozen=True):
    """A data set that code takes from outside."""

    name: str
    fact: Fact


def outside_sources(references: Iterable[HubReference], downloads: Iterable[Download]) -> list[Source]:
    """Data sets taken from a hub or downloaded from a fixed address, each once."""
    found = [
        Source(r.name, r) for r in in_product(references) if r.kind == "dataset" and r.name and not r.local
    ]
    found += [Source(d.url, d) for d in in_product(downloads) if d.what == "data"]
    return list({s.name: s for s in reversed(found)}.values())[::-1]


def at_run_time(references: Sequence[HubReference]) -> Finding:
    """Data sets are taken from a hub, and which ones is not written in the source."""
    return not_observable(
        f"{counted(len(references), 'data set')} taken from a hub by a name or revision that is decided at "
        "run time; a data card would show which.",
        *capped([at(f"`{r.loader}` loads it here.", r) for r in references]),
    )


def records_of(source: Source, records: Iterable[ProvenanceRecord]) -> list[ProvenanceRecord]:
    """Records whose subject or source names the data set."""
    wanted = _plain(source.name)
    last = wanted.rpartition("/")[2]
    return [
        r
        for r in records
        if wanted in _plain(r.source)
        or wanted == _plain(r.subject)
        or (len(last) > 3 and last == _plain(r.subject))
    ]


def _plain(text: str) -> str:
    text = re.sub(r"^[a-z]+://(www\.)?", "", text.strip().lower())
    return re.sub(r"\.(csv|jsonl?|parquet|zip|tar|gz|tgz|txt)\b", "", text).rstrip("/")
