"""The canonical JSON is the YAML, and the YAML follows its schema."""

import shutil
from pathlib import Path

import jsonschema
import pytest

from assaymark.standard import catalogue as module
from assaymark.standard.compile import PHASES, compiled, main

FOLDER = Path(module.__file__).parent / module.EDITIONS["V2.1.1"]


def test_the_canonical_json_is_made_from_the_yaml_beside_it() -> None:
    """Whoever edits the YAML has to run `python -m assaymark.standard.compile`."""
    assert compiled(FOLDER) == (FOLDER / "catalogue.json").read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("force: shall\n", "force: must\n"),
        ("    guidance:\n      chatbot:", "    guidance:\n      chatbox:"),
        ("basis: found", "basis: guessed"),
        ("  - id: 5.1.1-1\n", "  - id: 1.1\n"),
    ],
    ids=["force", "guidance", "basis", "id"],
)
def test_data_that_does_not_follow_the_schema_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """A slip of the hand does not reach the product."""
    copy = Path(shutil.copytree(FOLDER, tmp_path / "edition"))
    text = (copy / "design.yaml").read_text(encoding="utf-8")
    assert old in text
    (copy / "design.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(jsonschema.ValidationError):
        compiled(copy)


def test_the_files_are_one_a_phase() -> None:
    """Nothing else is read, and nothing lies beside them unread."""
    names = {p.name for p in FOLDER.glob("*.yaml")}
    assert names == {*(f"{phase}.yaml" for phase in PHASES), "edition.yaml"}


def test_the_tool_writes_what_the_product_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says where."""
    copy = tmp_path / module.EDITIONS["V2.1.1"]
    shutil.copytree(FOLDER, copy)
    (copy / "catalogue.json").unlink()
    main(tmp_path)
    assert (copy / "catalogue.json").read_bytes() == (FOLDER / "catalogue.json").read_bytes()
    assert str(copy / "catalogue.json") in capsys.readouterr().out
