"""SARIF: a broken twin for each rule, all of which a model of SARIF's schema accepts."""

import copy
from typing import Any

import pytest
from sarif_pydantic import Sarif

from tests.report.integrity.twins import Break, broken, refused


def result(d: dict[str, Any]) -> dict[str, Any]:
    """The first result."""
    found: dict[str, Any] = d["runs"][0]["results"][0]
    return found


def place(d: dict[str, Any]) -> dict[str, Any]:
    """Where it is."""
    found: dict[str, Any] = result(d)["locations"][0]["physicalLocation"]
    return found


def rules(d: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of the run."""
    found: list[dict[str, Any]] = d["runs"][0]["tool"]["driver"]["rules"]
    return found


def taxa(d: dict[str, Any]) -> list[dict[str, Any]]:
    """The provisions."""
    found: list[dict[str, Any]] = d["runs"][0]["taxonomies"][0]["taxa"]
    return found


def hashed(d: dict[str, Any]) -> dict[str, Any]:
    """An artifact with a digest."""
    found: dict[str, Any] = next(a for a in d["runs"][0]["artifacts"] if "hashes" in a)
    return found


SARIF: dict[str, tuple[Break, str]] = {
    "rule out of range": (lambda d: result(d).update(ruleIndex=99), "which is not at 99"),
    "rule of another name": (lambda d: result(d).update(ruleId="gone"), "is by gone"),
    "rule twice": (lambda d: rules(d).append(copy.deepcopy(rules(d)[0])), "stands more than once"),
    "rule without result": (lambda d: rules(d).append(rules(d)[0] | {"id": "idle"}), "has no result"),
    "review with a level": (lambda d: result(d).update(kind="review"), "kind review and level"),
    "failure without a level": (lambda d: result(d).update(level="none"), "kind fail and level none"),
    "artifact out of range": (lambda d: place(d)["artifactLocation"].update(index=99), "which is not at 99"),
    "artifact of another name": (lambda d: place(d)["artifactLocation"].update(uri="gone"), "is at gone"),
    "artifact twice": (
        lambda d: d["runs"][0]["artifacts"].append(d["runs"][0]["artifacts"][0]),
        "stands more than once",
    ),
    "artifact under nothing": (
        lambda d: hashed(d)["location"].update(uriBaseId="GONE"),
        "which is not defined",
    ),
    "no digest": (lambda d: hashed(d)["hashes"].update({"sha-256": "xyz"}), "that is none: xyz"),
    "unknown digest": (lambda d: hashed(d)["hashes"].update({"sha-256": "f" * 64}), "does not know"),
    "region backwards": (lambda d: place(d)["region"].update(startLine=9, endLine=3), "ends before"),
    "taxon out of range": (lambda d: result(d)["taxa"][0].update(index=99), "is not at 99"),
    "taxon of another name": (lambda d: result(d)["taxa"][0].update(id="9.9.9-9"), "points to 9.9.9-9"),
    "taxonomy of another name": (
        lambda d: result(d)["taxa"][0]["toolComponent"].update(name="CWE"),
        "points to CWE",
    ),
    "relation to nothing": (
        lambda d: rules(d)[0]["relationships"][0]["target"].update(index=70),
        "is not at 70",
    ),
    "provision that is none": (lambda d: taxa(d)[71].update(id="9.9.9-9"), "is no provision"),
    "provision missing": (lambda d: taxa(d).pop(), "is no taxon"),
    "provision twice": (lambda d: taxa(d).append(taxa(d)[0]), "stands more than once"),
    "support of nothing": (
        lambda d: d["runs"][0]["tool"]["driver"]["supportedTaxonomies"][0].update(index=4),
        "is no taxonomy",
    ),
    "obligation that is none": (
        lambda d: result(d)["properties"]["obligations"].append("9.9.9-9#1"),
        "is no obligation",
    ),
    "another leaf": (lambda d: result(d)["properties"].update(leaf="f" * 64), "another leaf"),
    "fingerprint twice": (
        lambda d: d["runs"][0]["results"][1].update(partialFingerprints=result(d)["partialFingerprints"]),
        "stands more than once",
    ),
}


@pytest.mark.parametrize("name", SARIF)
def test_a_broken_log_is_refused_though_it_is_valid(name: str) -> None:
    """The model of SARIF's schema accepts every one of these logs."""
    damage, reason = SARIF[name]
    text = broken("sarif", damage)

    Sarif.model_validate_json(text)
    assert refused("sarif", text, reason)
