"""The standard as a framework library of CISO Assistant: a YAML file that its users load under *Libraries*.

Fields as its loader reads them (`backend/library/utils.py` and the libraries beside it, as stored from
intuitem/ciso-assistant-community). Provisions and obligations in our own words; the library holds the
requirements, not the verdicts, which CISO Assistant keeps in audits of its own. Groups are the roles.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from assaymark.assess.assessment import Assessment
from assaymark.report.text import printable
from assaymark.standard.provision import Obligation, Provision
from assaymark.system.system import Role

__all__ = ["LIBRARY_VERSION", "render_ciso_assistant"]

LIBRARY_VERSION = 1
"""A loader replaces a library only by one with a greater version; raised with every change of content."""

_URN = "urn:assaymark:risk"
_REF = "EN-304-223"
_GROUPS = {
    Role.DEVELOPER: "DEV",
    Role.SYSTEM_OPERATOR: "OPS",
    Role.DATA_CUSTODIAN: "CUS",
    Role.ORGANISATION: "ORG",
    Role.END_USER: "USR",
}


def render_ciso_assistant(assessment: Assessment) -> bytes:
    """The library as YAML in ASCII: a section a principle, a requirement an obligation."""
    a = assessment
    name = f"{a.edition}: baseline cyber security requirements for AI"
    library = {
        "urn": f"{_URN}:library:{_slug(a.edition)}",
        "locale": "en",
        "ref_id": _REF,
        "name": name,
        "description": "Provisions and obligations in Assaymark's own words, with ids of the standard. The "
        "standard's text is ETSI's and is not in this file.",
        "copyright": "Wording: the Assaymark developers, Apache-2.0.",
        "version": LIBRARY_VERSION,
        "publication_date": a.assessed_at[:10],
        "provider": "Assaymark",
        "packager": "assaymark",
        "objects": {"framework": _framework(a, name)},
    }
    text = yaml.safe_dump(library, sort_keys=False, width=110)
    return text.encode("ascii")


def _framework(a: Assessment, name: str) -> dict[str, Any]:
    return {
        "urn": f"{_URN}:framework:{_slug(a.edition)}",
        "ref_id": _REF,
        "name": name,
        "description": f"Catalogue {a.catalogue_sha256}, written by Assaymark {a.tool_version}.",
        "implementation_groups_definition": [
            {"ref_id": ref, "name": role.value, "description": f"Addressed to the {role.value}."}
            for role, ref in _GROUPS.items()
        ],
        "requirement_nodes": list(_nodes(a)),
    }


def _nodes(a: Assessment) -> Iterator[dict[str, Any]]:
    space = f"{_URN}:req_node:{_slug(a.edition)}"
    principles: set[int] = set()
    for p in a.provisions:
        section = f"{space}:principle-{p.principle}"
        if p.principle not in principles:
            principles.add(p.principle)
            yield {
                "urn": section,
                "assessable": False,
                "depth": 1,
                "ref_id": str(p.principle),
                "name": printable(p.principle_title),
            }
        own = f"{space}:{p.id.lower()}"
        yield _provision(p, own, section)
        yield from (_obligation(o, own) for o in p.obligations)


def _provision(p: Provision, urn: str, section: str) -> dict[str, Any]:
    return {
        "urn": urn,
        "assessable": False,
        "depth": 2,
        "parent_urn": section,
        "ref_id": p.id,
        "name": f"{p.phase.value}, {p.force}",
        "description": printable(p.summary),
        "annotation": printable(f"Applies when: {p.applies_when}"),
        "typical_evidence": printable("; ".join(p.evidence)),
    }


def _obligation(o: Obligation, parent: str) -> dict[str, Any]:
    position = o.id.partition("#")[2]
    return {
        "urn": f"{parent}-o{position}",  # `.1` would be the urn of a provision below this one
        "assessable": True,
        "depth": 3,
        "parent_urn": parent,
        "ref_id": o.id,
        "name": o.force.value,
        "description": printable(o.text),
        "implementation_groups": [ref for role, ref in _GROUPS.items() if role.value in o.actors],
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
