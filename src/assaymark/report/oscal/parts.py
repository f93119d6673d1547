"""What the four models share: names, numbers derived from content, props, metadata (OSCAL 1.2.1).

OSCAL's strings hold one line without space around it, its names begin with a letter; both are made here.
"""

import uuid
from typing import Any

from assaymark.assess.assessment import Assessment
from assaymark.report.bom.text import clean, json_bytes

__all__ = [
    "CATALOG_FILE",
    "NAMESPACE",
    "OSCAL_VERSION",
    "control_id",
    "document",
    "item_id",
    "line",
    "metadata",
    "moment",
    "number",
    "objective_id",
    "prop",
    "statement_id",
]

OSCAL_VERSION = "1.2.1"
NAMESPACE = "urn:assaymark:oscal"
"""`ns` of every prop that is ours."""
CATALOG_FILE = "oscal-catalog.json"
"""Name under which `assaymark export` writes the catalogue; the others refer to it beside them."""

_SPACE = uuid.UUID("0b9d1f6e-2f3a-5c1d-8f52-6a6f0c4d9e11")


def control_id(provision: str) -> str:
    """`p5.2.4-1.2` for provision 5.2.4-1.2: an OSCAL token begins with a letter."""
    return f"p{provision}"


def statement_id(provision: str) -> str:
    """Id of a control's statement."""
    return f"{control_id(provision)}_smt"


def item_id(obligation: str) -> str:
    """Id of the item of a statement that is one obligation: `p5.2.4-1_smt.2` for 5.2.4-1#2."""
    provision, _, position = obligation.partition("#")
    return f"{statement_id(provision)}.{position}"


def objective_id(provision: str) -> str:
    """Id of a control's assessment objective."""
    return f"{control_id(provision)}_obj"


def number(*said: str) -> str:
    """A UUIDv5 of what is said: the same content has the same number."""
    return str(uuid.uuid5(_SPACE, "\n".join(said).encode("utf-8", "backslashreplace").decode()))


def line(text: str) -> str:
    """`text` as an OSCAL string: one line, no space around it, never empty."""
    return " ".join(text.split()) or "-"


def prop(name: str, value: object, remarks: str = "") -> dict[str, Any]:
    """One of our props; it must be told from NIST's by its name space."""
    made = {"name": name, "ns": NAMESPACE, "value": line(str(value))}
    return made | ({"remarks": remarks} if remarks else {})


def moment(text: str) -> str:
    """A date as the last moment of that day, a time as it is."""
    return text if "T" in text else f"{text}T23:59:59Z"


def metadata(a: Assessment, title: str, **more: Any) -> dict[str, Any]:
    """The metadata that every OSCAL document needs, with when and by what it was written."""
    return {
        "title": line(title),
        "last-modified": a.assessed_at,
        "version": a.tool_version,
        "oscal-version": OSCAL_VERSION,
        "props": [
            prop("standard", a.edition),
            prop("catalogue-sha256", a.catalogue_sha256),
            prop("tool", f"assaymark {a.tool_version}"),
        ],
        **more,
        "remarks": "A self-assessment's material, in our own words; the standard's text is ETSI's and is not "
        "here. It certifies nothing.",
    }


def document(model: str, content: dict[str, Any]) -> bytes:
    """The file: one model, JSON in ASCII; the same input, the same bytes."""
    return json_bytes(clean({model: content}))
