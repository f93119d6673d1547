"""in-toto statements: digests are digests and known ones, and the predicate says what the assessment says."""

import json
import re
from collections.abc import Iterator
from typing import Any

from assaymark.report.integrity.known import HEX64, Known, twice
from assaymark.report.predicate import PREDICATE, STATEMENT_TYPE
from assaymark.report.svr import SVR

__all__ = ["problems"]

_SHAPES = {"sha256": HEX64, "gitCommit": re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")}


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a statement with our predicate or with SVR's."""
    statement: dict[str, Any] = json.loads(data)
    if statement["_type"] != STATEMENT_TYPE:
        yield f"it is a {statement['_type']}"
    if not statement["subject"]:
        yield "it is about nothing"
    yield from _subjects(statement["subject"], known)
    predicate = statement["predicate"]
    if statement["predicateType"] == SVR:
        yield from _svr(predicate, known)
    elif statement["predicateType"] == PREDICATE:
        yield from _assessment(predicate, known)
    else:
        yield f"its predicate is {statement['predicateType']}"


def _subjects(subjects: list[dict[str, Any]], known: Known) -> Iterator[str]:
    listed = (json.dumps(s, sort_keys=True) for s in subjects)
    yield from (f"subject {s[:200]} stands more than once" for s in twice(listed))
    for s in subjects:
        if not s["digest"]:
            yield f"subject {s['name']} has no digest"
        for kind, value in s["digest"].items():
            if kind not in _SHAPES or not _SHAPES[kind].fullmatch(value):
                yield f"subject {s['name']} has a {kind} that is none: {value[:70]}"
            elif value not in known.digests:
                yield f"subject {s['name']} has a digest that the assessment does not know"


def _svr(predicate: dict[str, Any], known: Known) -> Iterator[str]:
    for policy in predicate["verifier"]["policies"]:
        if policy["digest"]["sha256"] != known.catalogue:
            yield "the policy's digest is not the catalogue's"
    listed = predicate["properties"]
    yield from (f"property {p} stands more than once" for p in twice(listed))
    for p in listed:
        if p not in known.properties:
            yield f"property {p} is no provision"
        elif known.verdicts[known.properties[p]] != "pass":
            yield f"property {p} did not pass"
    for p, provision in known.properties.items():
        if known.verdicts[provision] == "pass" and p not in listed:
            yield f"{provision} passed, and is no property"


def _assessment(predicate: dict[str, Any], known: Known) -> Iterator[str]:
    standard, results = predicate["standard"], predicate["results"]
    if standard["catalogueSha256"] != known.catalogue:
        yield "the catalogue's digest is another"
    if standard["provisions"] != len(results):
        yield f"it counts {standard['provisions']} provisions, and holds {len(results)}"
    ids = [r["requirement"] for r in results]
    yield from (f"provision {i} stands more than once" for i in twice(ids))
    yield from (f"provision {i} is missing" for i in known.verdicts if i not in ids)
    leaves = frozenset(known.leaves.values())
    for r in results:
        if known.verdicts.get(r["requirement"]) != r["verdict"]:
            yield f"provision {r['requirement']} has another verdict than the assessment"
        for leaf in (*r["evidence"], *r["counterEvidence"]):
            if leaf not in leaves:
                yield f"provision {r['requirement']} rests on leaf {leaf[:70]}, which the ledger has not"
