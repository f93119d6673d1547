"""CycloneDX by OWASP's own strict schemas, and what stands in it."""

import json
from typing import Any

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from tests.report.bom.sample import FILES, HOSTILE, ON, bom_of, full, named

from assaymark.asset import FileEntry, NotLookedAt
from assaymark.bom import Bom
from assaymark.report.bom.cyclonedx import VERSIONS, cyclonedx, render_cyclonedx

SCHEMAS = {"1.6": SchemaVersion.V1_6, "1.7": SchemaVersion.V1_7}


def written(bom: Bom, spec: str = "1.7") -> dict[str, Any]:
    """The document as a reader of JSON gets it."""
    document: dict[str, Any] = json.loads(render_cyclonedx(bom, spec=spec, tool_version="1", timestamp=ON))
    return document


def component(document: dict[str, Any], ref: str) -> dict[str, Any]:
    """The component with that bom-ref, wherever it nests."""
    every = [n for c in document["components"] for n in (c, *c.get("components", []))]
    return next(c for c in every if c["bom-ref"] == ref)


def complaint(bom: Bom, spec: str) -> str:
    """What the outside validator says; empty if nothing."""
    data = render_cyclonedx(bom, spec=spec, tool_version="1", timestamp=ON)
    return str(JsonStrictValidator(SCHEMAS[spec]).validate_str(data.decode()) or "")


@pytest.mark.parametrize("spec", VERSIONS)
def test_the_outside_validator_accepts_it(spec: str) -> None:
    """A project with one of everything, in both editions."""
    assert complaint(full(), spec) == ""


@pytest.mark.parametrize("spec", VERSIONS)
def test_the_outside_validator_would_object(spec: str) -> None:
    """The same validator refuses a bill with a digest that is none: it does look."""
    bom = full()
    broken = msgspec.structs.replace(bom, files=(FileEntry("x", 1, "no digest"), *bom.files))

    assert "no digest" in complaint(broken, spec)


def test_a_model_has_its_card() -> None:
    """Task, architecture, data sets, in and out, figures and considerations, as the tree states them."""
    card = component(written(full()), "model:model.safetensors")["modelCard"]

    assert card["modelParameters"] == {
        "task": "text-generation",
        "architectureFamily": "llama",
        "modelArchitecture": "LlamaForCausalLM",
        "datasets": [{"ref": "dataset:example/letters"}],
        "inputs": [{"format": "text"}],
        "outputs": [{"format": "text"}],
    }
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "accuracy", "value": "0.71", "slice": "held-out letters"},
        {"type": "f1", "value": "0.66"},
        {"type": "accuracy", "value": "Accuracy on 200 letters 71 % (64 to 77 %)."},
    ]
    assert card["considerations"] == {
        "users": ["Advisers of the body."],
        "useCases": ["Drafts answers for a person to check."],
        "technicalLimitations": ["English only."],
        "ethicalConsiderations": [{"name": "May repeat prejudice in old letters."}],
    }
    told = {p["name"]: p["value"] for p in card["properties"]}
    assert told["assaymark:read-at:technicalLimitations"] == "README.md:28"
    assert told["assaymark:prohibited-use"] == "Legal advice."


def test_a_base_model_is_an_ancestor() -> None:
    """With the place where it was read, and a purl by the Hub's rules."""
    model = component(written(full()), "model:model.safetensors")

    assert model["pedigree"]["ancestors"] == [
        {"type": "machine-learning-model", "name": "example/base", "purl": "pkg:huggingface/example/base"}
    ]
    assert "README.md:3" in model["pedigree"]["notes"]


def test_data_has_an_owner_and_a_custodian() -> None:
    """From the manifest's register, with its class, what is sensitive, and where it came from."""
    data = component(written(full()), "dataset:data/letters.csv")["data"][0]

    assert data["governance"] == {
        "custodians": [{"contact": {"name": "Ruth Abara"}}],
        "owners": [{"contact": {"name": "Ruth Abara"}}],
    }
    assert data["classification"] == "confidential"
    assert data["sensitiveData"] == ["email"]
    assert data["contents"]["url"] == "https://data.example"


