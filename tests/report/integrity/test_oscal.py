"""OSCAL and CISO Assistant: a broken twin for each rule; trestle's models accept all of those in OSCAL."""

import copy
import json
from typing import Any

import pytest
import yaml
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.component import ComponentDefinition
from trestle.oscal.profile import Profile

from assaymark.report.ciso_assistant import render_ciso_assistant
from assaymark.report.integrity import ciso_assistant
from assaymark.report.integrity.check import problems_of
from assaymark.report.oscal.catalog import render_catalog, render_profile
from assaymark.report.oscal.component import render_component
from assaymark.report.oscal.results import render_results
from tests.report.exports import judged
from tests.report.integrity.twins import FAILED, KNOWN, OUT, PASSED, Break, first

MODELS: dict[str, tuple[bytes, str, Any]] = {
    "oscal-catalog": (render_catalog(judged()), "catalog", Catalog),
    "oscal-profile-developer": (render_profile(judged(), "developer"), "profile", Profile),
    "oscal-component": (render_component(judged()), "component-definition", ComponentDefinition),
    "oscal-results": (render_results(judged()), "assessment-results", AssessmentResults),
}
NOWHERE = "00000000-0000-4000-8000-000000000000"


def control(c: dict[str, Any], number: str) -> dict[str, Any]:
    """A control of the catalog."""
    return first([x for g in c["groups"] for x in g["controls"]], id=f"p{number}")


def requirement(c: dict[str, Any], number: str) -> dict[str, Any]:
    """An implemented requirement."""
    implementation = c["components"][0]["control-implementations"][0]
    return first(implementation["implemented-requirements"], **{"control-id": f"p{number}"})


def finding(r: dict[str, Any], number: str) -> dict[str, Any]:
    """A finding."""
    return next(f for f in r["results"][0]["findings"] if f["target"]["target-id"] == f"p{number}_obj")


def observation(r: dict[str, Any]) -> dict[str, Any]:
    """The first observation."""
    found: dict[str, Any] = r["results"][0]["observations"][0]
    return found


def ours(part: dict[str, Any], name: str) -> dict[str, Any]:
    """One of our props."""
    return next(p for p in part["props"] if p["name"] == name and "ns" in p)


def digest(r: dict[str, Any]) -> dict[str, Any]:
    """The first digest that an observation rests on."""
    evidence = [e for o in r["results"][0]["observations"] for e in o["relevant-evidence"]]
    return next(p for e in evidence for p in e.get("props", ()) if p["name"] == "digest")


def selection(r: dict[str, Any]) -> dict[str, Any]:
    """Which controls were reviewed."""
    found: dict[str, Any] = r["results"][0]["reviewed-controls"]["control-selections"][0]
    return found


