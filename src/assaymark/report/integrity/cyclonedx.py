"""CycloneDX: every reference resolves to a part of the right kind, every digest is known."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.report.bom.integrity import problems_of as problems_of_bill
from assaymark.report.declarations.names import requirement_ref
from assaymark.report.integrity.known import HEX64, Known, twice

__all__ = ["problems"]

_LEAF, _CONTENT = "leaf-sha256:", "sha256:"


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a bill with standards and declarations."""
    document: dict[str, Any] = json.loads(data)
    refs = list(_refs([document["definitions"], document["declarations"]]))
    yield from problems_of_bill(document, refs)
    (standard,) = document["definitions"]["standards"]
    declarations = document["declarations"]
    yield from _standard(standard, known)
    yield from _claims(declarations, document["metadata"]["component"]["bom-ref"])
    yield from _attestations(declarations, standard)
    for item in declarations["evidence"]:
        yield from _evidence(item, known)


def _refs(value: Any) -> Iterator[str]:
    """Every `bom-ref` within, as often as it stands."""
    if isinstance(value, dict):
        if "bom-ref" in value:
            yield value["bom-ref"]
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def _standard(standard: dict[str, Any], known: Known) -> Iterator[str]:
    requirements = {r["bom-ref"]: r for r in standard["requirements"]}
    numbers = [r["identifier"] for r in standard["requirements"]]
    yield from (f"requirement {n} stands more than once" for n in twice(numbers))
    expected = {*known.verdicts, *known.obligations}
    yield from (f"requirement {n} is none of the standard" for n in numbers if n not in expected)
    yield from (f"requirement {n} is missing" for n in sorted(expected - set(numbers)))
    for r in standard["requirements"]:
        if "parent" in r and r["parent"] not in requirements:
            yield f"requirement {r['identifier']} has the parent `{r['parent']}`, which is no requirement"
        if "#" in r["identifier"] and r.get("parent") != requirement_ref(r["identifier"].partition("#")[0]):
            yield f"obligation {r['identifier']} has another parent than its provision"
    for level in standard["levels"]:
        yield from _all_in(level["requirements"], requirements, f"level {level['identifier']}", "requirement")


def _claims(declarations: dict[str, Any], system: str) -> Iterator[str]:
    targets = {system, *_refs(declarations.get("targets", {}))}
    evidence = {e["bom-ref"] for e in declarations["evidence"]}
    for c in declarations["claims"]:
        who = f"claim `{c['bom-ref']}`"
        if c["target"] not in targets:
            yield f"{who} is about `{c['target']}`, which is no target"
        if not c.get("evidence"):
            yield f"{who} has no evidence"
        yield from _all_in(c.get("evidence", ()), evidence, who, "evidence")
        yield from _all_in(c.get("counterEvidence", ()), evidence, who, "evidence")


def _attestations(declarations: dict[str, Any], standard: dict[str, Any]) -> Iterator[str]:
    assessors = {a["bom-ref"] for a in declarations["assessors"]}
    out = {r["bom-ref"] for r in standard["requirements"] if _is_out(r)}
    for attestation in declarations["attestations"]:
        if attestation["assessor"] not in assessors:
            yield f"an attestation is by `{attestation['assessor']}`, who is no assessor"
        mapped = [m["requirement"] for m in attestation["map"]]
        yield from (f"`{r}` is mapped more than once" for r in twice(mapped))
        yield from _all_in(mapped, {r["bom-ref"] for r in standard["requirements"]}, "a map", "requirement")
        yield from (f"`{r}` does not apply, and is mapped" for r in mapped if r in out)
        applying = [r["bom-ref"] for r in standard["requirements"] if r["bom-ref"] not in out]
        yield from (f"`{r}` applies, and is not mapped" for r in applying if r not in set(mapped))
        parts = _parts(declarations)
        for entry in attestation["map"]:
            yield from _entry(entry, parts)


def _is_out(requirement: dict[str, Any]) -> bool:
    return any(p["name"] == "assaymark:not-applicable" for p in requirement.get("properties", ()))


def _parts(declarations: dict[str, Any]) -> dict[str, frozenset[str]]:
    """References by kind."""
    claims = [c["bom-ref"] for c in declarations["claims"]]
    return {
        "claim": frozenset(c for c in claims if c.startswith("claim:")),
        "counter-claim": frozenset(c for c in claims if c.startswith("counter-claim:")),
        "evidence": frozenset(e["bom-ref"] for e in declarations["evidence"]),
    }


def _entry(entry: dict[str, Any], parts: dict[str, frozenset[str]]) -> Iterator[str]:
    who = f"the map of `{entry['requirement']}`"
    yield from _all_in(entry.get("claims", ()), parts["claim"], who, "claim")
    yield from _all_in(entry.get("counterClaims", ()), parts["counter-claim"], who, "counter-claim")
    conformance = entry.get("conformance")
    if conformance is None:
        return
    yield from _all_in(conformance.get("mitigationStrategies", ()), parts["evidence"], who, "evidence")
    if conformance["score"] > 0 and not entry.get("claims"):
        yield f"{who} scores {conformance['score']} on no claim"
    if conformance["score"] == 0 and not entry.get("counterClaims"):
        yield f"{who} scores 0 on no counter-claim"
    if not entry["confidence"]["score"]:
        yield f"{who} scores conformance without confidence"


def _evidence(item: dict[str, Any], known: Known) -> Iterator[str]:
    who = f"evidence `{item['bom-ref']}`"
    for datum in item.get("data", ()):
        content = datum["contents"]["attachment"]["content"]
        if content.startswith(_LEAF):
            index = int(item["bom-ref"].rpartition(":")[2])
            if known.leaves.get(index) != content.removeprefix(_LEAF):
                yield f"{who} names another leaf than the ledger has"
        elif not HEX64.fullmatch(content.removeprefix(_CONTENT)) and len(content) != len(_CONTENT) + 40:
            yield f"{who} has a digest that is none: {content[:70]}"
        elif content.removeprefix(_CONTENT) not in known.digests:
            yield f"{who} has a digest that the assessment does not know"
    if item.get("expires", "9") < item.get("created", ""):
        yield f"{who} expires before it was made"


def _all_in(refs: Iterable[str], among: Iterable[str], who: str, kind: str) -> Iterator[str]:
    yield from (f"{who} names `{r}`, which is no {kind} of the document" for r in refs if r not in among)
