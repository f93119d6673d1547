"""The 72 provisions as an OSCAL catalog, and a profile for each role. Ids and our own words only."""

from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.assess.assessment import Assessment
from assaymark.report.oscal.parts import (
    CATALOG_FILE,
    control_id,
    document,
    item_id,
    line,
    metadata,
    number,
    objective_id,
    prop,
    statement_id,
)
from assaymark.standard.provision import Obligation, Provision
from assaymark.system.system import Role

__all__ = ["PROFILES", "in_profile", "render_catalog", "render_profile"]

PROFILES = {
    "developer": Role.DEVELOPER,
    "system-operator": Role.SYSTEM_OPERATOR,
    "data-custodian": Role.DATA_CUSTODIAN,
}
"""Profile → the role that it is for; each holds what is addressed to the Organisation too."""


def render_catalog(assessment: Assessment) -> bytes:
    """The catalog: a group a principle, a control a provision, an item an obligation."""
    a = assessment
    principles = dict.fromkeys((p.principle, p.principle_title) for p in a.provisions)
    return document(
        "catalog",
        {
            "uuid": number("catalog", a.edition, a.catalogue_sha256, a.tool_version, a.assessed_at),
            "metadata": metadata(a, f"{a.edition}: provisions in our own words"),
            "groups": [
                {
                    "id": f"principle-{n}",
                    "class": "principle",
                    "title": line(title),
                    "props": [{"name": "label", "value": f"Principle {n}"}],
                    "controls": [_control(p) for p in a.provisions if p.principle == n],
                }
                for n, title in principles
            ],
        },
    )


def render_profile(assessment: Assessment, name: str) -> bytes:
    """The profile `name` (a key of `PROFILES`): the controls with an obligation addressed to its role."""
    a, role = assessment, PROFILES[name]
    chosen = [control_id(p.id) for p in a.provisions if in_profile(p, role)]
    return document(
        "profile",
        {
            "uuid": number("profile", name, a.edition, a.catalogue_sha256, a.tool_version, a.assessed_at),
            "metadata": metadata(a, f"{a.edition}: what is addressed to the {role.value}"),
            "imports": [{"href": CATALOG_FILE, "include-controls": [{"with-ids": chosen}]}],
            "merge": {"as-is": True},
        },
    )


def in_profile(provision: Provision, role: Role) -> bool:
    """Whether an obligation of `provision` is addressed to `role`, or to the Organisation as a whole."""
    return any({role.value, Role.ORGANISATION.value} & set(o.actors) for o in provision.obligations)


def _control(p: Provision) -> dict[str, Any]:
    related = [{"href": f"#{control_id(p.parent)}", "rel": "related"}] if p.parent else []
    return {
        "id": control_id(p.id),
        "class": "provision",
        "title": line(f"{p.id}: {p.summary}"),
        "props": [
            {"name": "label", "value": p.id},
            prop("phase", p.phase.value),
            prop("force", p.force),
            prop("applies-when", p.applies_when),
            prop("ts-104-223", p.ts_id),
            prop("code-of-practice", p.cop_id),
            prop("evidence-validity-days", p.validity_days),
            *(prop("addressed-to", actor) for actor in p.actors),
        ],
        **({"links": related} if related else {}),
        "parts": list(_parts(p)),
    }


def _parts(p: Provision) -> Iterator[dict[str, Any]]:
    yield {
        "id": statement_id(p.id),
        "name": "statement",
        "prose": p.summary,
        "parts": [_item(o) for o in p.obligations],
    }
    yield {
        "id": objective_id(p.id),
        "name": "assessment-objective",
        "prose": f"Determine whether {_joined(o.text.rstrip('.') for o in p.obligations)}.",
    }
    if p.evidence:
        yield {
            "id": f"{control_id(p.id)}_evd",
            "name": "assessment-method",
            "prose": "Evidence that an assessor accepts: " + "; ".join(p.evidence) + ".",
        }
    for profile, text in sorted(p.guidance.items()):
        yield {
            "id": f"{control_id(p.id)}_gdn.{profile}",
            "name": "guidance",
            "class": profile,
            "prose": text,
        }


def _item(o: Obligation) -> dict[str, Any]:
    return {
        "id": item_id(o.id),
        "name": "item",
        "props": [
            {"name": "label", "value": o.id},
            prop("force", o.force.value),
            *(prop("addressed-to", actor) for actor in o.actors),
        ],
        "prose": o.text,
    }


def _joined(texts: Iterable[str]) -> str:
    return "; and whether ".join(texts)
