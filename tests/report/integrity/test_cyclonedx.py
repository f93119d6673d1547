"""Declarations: a broken twin for each rule, all of which OWASP's own schema accepts."""

import copy
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.report.integrity.twins import FAILED, OUT, PASSED, Break, broken, first, refused

STRICT = JsonStrictValidator(SchemaVersion.V1_7)


def entry(d: dict[str, Any], number: str) -> dict[str, Any]:
    """What the map says of a requirement."""
    return first(d["declarations"]["attestations"][0]["map"], requirement=f"requirement:{number}")


def requirement(d: dict[str, Any], number: str) -> dict[str, Any]:
    """A requirement of the standard."""
    return first(d["definitions"]["standards"][0]["requirements"], identifier=number)


def claim(d: dict[str, Any], ref: str) -> dict[str, Any]:
    """A claim."""
    return first(d["declarations"]["claims"], **{"bom-ref": ref})


def datum(d: dict[str, Any], number: int) -> dict[str, Any]:
    """The attachment of a piece of evidence: 0 is the leaf, 1 the first subject."""
    found: dict[str, Any] = d["declarations"]["evidence"][0]["data"][number]["contents"]["attachment"]
    return found


CYCLONEDX: dict[str, tuple[Break, str]] = {
    "claim twice": (
        lambda d: d["declarations"]["claims"].append(copy.deepcopy(d["declarations"]["claims"][0])),
        "stands 2 times",
    ),
    "claim called like a component": (
        lambda d: d["declarations"]["assessors"].append({"bom-ref": d["components"][0]["bom-ref"]}),
        "stands 2 times",
    ),
    "requirement that is none": (
        lambda d: requirement(d, PASSED).update(identifier="9.9.9-9"),
        "none of the standard",
    ),
    "requirement missing": (lambda d: d["definitions"]["standards"][0]["requirements"].pop(), "is missing"),
    "requirement twice": (
        lambda d: requirement(d, PASSED).update(identifier=FAILED),
        "stands more than once",
    ),
    "parent that is none": (lambda d: requirement(d, PASSED).update(parent="gone"), "has the parent `gone`"),
    "another provision's obligation": (
        lambda d: requirement(d, f"{FAILED}#1").update(parent=f"requirement:{PASSED}"),
        "another parent",
    ),
    "level of nothing": (
        lambda d: d["definitions"]["standards"][0]["levels"][0]["requirements"].append("gone"),
        "names `gone`",
    ),
    "claim about nothing": (
        lambda d: d["declarations"]["claims"][0].update(target="gone"),
        "is about `gone`",
    ),
    "claim on no evidence": (lambda d: d["declarations"]["claims"][0].pop("evidence"), "has no evidence"),
    "claim on evidence that is not there": (
        lambda d: d["declarations"]["claims"][0]["evidence"].append("evidence:999"),
        "names `evidence:999`",
    ),
    "counter-evidence that is not there": (
        lambda d: d["declarations"]["claims"][0].update(counterEvidence=["gone"]),
        "names `gone`",
    ),
    "assessor who is none": (
        lambda d: d["declarations"]["attestations"][0].update(assessor="gone"),
        "who is no assessor",
    ),
    "requirement mapped twice": (
        lambda d: d["declarations"]["attestations"][0]["map"].append(copy.deepcopy(entry(d, PASSED))),
        "mapped more than once",
    ),
    "requirement not mapped": (
        lambda d: d["declarations"]["attestations"][0]["map"].remove(entry(d, PASSED)),
        "and is not mapped",
    ),
    "nothing mapped": (lambda d: entry(d, PASSED).update(requirement="gone"), "names `gone`"),
    "mapped though it does not apply": (
        lambda d: entry(d, PASSED).update(requirement=f"requirement:{OUT}"),
        "does not apply, and is mapped",
    ),
    "claim that is none": (lambda d: entry(d, PASSED)["claims"].append("gone"), "no claim of the document"),
    "counter-claim as claim": (
        lambda d: entry(d, PASSED)["claims"].append(f"counter-claim:{FAILED}#1"),
        "no claim of the document",
    ),
    "claim as counter-claim": (
        lambda d: entry(d, FAILED).update(counterClaims=[f"claim:{PASSED}#1"]),
        "no counter-claim",
    ),
    "steps that are not there": (
        lambda d: entry(d, FAILED)["conformance"].update(mitigationStrategies=["gone"]),
        "names `gone`",
    ),
    "score on nothing": (lambda d: entry(d, PASSED).pop("claims"), "scores 1.0 on no claim"),
    "failure on nothing": (lambda d: entry(d, FAILED).pop("counterClaims"), "scores 0 on no counter-claim"),
    "score without confidence": (
        lambda d: entry(d, PASSED)["confidence"].update(score=0),
        "conformance without confidence",
    ),
    "another leaf": (lambda d: datum(d, 0).update(content=f"leaf-sha256:{'f' * 64}"), "another leaf"),
    "no digest": (lambda d: datum(d, 1).update(content="sha256:xyz"), "is none: sha256:xyz"),
    "unknown digest": (lambda d: datum(d, 1).update(content=f"sha256:{'f' * 64}"), "does not know"),
    "expired when made": (
        lambda d: d["declarations"]["evidence"][0].update(expires="2020-01-01T00:00:00Z"),
        "expires before",
    ),
    "citation of nobody": (lambda d: d["citations"][-1].update(attributedTo="gone"), "names `gone`"),
    "citation of nothing": (
        lambda d: d["citations"][-1].update(pointers=["/declarations/evidence/9999"]),
        "points at nothing",
    ),
}


@pytest.mark.parametrize("name", CYCLONEDX)
def test_a_broken_declaration_is_refused_though_it_is_valid(name: str) -> None:
    """OWASP's schema accepts every one of these documents; none of them says what it seems to say."""
    damage, reason = CYCLONEDX[name]
    text = broken("cyclonedx-1.7", damage)

    assert STRICT.validate_str(text) is None
    assert refused("cyclonedx-1.7", text, reason)
