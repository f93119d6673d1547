"""OSCAL: every id of a part, control, objective, observation, actor and resource leads somewhere.

No validator notices: trestle and NIST's schemas accept a finding about an objective that no catalog has.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.report.integrity.known import HEX64, Known, twice

__all__ = ["problems"]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_STATES = {"pass": ("satisfied", "pass"), "fail": ("not-satisfied", "fail")}
_OPEN = ("not-satisfied", "other")


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a document of any of the four models."""
    document: dict[str, Any] = json.loads(data)
    ((model, content),) = document.items()
    yield from (f"uuid {u} stands more than once" for u in twice(_values(content, "uuid")))
    yield from (f"id {i} stands more than once" for i in twice(_values(content, "id")))
    yield from _internal_links(content)
    match model:
        case "catalog":
            yield from _catalog(content, known)
        case "profile":
            yield from _profile(content, known)
        case "component-definition":
            yield from _component(content, known)
        case "assessment-results":
            for result in content["results"]:
                yield from _result(result, content, known)
        case _:
            yield f"model `{model}` is none of ours"


def _values(value: Any, name: str) -> Iterator[str]:
    """Every value of the member `name`, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            else:
                yield from _values(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, name)


def _internal_links(content: dict[str, Any]) -> Iterator[str]:
    targets = {*_values(content, "uuid"), *_values(content, "id")}
    for href in _values(content, "href"):
        if href.startswith("#") and href[1:] not in targets:
            yield f"link `{href}` leads nowhere"


def _catalog(content: dict[str, Any], known: Known) -> Iterator[str]:
    controls = [c for group in content["groups"] for c in group["controls"]]
    yield from _complete((_provision(c["id"]) for c in controls), known.verdicts, "control")
    items = [i for c in controls for i in _items(c)]
    yield from _complete(items, known.obligations, "item")


def _items(control: dict[str, Any]) -> Iterator[str]:
    statement = next(p for p in control["parts"] if p["name"] == "statement")
    yield from (_obligation(part["id"]) for part in statement["parts"])


def _profile(content: dict[str, Any], known: Known) -> Iterator[str]:
    ids = [i for one in content["imports"] for chosen in one["include-controls"] for i in chosen["with-ids"]]
    yield from _within(ids, known)
    yield from (f"control {i} is chosen more than once" for i in twice(ids))


def _component(content: dict[str, Any], known: Known) -> Iterator[str]:
    for component in content["components"]:
        for implementation in component["control-implementations"]:
            requirements = implementation["implemented-requirements"]
            ids = [r["control-id"] for r in requirements]
            yield from _complete(map(_provision, ids), known.verdicts, "implemented requirement")
            for r in requirements:
                yield from _requirement(r, known)


def _requirement(r: dict[str, Any], known: Known) -> Iterator[str]:
    provision, verdict = _provision(r["control-id"]), _ours(r, "verdict")
    if known.verdicts.get(provision) not in (None, verdict):
        yield f"requirement {provision} says {verdict}, the assessment {known.verdicts[provision]}"
    implemented = {"name": "implementation-status", "value": "implemented"} in r["props"]
    if implemented != (verdict == "pass"):
        yield f"requirement {provision} is {verdict} and yet its implementation status says otherwise"
    for statement in r["statements"]:
        obligation = _obligation(statement["statement-id"])
        if obligation not in known.obligations or obligation.partition("#")[0] != provision:
            yield f"statement {statement['statement-id']} is none of {provision}"


def _result(result: dict[str, Any], content: dict[str, Any], known: Known) -> Iterator[str]:
    (selection,) = result["reviewed-controls"]["control-selections"]
    included = [c["control-id"] for c in selection.get("include-controls", ())]
    excluded = [c["control-id"] for c in selection.get("exclude-controls", ())]
    yield from _complete(map(_provision, [*included, *excluded]), known.verdicts, "reviewed control")
    findings = result.get("findings", [])
    targets = [_provision(f["target"]["target-id"].removesuffix("_obj")) for f in findings]
    yield from _complete(targets, [_provision(i) for i in included], "finding")
    observations = {o["uuid"] for o in result.get("observations", ())}
    for finding, provision in zip(findings, targets, strict=True):
        yield from _finding(finding, provision, observations, known)
    actors = {c["uuid"] for c in result["local-definitions"]["components"]}
    actors |= {p["uuid"] for p in content["metadata"].get("parties", ())}
    for observation in result.get("observations", ()):
        yield from _observation(observation, actors, known)


def _finding(f: dict[str, Any], provision: str, observations: set[str], known: Known) -> Iterator[str]:
    verdict, status = _ours(f, "verdict"), f["target"]["status"]
    if known.verdicts.get(provision) not in (None, verdict):
        yield f"finding {provision} says {verdict}, the assessment {known.verdicts[provision]}"
    if (status["state"], status["reason"]) != _STATES.get(verdict, _OPEN):
        yield f"finding {provision} is {verdict} and yet {status['state']}"
    for related in f.get("related-observations", ()):
        if related["observation-uuid"] not in observations:
            uuid = related["observation-uuid"]
            yield f"finding {provision} refers to observation {uuid}, which is not here"


def _observation(o: dict[str, Any], actors: set[str], known: Known) -> Iterator[str]:
    index, leaf = int(_ours(o, "ledger-index")), _ours(o, "leaf-sha256")
    if known.leaves.get(index) != leaf:
        yield f"observation {o['uuid']} is of entry {index} with another leaf than the ledger's"
    for origin in o["origins"]:
        for actor in origin["actors"]:
            if actor["actor-uuid"] not in actors:
                yield f"observation {o['uuid']} is by actor {actor['actor-uuid']}, who is not here"
    for evidence in o["relevant-evidence"]:
        for prop in evidence.get("props", ()):
            if prop["name"] == "digest" and not _known_digest(prop["value"], known):
                yield f"observation {o['uuid']} rests on the digest {prop['value'][:80]}, which nothing has"


def _known_digest(value: str, known: Known) -> bool:
    well_formed = HEX64.fullmatch(value) or _COMMIT.fullmatch(value)
    return bool(well_formed) and value in known.digests


def _complete(found: Iterable[str], expected: Iterable[str], what: str) -> Iterator[str]:
    found, expected = list(found), set(expected)
    yield from (f"{what} {i} stands more than once" for i in twice(found))
    yield from (f"{what} {i} is none of the standard" for i in found if i not in expected)
    yield from (f"{what} {i} is missing" for i in sorted(expected - set(found)))


def _within(ids: Iterable[str], known: Known) -> Iterator[str]:
    yield from (f"control {i} is none of the standard" for i in ids if _provision(i) not in known.verdicts)


def _provision(control: str) -> str:
    return control.removeprefix("p")


def _obligation(item: str) -> str:
    provision, _, position = item.partition("_smt.")
    return f"{_provision(provision)}#{position}"


def _ours(part: dict[str, Any], name: str) -> str:
    return next(str(p["value"]) for p in part["props"] if p["name"] == name and "ns" in p)
