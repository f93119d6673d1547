"""What `init` writes is a valid manifest that says what it knows and leaves the rest open."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.asset import Asset, AssetKind
from assaymark.observation import Location
from assaymark.system.manifest import manifest_schema, read_manifest
from assaymark.system.system import Condition, Profile, Role, Statement
from assaymark.system.template import Draft, manifest_text
from assaymark.system.yaml_tree import read_tree


def test_an_empty_draft_is_valid_and_states_nothing() -> None:
    """All that is known is the name."""
    text = manifest_text(Draft(name="x"))
    system = read_manifest(text, "m")
    assert (system.name, system.profile, system.roles, system.conditions) == ("x", None, (), {})
    jsonschema.validate(read_tree(text).value, manifest_schema())


def test_what_was_found_is_stated_with_its_places() -> None:
    """A reader can check each line."""
    found = {Condition.AGENT_TOOLS: (Location("src/tools.py", 12),)}
    text = manifest_text(
        Draft(name="x", profile=Profile.AGENT, profile_reason="a model may call tools", found=found)
    )
    system = read_manifest(text, "m")
    assert system.conditions == {Condition.AGENT_TOOLS: Statement(holds=True)}
    assert system.profile is Profile.AGENT
    assert "src/tools.py:12" in text
    assert "Proposed because a model may call tools." in text


def test_answers_of_a_person_come_back_as_given() -> None:
    """Roles, names and exclusions survive the round trip."""
    stated = {Condition.TRAINS: Statement(holds=False, reason='no: it\'s bought, "as is"', by="Ann O'Dee")}
    draft = Draft(
        name="y", purpose="p: q", owner="Ann", organisation="No", roles=(Role.SYSTEM_OPERATOR,), stated=stated
    )
    system = read_manifest(manifest_text(draft), "m")
    assert system.conditions == stated
    assert (system.purpose, system.owner, system.organisation) == ("p: q", "Ann", "No")
    assert system.roles == (Role.SYSTEM_OPERATOR,)


def test_found_assets_are_offered_and_not_declared() -> None:
    """A register is a person's statement, so each line waits for one."""
    asset = Asset(id="model:gpt-x", kind=AssetKind.MODEL, name="gpt-x")
    text = manifest_text(Draft(name="x", assets=(asset,)))
    assert "# - {kind: model, name: gpt-x," in text
    assert read_manifest(text, "m").assets == ()
    uncommented = text.replace("  # - {kind: model", "  - {kind: model")
    assert [a.name for a in read_manifest(uncommented, "m").assets] == ["gpt-x"]


def test_a_crowd_of_assets_is_cut_with_its_number() -> None:
    """A template stays readable."""
    crowd = tuple(Asset(id=f"tool:{n}", kind=AssetKind.TOOL, name=f"t{n}") for n in range(100))
    text = manifest_text(Draft(name="x", assets=crowd))
    assert text.count("- {kind: tool") == 40
    assert "… and 60 more were found." in text


def test_each_commented_key_is_valid_once_it_is_uncommented() -> None:
    """The examples in the comments can be used as they stand."""
    text = manifest_text(Draft(name="x", owner="Ann"))
    keys = set(manifest_schema()["properties"])
    lines = [
        line.removeprefix("# ") if line.startswith("# ") and line[2:].split(":")[0] in keys else line
        for line in text.splitlines()
    ]
    body = "\n".join(lines)
    for example in ("- {provision", "- {kind", "threat-model: ", "cloud: true"):
        assert f"  # {example}" in body
        body = body.replace(f"  # {example}", f"  {example}")
    for example in (
        "- id: R-1",
        *(f"  {k}: " for k in ["component", "risk", "reason", "mitigation", "owner", "until"]),
    ):
        assert f"  # {example}" in body
        body = body.replace(f"  # {example}", f"  {example}")
    system = read_manifest(body, "m")
    assert system.waivers[0].provision == "5.2.5-1"
    assert system.accepted_risks[0].id == "R-1"
    assert system.version == "1.0.0"
    assert system.exclude == ("vendor/**",)


def test_lines_fit_a_page() -> None:
    """Comments are wrapped."""
    draft = Draft(name="x", profile_reason="it " * 200, documents={"threat-model": ("a" * 20,) * 9})
    assert all(len(line) <= 110 for line in manifest_text(draft).splitlines())


@pytest.mark.parametrize(
    "name", ["yes", "No", "null", "1.0", "2026-01-01", "a: b", "#x", "- x", "[x", "x\n# y", '"']
)
def test_names_that_yaml_would_misread_are_quoted(name: str) -> None:
    """Whatever the folder is called, its name comes back."""
    assert read_manifest(manifest_text(Draft(name=name)), "m").name == name


@given(st.text(min_size=1, max_size=60).filter(str.strip), st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_hostile_names_and_paths_cannot_break_out(name: str, path: str) -> None:
    """Neither a name nor a path in a comment adds a key or loses the file."""
    name = name.encode("utf-8", "replace").decode()
    path = path.encode("utf-8", "replace").decode()
    draft = Draft(
        name=name,
        found={Condition.CLOUD: (Location(path, 1),)},
        documents={"threat-model": (path,)},
        assets=(Asset(id="a", kind=AssetKind.MODEL, name=path or "n", location=path),),
    )
    system = read_manifest(manifest_text(draft), "m")
    assert system.name == name
    assert list(system.conditions) == [Condition.CLOUD]
