"""SARIF: every index leads to what the id beside it names, and `level` follows `kind`."""

import json
from collections.abc import Iterator
from typing import Any

from assaymark.report.integrity.known import HEX64, Known, twice

__all__ = ["problems"]


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a SARIF 2.1.0 log with our results."""
    log: dict[str, Any] = json.loads(data)
    for run in log["runs"]:
        yield from _rules(run)
        yield from _taxonomy(run, known)
        yield from _artifacts(run, known)
        for number, result in enumerate(run["results"]):
            yield from _result(run, number, result, known)
        prints = [v for r in run["results"] for v in r["partialFingerprints"].values()]
        yield from (f"fingerprint {p} stands more than once" for p in twice(prints))


def _rules(run: dict[str, Any]) -> Iterator[str]:
    rules = run["tool"]["driver"]["rules"]
    yield from (f"rule {i} stands more than once" for i in twice(r["id"] for r in rules))
    used = {r["ruleId"] for r in run["results"]}
    for rule in rules:
        if rule["id"] not in used:
            yield f"rule {rule['id']} has no result"
        for relation in rule["relationships"]:
            yield from _taxon(run, relation["target"], f"rule {rule['id']}")


def _taxonomy(run: dict[str, Any], known: Known) -> Iterator[str]:
    for supported in run["tool"]["driver"]["supportedTaxonomies"]:
        if _at(run["taxonomies"], supported["index"]).get("name") != supported["name"]:
            yield f"the tool supports {supported['name']}, which is no taxonomy of the run"
    for taxonomy in run["taxonomies"]:
        ids = [t["id"] for t in taxonomy["taxa"]]
        yield from (f"taxon {i} stands more than once" for i in twice(ids))
        yield from (f"taxon {i} is no provision" for i in ids if i not in known.verdicts)
        yield from (f"provision {i} is no taxon" for i in known.verdicts if i not in ids)


def _taxon(run: dict[str, Any], target: dict[str, Any], who: str) -> Iterator[str]:
    component = target["toolComponent"]
    taxonomy = _at(run["taxonomies"], component["index"])
    if taxonomy.get("name") != component["name"]:
        yield f"{who} points to {component['name']}, which is no taxonomy at {component['index']}"
    elif _at(taxonomy["taxa"], target["index"]).get("id") != target["id"]:
        yield f"{who} points to {target['id']}, which is not at {target['index']}"


def _artifacts(run: dict[str, Any], known: Known) -> Iterator[str]:
    yield from (
        f"artifact {u} stands more than once" for u in twice(a["location"]["uri"] for a in run["artifacts"])
    )
    bases = run["originalUriBaseIds"]
    for artifact in run["artifacts"]:
        location, digest = artifact["location"], artifact.get("hashes", {}).get("sha-256")
        if location["uriBaseId"] not in bases:
            yield f"artifact {location['uri']} lies under {location['uriBaseId']}, which is not defined"
        if digest is not None and not HEX64.fullmatch(digest):
            yield f"artifact {location['uri']} has a digest that is none: {digest[:70]}"
        elif digest is not None and digest not in known.digests:
            yield f"artifact {location['uri']} has a digest that the assessment does not know"


def _result(run: dict[str, Any], number: int, result: dict[str, Any], known: Known) -> Iterator[str]:
    who = f"result {number}"
    if _at(run["tool"]["driver"]["rules"], result["ruleIndex"]).get("id") != result["ruleId"]:
        yield f"{who} is by {result['ruleId']}, which is not at {result['ruleIndex']}"
    if (result["kind"] == "fail") == (result["level"] == "none"):
        yield f"{who} has kind {result['kind']} and level {result['level']}"
    for place in result["locations"]:
        location, region = place["physicalLocation"]["artifactLocation"], place["physicalLocation"]["region"]
        if _at(run["artifacts"], location["index"]).get("location", {}).get("uri") != location["uri"]:
            yield f"{who} is at {location['uri']}, which is not at {location['index']}"
        if not 1 <= region["startLine"] <= region["endLine"]:
            yield f"{who} ends before it starts"
    for taxon in result["taxa"]:
        yield from _taxon(run, taxon, who)
    told = result["properties"]
    yield from (
        f"{who} speaks to {o}, which is no obligation"
        for o in told["obligations"]
        if o not in known.obligations
    )
    if known.leaves.get(told["ledgerIndex"]) != told["leaf"]:
        yield f"{who} names another leaf than the ledger has at {told['ledgerIndex']}"


def _at(items: list[dict[str, Any]], index: int) -> dict[str, Any]:
    return items[index] if 0 <= index < len(items) else {}
