"""The conformance statement: counts, rows and references agree, and nothing is claimed without evidence."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assaymark.report.integrity.known import Known, twice

__all__ = ["problems"]

_FIELDS = {
    "supported": "Y",
    "not_supported": "N",
    "not_determined": "not determined",
    "not_applicable": "N/A",
}


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of an ICS, version 1."""
    ics: dict[str, Any] = json.loads(data)
    if ics["catalogue_sha256"] != known.catalogue:
        yield "the catalogue's digest is another"
    ids = [row["id"] for row in ics["rows"]]
    yield from (f"row {i} stands more than once" for i in twice(ids))
    yield from (f"row {i} is missing" for i in sorted({*known.verdicts, *known.obligations} - set(ids)))
    yield from _counts(ics)
    yield from _references(ics, known)
    indices = {r["index"] for r in ics["references"]}
    for row in ics["rows"]:
        yield from _row(row, indices, known)


def _counts(ics: dict[str, Any]) -> Iterator[str]:
    for kind in ("provision", "obligation"):
        held = Counter(row["support"] for row in ics["rows"] if row["kind"] == kind)
        counts = ics[f"{kind}s"]
        for field, support in _FIELDS.items():
            if counts[field] != held[support]:
                yield f"it counts {counts[field]} {kind}s as {support}, and holds {held[support]}"
        if counts["total"] != held.total() or counts["applicable"] != held.total() - held["N/A"]:
            yield f"its totals of {kind}s are not those of its rows"


def _references(ics: dict[str, Any], known: Known) -> Iterator[str]:
    yield from (
        f"reference {i} stands more than once" for i in twice(str(r["index"]) for r in ics["references"])
    )
    for r in ics["references"]:
        if known.leaves.get(r["index"]) != r["leaf"]:
            yield f"reference {r['index']} has another leaf than the ledger"


def _row(row: dict[str, Any], indices: set[int], known: Known) -> Iterator[str]:
    who = f"row {row['id']}"
    whole = row["kind"] == "provision"
    if row["id"] not in (known.verdicts if whole else known.obligations):
        yield f"{who} is no {row['kind']}"
    if row["provision"] != row["id"].partition("#")[0]:
        yield f"{who} belongs to {row['provision']}"
    if whole and known.verdicts.get(row["id"]) != row["verdict"]:
        yield f"{who} has another verdict than the assessment"
    for index in (*row["evidence"], *row["counter_evidence"]):
        if index not in indices:
            yield f"{who} refers to entry {index}, which is no reference"
    if row["support"] == "Y" and (row["verdict"] != "pass" or not row["evidence"]):
        yield f"{who} claims support on the verdict {row['verdict']} and {len(row['evidence'])} entries"
    if (row["verdict"] == "fail") != (row["support"] == "N"):
        yield f"{who} has the verdict {row['verdict']} and the support {row['support']}"
