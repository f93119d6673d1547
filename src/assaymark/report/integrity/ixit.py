"""The extra information for testing: facts, assets, checks and questions all lead somewhere."""

import json
from collections.abc import Iterator
from typing import Any

from assaymark.report.integrity.known import Known, twice

__all__ = ["problems"]


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of an IXIT, version 1."""
    ixit: dict[str, Any] = json.loads(data)
    if ixit["catalogue_sha256"] != known.catalogue:
        yield "the catalogue's digest is another"
    ids = [p["id"] for p in ixit["provisions"]]
    yield from (f"provision {i} stands more than once" for i in twice(ids))
    yield from (f"provision {i} is missing" for i in known.verdicts if i not in ids)
    assets = [x["id"] for kind in ixit["kinds"] for x in kind["assets"]]
    yield from (f"asset {i} stands more than once" for i in twice(assets))
    ends = set(assets)
    for edge in ixit["edges"]:
        yield from (
            f"an edge ends at {end}, which is no asset"
            for end in (edge["source"], edge["target"])
            if end not in ends
        )
    checks = {c["id"] for c in ixit["checks"]}
    for p in ixit["provisions"]:
        yield from _provision(p, ends, checks, known)
        yield from _facts(p, ixit["ledger"]["size"], known)


def _provision(p: dict[str, Any], assets: set[str], checks: set[str], known: Known) -> Iterator[str]:
    if p["id"] not in known.verdicts:
        yield f"provision {p['id']} is none of the standard"
    yield from (
        f"provision {p['id']} names the asset {a}, which is none" for a in p["assets"] if a not in assets
    )
    yield from (
        f"provision {p['id']} names the check {c}, which is none" for c in p["checks"] if c not in checks
    )
    for question in p["ask"]:
        obligation = question["obligation"]
        if obligation and (obligation not in known.obligations or obligation.partition("#")[0] != p["id"]):
            yield f"provision {p['id']} asks about {obligation}, which is none of its obligations"


def _facts(p: dict[str, Any], size: int, known: Known) -> Iterator[str]:
    for fact in p["facts"]:
        if known.leaves.get(fact["entry"]) != fact["leaf"]:
            yield f"a fact of {p['id']} has another leaf than entry {fact['entry']} of the ledger"
        if fact["entry"] >= size:
            yield f"a fact of {p['id']} is entry {fact['entry']}, beyond the ledger's {size}"
        for s in fact["subjects"]:
            if s["sha256"] not in known.digests:
                yield f"a fact of {p['id']} rests on {s['name']}, whose digest is not known"
