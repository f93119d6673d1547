"""Each rule of our own has a broken twin that it refuses; the outside validators accept most of them."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.report.bom.sample import HOSTILE, ON, full, named

from assaymark.report.bom.cyclonedx import render_cyclonedx
from assaymark.report.bom.integrity import problems_of
from assaymark.report.bom.spdx import render_spdx

CDX: dict[str, Any] = json.loads(render_cyclonedx(full(), spec="1.7", tool_version="1", timestamp=ON))
SPDX: dict[str, Any] = json.loads(render_spdx(full(), tool_version="1", timestamp=ON))

Break = Callable[[dict[str, Any]], object]


def part(document: dict[str, Any], ref: str) -> dict[str, Any]:
    """The component of a CycloneDX document."""
    found: dict[str, Any] = next(c for c in document["components"] if c["bom-ref"] == ref)
    return found


def weights(document: dict[str, Any]) -> dict[str, Any]:
    """The model in it."""
    return part(document, "model:model.safetensors")


def element(document: dict[str, Any], ref: str) -> dict[str, Any]:
    """The element of an SPDX document."""
    found: dict[str, Any] = next(e for e in document["@graph"] if e.get("spdxId", "").endswith(f"#{ref}"))
    return found


BROKEN_CDX: dict[str, tuple[Break, str]] = {
    "bom-ref twice": (lambda d: d["components"].append(copy.deepcopy(weights(d))), "stands 2 times"),
    "dependency on nothing": (lambda d: d["dependencies"][0]["dependsOn"].append("gone"), "names `gone`"),
    "dependency of nothing": (lambda d: d["dependencies"].append({"ref": "gone"}), "names `gone`"),
    "dependencies twice": (lambda d: d["dependencies"].append(d["dependencies"][0]), "stand 2 times"),
    "composition of nothing": (lambda d: d["compositions"][0]["assemblies"].append("gone"), "composition"),
    "data set that is not there": (
        lambda d: weights(d)["modelCard"]["modelParameters"]["datasets"].append({"ref": "gone"}),
        "names the data set `gone`",
    ),
    "seen in no file": (
        lambda d: weights(d)["evidence"]["occurrences"].append({"location": "gone"}),
        "seen at `gone`",
    ),
    "ancestor that is not there": (
        lambda d: weights(d)["pedigree"]["ancestors"][0].update(name="gone"),
        "ancestor `gone`",
    ),
    "card that is not there": (
        lambda d: weights(d)["externalReferences"][0].update(url="gone.md"),
        "described by `gone.md`",
    ),
    "digest of another length": (lambda d: weights(d)["hashes"][0].update(alg="SHA-512"), "is no SHA-512"),
    "digest of a distribution": (
        lambda d: part(d, "package:npm/@scope/view@2.0.0")["externalReferences"][0]["hashes"][0].update(
            content="A" * 128
        ),
        "is no SHA-512",
    ),
    "digest other than its file's": (
        lambda d: weights(d)["hashes"][0].update(content="f" * 64),
        "different digests",
    ),
    "citation of nothing": (lambda d: d["citations"][0].update(attributedTo="gone"), "citation names `gone`"),
    "pointer to nothing": (
        lambda d: d["citations"][0].update(pointers=["/components/9999/x"]),
        "points at nothing",
    ),
}

BROKEN_SPDX: dict[str, tuple[Break, str]] = {
    "id twice": (lambda d: d["@graph"].append(d["@graph"][1]), "stands 2 times"),
    "relation to nothing": (
        lambda d: element(d, "relationship:dependsOn:system")["to"].append("https://x#gone"),
        "names `https://x#gone`",
    ),
    "relation from nothing": (
        lambda d: element(d, "relationship:dependsOn:system").update({"from": "https://x#gone"}),
        "names `https://x#gone`",
    ),
    "element of nothing": (lambda d: element(d, "document")["element"].append("https://x#gone"), "#gone`"),
    "supplier that is not there": (
        lambda d: element(d, "model:example/base").update(suppliedBy="https://x#gone"),
        "#gone`",
    ),
    "licence words that are not there": (
        lambda d: next(e for e in d["@graph"] if "simplelicensing_customIdToUri" in e)[
            "simplelicensing_customIdToUri"
        ][0].update(value="https://x#gone"),
        "#gone`",
    ),
    "creation that is not there": (
        lambda d: element(d, "system").update(creationInfo="_:gone"),
        "names `_:gone`",
    ),
    "digest of another length": (
        lambda d: element(d, "model:model.safetensors")["verifiedUsing"][0].update(algorithm="sha512"),
        "is no sha512",
    ),
    "digest other than its file's": (
        lambda d: element(d, "model:model.safetensors")["verifiedUsing"][0].update(hashValue="f" * 64),
        "different digests",
    ),
    "not listed": (
        lambda d: element(d, "document")["element"].remove(element(d, "system")["spdxId"]),
        "is not listed",
    ),
    "trained on code": (
        lambda d: element(d, "relationship:trainedOn:model:model.safetensors").update(
            to=[element(d, "file:app.py")["spdxId"]]
        ),
        "cannot be the target of trainedOn",
    ),
    "file that is trained": (
        lambda d: element(d, "relationship:trainedOn:model:model.safetensors").update(
            {"from": element(d, "file:app.py")["spdxId"]}
        ),
        "cannot be the source of trainedOn",
    ),
}


@pytest.mark.parametrize("document", [CDX, SPDX], ids=["CycloneDX", "SPDX"])
def test_a_whole_bill_has_no_problem(document: dict[str, Any]) -> None:
    """The sample itself is whole."""
    assert problems_of(document) == ()


@pytest.mark.parametrize("name", BROKEN_CDX)
def test_each_broken_twin_of_cyclonedx_is_refused(name: str) -> None:
    """One change, one complaint."""
    change, expected = BROKEN_CDX[name]
    broken = copy.deepcopy(CDX)
    change(broken)

    assert any(expected in problem for problem in problems_of(broken))


@pytest.mark.parametrize("name", BROKEN_SPDX)
def test_each_broken_twin_of_spdx_is_refused(name: str) -> None:
    """One change, one complaint."""
    change, expected = BROKEN_SPDX[name]
    broken = copy.deepcopy(SPDX)
    change(broken)

    assert any(expected in problem for problem in problems_of(broken))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_break_nothing(name: str) -> None:
    """What is written for them is whole in every format."""
    one = render_cyclonedx(named(name), spec="1.7", tool_version="1", timestamp=ON)
    other = render_spdx(named(name), tool_version="1", timestamp=ON)

    assert problems_of(json.loads(one)) == problems_of(json.loads(other)) == ()
