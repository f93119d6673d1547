"""SPDX 3.0.1 by the bindings that the SPDX project generates, and what stands in it."""

import io
import json
from typing import Any

import msgspec
import pytest
from spdx_python_model import v3_0_1 as model
from tests.report.bom.sample import FILES, HOSTILE, ON, bom_of, full, named

from assaymark.asset import NotLookedAt
from assaymark.bom import Bom
from assaymark.report.bom.spdx import render_spdx


def written(bom: Bom) -> dict[str, dict[str, Any]]:
    """Elements by the part of their id that follows the name space."""
    graph = json.loads(render_spdx(bom, tool_version="1", timestamp=ON))["@graph"]
    return {(e.get("spdxId") or e["@id"]).partition("#")[2]: e for e in graph}


def read(data: bytes) -> "model.SHACLObjectSet":
    """The document as the bindings read and then check it; they raise on whatever breaks the model."""
    found = model.SHACLObjectSet()
    model.JSONLDDeserializer().read(io.BytesIO(data), found)
    model.JSONLDSerializer().write(found, io.BytesIO())
    return found


def related(bom: Bom, kind: str) -> dict[str, list[str]]:
    """Relationships of one type: source to targets, by ref."""
    found = [e for e in written(bom).values() if e.get("relationshipType") == kind]
    return {e["from"].partition("#")[2]: [t.partition("#")[2] for t in e["to"]] for e in found}


def test_the_bindings_accept_it() -> None:
    """A project with one of everything reads back whole, with no reference that leads nowhere."""
    found = read(render_spdx(full(), tool_version="1", timestamp=ON))

    assert found.missing_ids == set()
    assert len(list(found.foreach_type(model.ai_AIPackage))) == 3
    assert len(list(found.foreach_type(model.software_File))) == len(FILES) + 1


@pytest.mark.parametrize(
    "change", [{"type": "no_such_class"}, {"software_primaryPurpose": "rocket"}, {"unheard_of": "x"}]
)
def test_the_bindings_would_object(change: dict[str, Any]) -> None:
    """They refuse an unknown class, a purpose that is none and an unknown property: they do look."""
    document = json.loads(render_spdx(full(), tool_version="1", timestamp=ON))
    model_ = next(e for e in document["@graph"] if e["type"] == "ai_AIPackage")
    model_.update(change)

    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        read(json.dumps(document).encode())


def test_a_model_is_an_ai_package() -> None:
    """With type, limits, figures, training, its digest and its licence."""
    bom = full()
    element = written(bom)["model:model.safetensors"]

    assert element["type"] == "ai_AIPackage"
    assert element["ai_typeOfModel"] == ["llama", "LlamaForCausalLM"]
    assert element["ai_limitation"] == "English only."
    assert element["ai_metric"][0] == {
        "type": "DictionaryEntry",
        "key": "accuracy",
        "value": "0.71 (held-out letters)",
    }
    assert element["verifiedUsing"][0]["algorithm"] == "sha256"
    assert "limitations read at: README.md:28" in element["comment"]
    assert related(bom, "trainedOn") == {"model:model.safetensors": ["dataset:example/letters"]}
    assert related(bom, "descendantOf") == {"model:model.safetensors": ["model:example/base"]}
    assert related(bom, "contains")["model:model.safetensors"] == ["file:model.safetensors"]


def test_data_is_a_dataset_package() -> None:
    """With size in bytes, use, sensitivity and the files it consists of."""
    bom = full()
    element = written(bom)["dataset:data/letters.csv"]

    assert element["dataset_datasetSize"] == len(FILES["data/letters.csv"])
    assert element["dataset_datasetType"] == ["structured"]
    assert element["dataset_hasSensitivePersonalInformation"] == "yes"
    assert element["dataset_dataCollectionProcess"] == "Obtained from https://data.example."
    assert related(bom, "hasDataFile")["dataset:data/letters.csv"] == ["file:data/letters.csv"]
    assert related(bom, "hasDataFile")["file:app.py"] == ["dataset:example/letters"]


def test_a_licence_is_an_expression_or_a_reference_to_words() -> None:
    """Words that are no SPDX expression get a LicenseRef and an element that holds them."""
    bom = full()
    elements = written(bom)
    declared = {s: elements[t[0]] for s, t in related(bom, "hasDeclaredLicense").items()}
    weird = declared["package:npm/left@1.5.0"]
    words = weird["simplelicensing_customIdToUri"][0]

    assert declared["model:model.safetensors"]["simplelicensing_licenseExpression"] == "Apache-2.0"
    assert words["key"] == weird["simplelicensing_licenseExpression"]
    assert elements[words["value"].partition("#")[2]]["simplelicensing_licenseText"] == "Weird words"


def test_a_prompt_in_code_is_a_snippet_of_its_file() -> None:
    """One that is a file of its own is a package that contains it."""
    elements = written(full())
    snippets = [e for e in elements.values() if e["type"] == "software_Snippet"]

    assert {e["software_snippetFromFile"].partition("#")[2] for e in snippets} == {"file:app.py"}
    assert elements["prompt:prompts/system.txt"]["type"] == "software_Package"


def test_profiles_are_claimed_only_where_all_is_known() -> None:
    """The AI and Dataset profiles make a release time mandatory, which no tree states."""
    document = written(full())["document"]

    assert document["profileConformance"] == ["core", "simpleLicensing", "software"]
    assert "ai: releaseTime" in document["comment"]
    assert "comment" not in written(bom_of({"a.py": "x = 1\n"}))["document"]


def test_what_was_not_read_is_told() -> None:
    """And the list of files is then called incomplete."""
    bom = full()
    holed = msgspec.structs.replace(bom, holes=(NotLookedAt(path="big.bin", reason="too long"),))

    assert "big.bin: too long" in written(holed)["sbom"]["comment"]
    assert written(holed)["relationship:contains:system"]["completeness"] == "incomplete"
    assert written(bom)["relationship:contains:system"]["completeness"] == "complete"


def test_the_same_tree_gives_the_same_bytes() -> None:
    """Ids too: the name space is made from the content."""
    one = render_spdx(full(), tool_version="1", timestamp=ON)

    assert one == render_spdx(full(), tool_version="1", timestamp=ON)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_give_a_valid_bill(name: str) -> None:
    """ASCII that the bindings read."""
    data = render_spdx(named(name), tool_version="1", timestamp=ON)

    assert read(data).missing_ids == set()
    assert all(byte in b"\n" or 32 <= byte < 127 for byte in data)
