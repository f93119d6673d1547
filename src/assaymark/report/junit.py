"""The assessment as JUnit XML, as build servers read it: a suite a principle, a case a provision.

Only `pass` is green. `fail` is a failure, `inconclusive` and `not applicable` are skipped with their reason,
which most servers show in yellow; a viewer that counts skipped cases as passed is wrong about this file.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from assaymark.assess.assessment import Assessment, Evidence, ProvisionResult, Verdict
from assaymark.report.junit_xml import attributes, body, document
from assaymark.report.text import counted
from assaymark.standard.provision import Provision

__all__ = ["render_junit"]

_PLACES = 20
"""Places listed in a failure."""


class _Case(Struct, frozen=True):
    provision: Provision
    result: ProvisionResult


def render_junit(assessment: Assessment) -> bytes:
    """All provisions in the standard's order; the same assessment gives the same bytes."""
    a = assessment
    results = {r.id: r for r in a.results}
    cases = [_Case(p, results[p.id]) for p in a.provisions if p.id in results]
    entries = {e.index: e for e in a.evidence}
    name = {"name": f"{a.edition}: {a.system.name}"}
    lines = [f"<testsuites{attributes({**name, **_counts(cases), 'time': 0})}>"]
    for _, group in groupby(cases, key=lambda c: c.provision.principle):
        lines += _suite(tuple(group), a, entries)
    return document([*lines, "</testsuites>"])


def _counts(cases: Sequence[_Case]) -> dict[str, object]:
    verdicts = [c.result.verdict for c in cases]
    skipped = sum(v in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE) for v in verdicts)
    return {
        "tests": len(verdicts),
        "failures": sum(v is Verdict.FAIL for v in verdicts),
        "errors": 0,
        "skipped": skipped,
    }


def _suite(cases: tuple[_Case, ...], a: Assessment, entries: dict[int, Evidence]) -> Iterator[str]:
    first = cases[0].provision
    told = {
        "name": f"Principle {first.principle}: {first.principle_title}",
        **_counts(cases),
        "time": 0,
        "timestamp": a.assessed_at.removesuffix("Z"),  # the format has no zone; it is UTC
    }
    yield f"<testsuite{attributes(told)}>"
    properties = {"phase": first.phase.value, "assaymark": a.tool_version, "commit": a.commit}
    yield from _properties(properties)
    for case in cases:
        yield from _case(case, entries)
    yield "</testsuite>"


def _properties(given: dict[str, str]) -> Iterator[str]:
    yield "<properties>"
    for name, value in given.items():
        if value:
            yield f"<property{attributes({'name': name, 'value': value})}/>"
    yield "</properties>"


def _case(case: _Case, entries: dict[int, Evidence]) -> Iterator[str]:
    p, r = case.provision, case.result
    title = {"classname": f"{p.phase.value}.{p.principle_title}", "name": f"{p.id} {p.summary}", "time": 0}
    yield f"<testcase{attributes(title)}>"
    yield from _properties(_facts(case))
    if r.verdict is Verdict.FAIL:
        about = {"type": r.unmet or p.force, "message": r.reason}
        yield f"<failure{attributes(about)}>{body(_failure(r, entries))}</failure>"
    elif r.verdict is not Verdict.PASS:
        yield f"<skipped{attributes({'message': f'{r.verdict.value}: {r.reason}'})}/>"
    yield "</testcase>"


def _facts(case: _Case) -> dict[str, str]:
    p, r = case.provision, case.result
    pro = sorted({i for o in r.obligations for i in o.evidence})
    contra = sorted({i for o in r.obligations for i in o.counter_evidence})
    return {
        "provision": p.id,
        "verdict": r.verdict.value,
        "force": p.force,
        "actors": ", ".join(p.actors),
        "basis": r.basis,
        "freshness": r.freshness.value,
        "evidence": " ".join(map(str, pro)),
        "counter-evidence": " ".join(map(str, contra)),
        "waiver": f"{r.waiver.owner}, until {r.waiver.until}: {r.waiver.reason}" if r.waiver else "",
    }


def _failure(r: ProvisionResult, entries: dict[int, Evidence]) -> Iterator[str]:
    """What was seen against it and where, then what to do."""
    against = dict.fromkeys(i for o in r.obligations for i in o.counter_evidence)
    details = [(d.at, d.message) for i in against for d in entries[i].observation.details]
    yield from (entries[i].observation.summary for i in against)
    yield from (f"{at}: {said}" if at else said for at, said in details[:_PLACES])
    if len(details) > _PLACES:
        yield f"… and {counted(len(details) - _PLACES, 'further place')}."
    yield from (f"Next: {move}" for move in r.moves)