TWINS: dict[str, tuple[str, Break, str]] = {
    "control that is none": (
        "oscal-catalog",
        lambda c: control(c, PASSED).update(id="p9.9.9-9"),
        "control 9.9.9-9 is none",
    ),
    "control missing": ("oscal-catalog", lambda c: c["groups"][-1]["controls"].pop(), "is missing"),
    "obligation missing": (
        "oscal-catalog",
        lambda c: control(c, PASSED)["parts"][0]["parts"].pop(),
        f"item {PASSED}#",
    ),
    "link to nothing": (
        "oscal-catalog",
        lambda c: control(c, PASSED).update(links=[{"href": "#gone"}]),
        "`#gone` leads nowhere",
    ),
    "id twice": (
        "oscal-catalog",
        lambda c: control(c, PASSED)["parts"].append(copy.deepcopy(control(c, PASSED)["parts"][0])),
        "stands more than once",
    ),
    "profile of nothing": (
        "oscal-profile-developer",
        lambda p: p["imports"][0]["include-controls"][0]["with-ids"].append("p9.9.9-9"),
        "p9.9.9-9 is none",
    ),
    "profile chooses twice": (
        "oscal-profile-developer",
        lambda p: p["imports"][0]["include-controls"][0]["with-ids"].append(
            p["imports"][0]["include-controls"][0]["with-ids"][0]
        ),
        "chosen more than once",
    ),
    "requirement says another verdict": (
        "oscal-component",
        lambda c: ours(requirement(c, FAILED), "verdict").update(value="pass"),
        f"requirement {FAILED} says pass",
    ),
    "implemented though it fails": (
        "oscal-component",
        lambda c: requirement(c, FAILED)["props"].append(
            {"name": "implementation-status", "value": "implemented"}
        ),
        "implementation status says otherwise",
    ),
    "statement of another provision": (
        "oscal-component",
        lambda c: requirement(c, PASSED)["statements"][0].update({"statement-id": f"p{FAILED}_smt.1"}),
        f"is none of {PASSED}",
    ),
    "requirement of nothing": (
        "oscal-component",
        lambda c: requirement(c, PASSED).update({"control-id": "p9.9.9-9"}),
        "9.9.9-9 is none",
    ),
    "uuid twice": (
        "oscal-results",
        lambda r: finding(r, PASSED).update(uuid=finding(r, FAILED)["uuid"]),
        "stands more than once",
    ),
    "plan that is not there": (
        "oscal-results",
        lambda r: r["import-ap"].update(href=f"#{NOWHERE}"),
        "leads nowhere",
    ),
    "finding about nothing": (
        "oscal-results",
        lambda r: finding(r, PASSED)["target"].update({"target-id": "p9.9.9-9_obj"}),
        "finding 9.9.9-9 is none",
    ),
    "reviewed and no finding": (
        "oscal-results",
        lambda r: r["results"][0]["findings"].remove(finding(r, PASSED)),
        f"finding {PASSED} is missing",
    ),
    "neither included nor excluded": (
        "oscal-results",
        lambda r: selection(r)["exclude-controls"].remove({"control-id": f"p{OUT}"}),
        f"reviewed control {OUT} is missing",
    ),
    "included and excluded": (
        "oscal-results",
        lambda r: selection(r)["exclude-controls"].append({"control-id": f"p{PASSED}"}),
        "stands more than once",
    ),
    "finding says another verdict": (
        "oscal-results",
        lambda r: ours(finding(r, FAILED), "verdict").update(value="inconclusive"),
        f"finding {FAILED} says inconclusive",
    ),
    "satisfied though it fails": (
        "oscal-results",
        lambda r: finding(r, FAILED)["target"]["status"].update(state="satisfied"),
        "and yet satisfied",
    ),
    "observation that is not there": (
        "oscal-results",
        lambda r: finding(r, FAILED)["related-observations"].append({"observation-uuid": NOWHERE}),
        "which is not here",
    ),
    "another leaf": (
        "oscal-results",
        lambda r: ours(observation(r), "leaf-sha256").update(value="f" * 64),
        "another leaf",
    ),
    "actor who is not there": (
        "oscal-results",
        lambda r: observation(r)["origins"][0]["actors"][0].update({"actor-uuid": NOWHERE}),
        "who is not here",
    ),
    "digest of nothing": ("oscal-results", lambda r: digest(r).update(value="f" * 64), "which nothing has"),
    "digest that is none": ("oscal-results", lambda r: digest(r).update(value="xyz"), "which nothing has"),
}

LIBRARY: dict[str, tuple[Break, str]] = {
    "requirement twice": (lambda n: n.append(copy.deepcopy(n[-1])), "stands more than once"),
    "capital letters": (lambda n: n[-1].update(urn=n[-1]["urn"].upper()), "not in small letters"),
    "parent that is none": (lambda n: n[-1].update(parent_urn="urn:gone"), "does not stand above it"),
    "no parent": (lambda n: n[-1].pop("parent_urn"), "has the parent None"),
    "group that is none": (
        lambda n: n[-1].update(implementation_groups=["XXX"]),
        "which is not defined",
    ),
    "requirement that is none": (lambda n: n[-1].update(ref_id="9.9.9-9#1"), "none of the standard"),
    "requirement missing": (lambda n: n.pop(), "is missing"),
    "section to be assessed": (lambda n: n[0].update(assessable=True), "assessable where it should not be"),
}


@pytest.mark.parametrize("form", MODELS)
def test_what_we_write_is_whole(form: str) -> None:
    """No rule is broken by our own documents."""
    assert problems_of(form, MODELS[form][0], KNOWN) == ()


@pytest.mark.parametrize("name", TWINS)
def test_a_broken_document_is_refused_though_it_is_valid(name: str) -> None:
    """The model of trestle accepts the twin, but for identical numbers; ours names what is wrong."""
    form, damage, reason = TWINS[name]
    data, key, model = MODELS[form]
    document = json.loads(data)
    damage(document[key])

    model.parse_obj(document[key])
    found = problems_of(form, json.dumps(document).encode(), KNOWN)
    assert any(reason in problem for problem in found), found


@pytest.mark.parametrize("name", LIBRARY)
def test_a_broken_library_is_refused(name: str) -> None:
    """There is no validator for these files outside CISO Assistant; ours names what is wrong."""
    damage, reason = LIBRARY[name]
    library = yaml.safe_load(render_ciso_assistant(judged()))
    damage(library["objects"]["framework"]["requirement_nodes"])

    found = list(ciso_assistant.problems(yaml.safe_dump(library).encode(), KNOWN))
    assert any(reason in problem for problem in found), found
