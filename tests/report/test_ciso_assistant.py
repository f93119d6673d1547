"""CISO Assistant's library: the fields that its loader reads, each provision and obligation once."""

import yaml

from assaymark.report.ciso_assistant import render_ciso_assistant
from assaymark.report.integrity.ciso_assistant import problems
from tests.report.exports import judged
from tests.report.integrity.twins import KNOWN

LIBRARY = {"urn", "locale", "ref_id", "name", "version", "provider", "packager", "objects"}
"""What its loader cannot do without."""


def test_the_library_has_what_the_loader_reads() -> None:
    """Library, framework and nodes carry their required fields; urns are small letters and ASCII."""
    data = render_ciso_assistant(judged())
    library = yaml.safe_load(data)
    framework = library["objects"]["framework"]

    assert data.isascii()
    assert library.keys() >= LIBRARY
    assert all(library[field] for field in LIBRARY)
    assert framework["ref_id"]
    assert framework["urn"].startswith("urn:assaymark:risk:framework:")
    assert isinstance(library["version"], int)
    assert all(node["urn"] == node["urn"].lower() for node in framework["requirement_nodes"])
    assert data == render_ciso_assistant(judged())


def test_roles_are_implementation_groups() -> None:
    """Each obligation is in the group of each role that it is addressed to."""
    a = judged()
    framework = yaml.safe_load(render_ciso_assistant(a))["objects"]["framework"]
    names = {g["ref_id"]: g["name"] for g in framework["implementation_groups_definition"]}
    groups = {
        n["ref_id"]: {names[g] for g in n["implementation_groups"]}
        for n in framework["requirement_nodes"]
        if n["assessable"]
    }
    assert groups == {o.id: set(o.actors) for p in a.provisions for o in p.obligations}


def test_hostile_text_stays_text() -> None:
    """What a name holds comes back escaped, never as YAML of its own."""
    from msgspec.structs import replace

    a = judged()
    hostile = replace(
        a.provisions[0], summary="x\n!!python/object/apply:os.system [id]\n\x1b[31m\u2028: - &a"
    )
    library = yaml.safe_load(render_ciso_assistant(replace(a, provisions=(hostile, *a.provisions[1:]))))
    node = next(n for n in library["objects"]["framework"]["requirement_nodes"] if n["ref_id"] == hostile.id)
    assert node["description"].startswith("x")
    assert "\x1b" not in node["description"]
    assert list(problems(render_ciso_assistant(a), KNOWN)) == []
