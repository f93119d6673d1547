"""assets_are_inventoried: what meets it, what does not, and near misses."""

import hashlib

from tests.scan.artefact.samples import safetensors
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome
from assaymark.system.system import DeclaredAsset, System

WEIGHTS = safetensors()
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()
ENTRY = DeclaredAsset(kind="model", name="m", location="weights/m.safetensors", sha256=DIGEST, line=4)
SYSTEM = System(name="x", assets=(ENTRY,), manifest_path="assaymark.yaml")
MET: dict[str, str | bytes] = {"weights/m.safetensors": WEIGHTS}
NOT_MET: dict[str, str | bytes] = {
    "weights/m.safetensors": WEIGHTS,
    "weights/extra.safetensors": safetensors((3, 3)),
}
NAME = "assets_are_inventoried"


def test_a_changed_file_is_told_from_a_vanished_one() -> None:
    """Both are faults of the register, each with its own sentence."""
    (changed,) = observe(NAME, {"weights/m.safetensors": safetensors((9,))}, system=SYSTEM)
    (gone,) = observe(NAME, {"readme.txt": ""}, system=SYSTEM)
    assert "has changed" in changed.details[0].message
    assert "nothing is" in gone.details[0].message
    assert changed.certainty is Certainty.FIRM


def test_without_a_register_what_is_there_is_shown() -> None:
    """No register here does not prove that there is none."""
    (seen,) = observe(NAME, MET)
    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert "1 model" in seen.summary


def test_a_listed_folder_covers_its_files() -> None:
    """One line may name a folder of weights."""
    system = System(name="x", assets=(DeclaredAsset(kind="model", name="w", location="weights/"),))
    assert outcomes(observe(NAME, NOT_MET, system=system)) == {Outcome.MET}


def test_test_material_need_not_be_listed() -> None:
    """A tiny model for tests is no asset of the system."""
    files = {**MET, "tests/tiny.safetensors": safetensors((1,))}
    assert outcomes(observe(NAME, files, system=SYSTEM)) == {Outcome.MET}


BESIDE: dict[str, str | bytes] = {
    "weights/m.safetensors": WEIGHTS,
    "config.json": '{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 16}',
    "assurance/attestations/5.1.2-4_1.json": (
        '{"documents": [{"path": "a.md", "sha256": "00"}, {"path": "b.md", "sha256": "01"}, '
        '{"path": "c.md", "sha256": "02"}], "by": "A"}'
    ),
    "app/main.py": (
        "from fastapi import FastAPI\napp = FastAPI()\n\n@app.get('/health')\ndef health():\n    return {}\n"
    ),
}


def test_descriptions_statements_and_routes_need_no_line_of_their_own() -> None:
    """A model's configuration, what people attest to Assaymark and the routes of the code are no assets."""
    assert outcomes(observe(NAME, BESIDE, system=SYSTEM)) == {Outcome.MET}
