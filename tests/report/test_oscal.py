"""OSCAL: what we write is what trestle's models take, and a profile resolves against the catalog."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from trestle.core.profile_resolver import ProfileResolver
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.component import ComponentDefinition
from trestle.oscal.profile import Profile

from assaymark.assess.assessment import Verdict
from assaymark.report.oscal.catalog import PROFILES, in_profile, render_catalog, render_profile
from assaymark.report.oscal.component import render_component
from assaymark.report.oscal.parts import CATALOG_FILE, control_id
from assaymark.report.oscal.results import render_results
from tests.report.exports import judged


def read(data: bytes, model: str) -> dict[str, Any]:
    """The content of a document that holds exactly that model."""
    document = json.loads(data)
    assert list(document) == [model]
    content: dict[str, Any] = document[model]
    return content


def test_all_four_models_are_valid_oscal() -> None:
    """trestle, generated from NIST's schemas, refuses an unknown member, a bad enumeration, a bad token."""
    a = judged()
    Catalog.parse_obj(read(render_catalog(a), "catalog"))
    ComponentDefinition.parse_obj(read(render_component(a), "component-definition"))
    AssessmentResults.parse_obj(read(render_results(a), "assessment-results"))
    for name in PROFILES:
        Profile.parse_obj(read(render_profile(a, name), "profile"))


def test_the_validator_would_notice() -> None:
    """A state that OSCAL does not have is refused, so the test above can fail."""
    content = read(render_results(judged()), "assessment-results")
    content["results"][0]["findings"][0]["target"]["status"]["state"] = "partly"
    with pytest.raises(ValueError, match="state"):
        AssessmentResults.parse_obj(content)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_resolves_against_the_catalog(name: str, tmp_path: Path) -> None:
    """Somebody else's resolver finds every control that the profile chooses, and no other."""
    a = judged()
    (tmp_path / ".trestle").mkdir()
    for folder, data in (("catalogs/all", render_catalog(a)), ("profiles/one", render_profile(a, name))):
        (tmp_path / folder).mkdir(parents=True)
        model = folder.partition("s/")[0]
        text = data.decode().replace(CATALOG_FILE, "trestle://catalogs/all/catalog.json")
        (tmp_path / folder / f"{model}.json").write_text(text)

    here = Path.cwd()
    os.chdir(tmp_path)  # it resolves its own addresses against the working directory
    try:
        resolved = ProfileResolver.get_resolved_profile_catalog(tmp_path, "profiles/one/profile.json")
    finally:
        os.chdir(here)

    found = {c.id for group in resolved.groups or () for c in group.controls or ()}
    assert found == {control_id(p.id) for p in a.provisions if in_profile(p, PROFILES[name])}


def test_open_is_never_satisfied() -> None:
    """Of the two states, only a pass is `satisfied`; what does not apply is excluded with its reason."""
    a = judged()
    (result,) = read(render_results(a), "assessment-results")["results"]
    satisfied = {
        f["title"].split(":")[0] for f in result["findings"] if f["target"]["status"]["state"] == "satisfied"
    }
    assert satisfied == {r.id for r in a.results if r.verdict is Verdict.PASS} != set()

    out = [r for r in a.results if r.verdict is Verdict.NOT_APPLICABLE]
    (selection,) = result["reviewed-controls"]["control-selections"]
    assert [c["control-id"] for c in selection["exclude-controls"]] == [control_id(r.id) for r in out] != []
    reasons = {p["value"]: p["remarks"] for p in result["props"] if p["name"] == "not-applicable"}
    assert reasons == {control_id(r.id): r.applicability.reason for r in out}


def test_numbers_follow_from_content() -> None:
    """The same assessment gives the same bytes; another time gives other numbers."""
    from msgspec.structs import replace

    a = judged()
    assert render_results(a) == render_results(judged())
    later = replace(a, assessed_at="2026-12-01T00:00:00Z")
    first, second = (read(render_results(x), "assessment-results")["uuid"] for x in (a, later))
    assert first != second