def test_software_has_versions_digests_licences_and_needs() -> None:
    """From two lock files; one name at two versions stays two components."""
    document = written(full())
    view = component(document, "package:npm/@scope/view@2.0.0")
    needs = {d["ref"]: d["dependsOn"] for d in document["dependencies"]}

    assert view["purl"] == "pkg:npm/%40scope/view@2.0.0"
    assert view["licenses"] == [{"license": {"id": "MIT", "acknowledgement": "declared"}}]
    assert view["externalReferences"][0]["hashes"] == [{"alg": "SHA-512", "content": "0" * 128}]
    assert needs["package:npm/@scope/view@2.0.0"] == ["package:npm/left@1.5.0"]
    assert needs["package:pypi/anthropic@0.40.0"] == ["package:pypi/httpx@0.28.1"]
    assert component(document, "package:npm/left@1.0.0")["licenses"] == [
        {"expression": "(MIT OR Apache-2.0)", "acknowledgement": "declared"}
    ]
    assert component(document, "package:npm/left@1.5.0")["licenses"][0]["license"]["name"] == "Weird words"


def test_no_secret_is_passed_on() -> None:
    """Neither in addresses of lock files, nor in base addresses, nor in command lines."""
    text = json.dumps(written(full()))

    assert "token@" not in text
    assert "user:word" not in text
    assert "k1" not in text
    assert "?t=1" not in text
    assert "https://files.example/anthropic-0.40.0.whl" in text


def test_every_file_stands_once_with_its_digest() -> None:
    """In the component it is the content of, or by itself."""
    document = written(full())
    every = [n for c in document["components"] for n in (c, *c.get("components", [])) if n["type"] == "file"]

    assert sorted(f["name"] for f in every) == sorted([*FILES, "assaymark.yaml"])
    assert all(f["hashes"][0]["alg"] == "SHA-256" for f in every)


def test_what_was_not_read_is_told() -> None:
    """As a property, and the composition counts as incomplete."""
    bom = full()
    holed = msgspec.structs.replace(bom, holes=(NotLookedAt(path="big.bin", reason="too long"),))

    assert written(bom)["compositions"][0]["aggregate"] == "unknown"
    assert written(holed)["compositions"][0]["aggregate"] == "incomplete"
    assert {"name": "assaymark:not-read", "value": "big.bin: too long"} in written(holed)["metadata"][
        "properties"
    ]


def test_citations_say_which_file_states_what() -> None:
    """In 1.7; 1.6 has none."""
    found = written(full())["citations"]
    cited = {c["pointers"][0].partition("/modelCard/")[2]: c for c in found}

    assert cited["considerations/useCases"]["attributedTo"] == "file:README.md"
    assert cited["considerations/useCases"]["note"] == "line 20"
    assert cited["modelParameters/modelArchitecture"]["attributedTo"] == "file:config.json"
    assert "citations" not in written(full(), "1.6")


def test_a_model_behind_a_service_is_external() -> None:
    """In 1.7, which has a word for it; the service says that calls leave the system."""
    document = written(full())
    service = next(s for s in document["services"] if s["bom-ref"] == "service:anthropic")

    assert component(document, "model:anthropic/claude-3")["isExternal"] is True
    assert service["endpoints"] == ["https://models.example/v1"]
    assert service["x-trust-boundary"] is True
    assert "isExternal" not in component(written(full(), "1.6"), "model:anthropic/claude-3")


def test_the_same_tree_gives_the_same_bytes() -> None:
    """And the same serial number, which changes with the content and not with the time."""
    one = render_cyclonedx(full(), spec="1.6", tool_version="1", timestamp=ON)
    later = written(full(), "1.6") | {"metadata": {}}
    other = cyclonedx(bom_of({"a.py": "x = 1\n"}), spec="1.6", tool_version="1", timestamp=ON)

    assert one == render_cyclonedx(full(), spec="1.6", tool_version="1", timestamp=ON)
    assert json.loads(one)["serialNumber"] == later["serialNumber"] != other["serialNumber"]
    assert (
        cyclonedx(full(), spec="1.6", tool_version="1", timestamp="2027-01-01T00:00:00Z")["serialNumber"]
        == json.loads(one)["serialNumber"]
    )


@pytest.mark.parametrize("spec", VERSIONS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_give_a_valid_bill(name: str, spec: str) -> None:
    """Controls, half characters, changed direction, huge, empty, address-like: ASCII that validates."""
    bom = named(name)
    data = render_cyclonedx(bom, spec=spec, tool_version="1", timestamp=ON)

    assert complaint(bom, spec) == ""
    assert all(byte in b"\n" or 32 <= byte < 127 for byte in data)
