"""An assessment whose verdicts follow from its evidence, as in real life, and all its exports."""

from datetime import date
from functools import cache

from msgspec.structs import replace

from assaymark.assess.assessment import Assessment
from assaymark.assess.judge import judge
from assaymark.report.formats import Material, render
from assaymark.system.system import DeclaredAsset
from tests.report.bom.sample import full
from tests.report.sample import sample


@cache
def judged() -> Assessment:
    """The sample, judged: some provisions pass, fail, wait for a person, are open or do not apply."""
    a = sample()
    scope = {r.id: (r.applicability, {o.id: o.applicability for o in r.obligations}) for r in a.results}
    evidence = tuple(
        replace(e, observation=replace(e.observation, decisive=e.observation.obligations)) for e in a.evidence
    )
    register = (
        DeclaredAsset(kind="document", name="review", location="docs/review.md", classification="internal"),
    )
    system = replace(a.system, assets=register, manifest_sha256="77" * 32)
    results = judge(a.provisions, scope, evidence, system, date(2026, 11, 23))
    waivers = {r.id: r.waiver for r in a.results}
    results = tuple(replace(r, waiver=waivers[r.id]) for r in results)
    return replace(a, system=system, evidence=evidence, results=results)


@cache
def exported(form: str) -> bytes:
    """The judged sample in `form`."""
    return render(form, Material(assessment=judged(), bom=full()))
