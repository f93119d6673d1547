"""The JSON report: counts, indices, ids and digests agree with each other and with the assessment."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assaymark.report.integrity.known import HEX64, Known, twice

__all__ = ["problems"]

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""Of content, or a commit's id."""
_STATEMENT = "attestation"
"""Check of a statement by a person; it has no entry in `checks`."""


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a JSON report, version 1."""
    report: dict[str, Any] = json.loads(data)
    yield from _results(report, known)
    yield from _counts(report)
    yield from _evidence(report, known)
    yield from _checks(report, known)
    yield from _graph(report)
    if report["catalogue_sha256"] != known.catalogue:
        yield "the catalogue's digest is another"


def _results(report: dict[str, Any], known: Known) -> Iterator[str]:
    ids = [r["id"] for r in report["results"]]
    yield from (f"provision {i} stands more than once" for i in twice(ids))
    yield from (f"provision {i} is missing" for i in known.verdicts if i not in ids)
    indices = {e["index"] for e in report["evidence"]}
    for r in report["results"]:
        if known.verdicts.get(r["id"]) != r["verdict"]:
            yield f"provision {r['id']} has another verdict than the assessment"
        for o in r["obligations"]:
            if o["id"] not in known.obligations or o["id"].partition("#")[0] != r["id"]:
                yield f"obligation {o['id']} is none of {r['id']}"
            for index in (*o["evidence"], *o["counter_evidence"]):
                if index not in indices:
                    yield f"obligation {o['id']} rests on entry {index}, which is not in the report"
    for c in report["changes"] or ():
        if c["provision"] not in ids:
            yield f"a change concerns {c['provision']}, which is not in the report"


def _counts(report: dict[str, Any]) -> Iterator[str]:
    verdicts = Counter(r["verdict"] for r in report["results"])
    counts = report["counts"]
    words = {
        "fail": "fail",
        "inconclusive": "inconclusive",
        "pass": "pass",
        "not_applicable": "not applicable",
    }
    for field, verdict in words.items():
        if counts[field] != verdicts[verdict]:
            yield f"it counts {counts[field]} as {verdict}, and holds {verdicts[verdict]}"
    if counts["total"] != len(report["results"]):
        yield f"it counts {counts['total']} provisions, and holds {len(report['results'])}"
    if counts["applicable"] != counts["total"] - counts["not_applicable"]:
        yield f"it counts {counts['applicable']} as applicable, which its other counts contradict"


def _evidence(report: dict[str, Any], known: Known) -> Iterator[str]:
    yield from (
        f"entry {i} stands more than once" for i in twice(str(e["index"]) for e in report["evidence"])
    )
    checks = {c["id"] for c in report["checks"]} | {_STATEMENT}
    for e in report["evidence"]:
        if not HEX64.fullmatch(e["leaf"]) or known.leaves.get(e["index"]) != e["leaf"]:
            yield f"entry {e['index']} has another leaf than the ledger"
        if e["index"] >= report["ledger"]["size"]:
            yield f"entry {e['index']} lies beyond the ledger's {report['ledger']['size']} entries"
        if e["check"] not in checks:
            yield f"entry {e['index']} is by {e['check']}, which is not in the report"
        yield from (
            f"entry {e['index']} speaks to {o}, which is no obligation"
            for o in e["obligations"]
            if o not in known.obligations
        )
        if not set(e["decisive"]) <= set(e["obligations"]):
            yield f"entry {e['index']} decides what it does not speak to"
        for s in e["subjects"]:
            if not _DIGEST.fullmatch(s["sha256"]):
                yield f"entry {e['index']} has a digest that is none: {s['sha256'][:70]}"


def _checks(report: dict[str, Any], known: Known) -> Iterator[str]:
    yield from (f"check {i} stands more than once" for i in twice(c["id"] for c in report["checks"]))
    for c in report["checks"]:
        for i in (*c["provisions"], *c["supports"]):
            if i not in known.verdicts:
                yield f"check {c['id']} speaks to {i}, which is no provision"


def _graph(report: dict[str, Any]) -> Iterator[str]:
    assets = [a["id"] for a in report["assets"]]
    yield from (f"asset {i} stands more than once" for i in twice(assets))
    ends = set(assets)
    for edge in report["edges"]:
        for end in (edge["source"], edge["target"]):
            if end not in ends:
                yield f"an edge ends at {end}, which is no asset of the report"
