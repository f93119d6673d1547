"""An assessment whose verdicts follow from its evidence, as in real life, and all its exports."""

from datetime import date
from functools import cache

from msgspec.structs import replace

from assaymark.assess.assessment import Assessment
from assaymark.assess.judge import judge
from assaymark.observation import Subject
from assaymark.report.declarations.document import render_declarations
from assaymark.report.html import render_html
from assaymark.report.in_toto import render_in_toto, subjects_of
from assaymark.report.json_v1 import render_json
from assaymark.report.junit import render_junit
from assaymark.report.sarif import render_sarif
from assaymark.report.svr import render_svr
from assaymark.system.system import DeclaredAsset
from tests.report.bom.sample import full
from tests.report.sample import sample

FORMS = ("json", "html", "sarif", "junit", "in-toto", "svr", "cyclonedx-1.6", "cyclonedx-1.7")


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
    a = judged()
    match form:
        case "json":
            return render_json(a)
        case "html":
            return render_html(a)
        case "sarif":
            return render_sarif(a)
        case "junit":
            return render_junit(a)
        case "in-toto":
            return render_in_toto(a)
        case "svr":
            return render_svr(a, (*subjects_of(a), Subject("app/load.py", "cd" * 32)))
        case _:
            return render_declarations(a, full(), spec=form.removeprefix("cyclonedx-"))
