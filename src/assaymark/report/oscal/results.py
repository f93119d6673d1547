"""The assessment as OSCAL assessment results.

A finding's state is `satisfied` or `not-satisfied` and nothing else (usnistgov/OSCAL issue 841). What is
open is `not-satisfied` for the reason `other`, with our verdict in a prop; what does not apply is no finding,
but an excluded control and a prop with the reason. Nothing satisfied rests on silence.
"""

from collections.abc import Iterator
from typing import Any

from assaymark.assess.assessment import Assessment, Evidence, ProvisionResult, Verdict
from assaymark.assess.obligation import is_attested
from assaymark.observation import Detail
from assaymark.report.bom.text import iri
from assaymark.report.oscal.parts import (
    control_id,
    document,
    line,
    metadata,
    moment,
    number,
    objective_id,
    prop,
)

__all__ = ["render_results"]

_STATUS: dict[Verdict, dict[str, str]] = {
    Verdict.PASS: {"state": "satisfied", "reason": "pass"},
    Verdict.FAIL: {"state": "not-satisfied", "reason": "fail"},
    Verdict.INCONCLUSIVE: {"state": "not-satisfied", "reason": "other"},
}

_WHOLE = {"description": "The tree as a whole."}


def render_results(assessment: Assessment) -> bytes:
    """The assessment results: an observation an entry of evidence, a finding a provision that applies."""
    a = assessment
    parties = {name: _number(a, "party", name) for name in _people(a)}
    plan = _number(a, "plan")
    return document(
        "assessment-results",
        {
            "uuid": _number(a, "assessment-results"),
            "metadata": metadata(a, f"{a.system.name} against {a.edition}", **_parties(parties)),
            "import-ap": {"href": f"#{plan}"},
            "results": [_result(a, parties)],
            "back-matter": {
                "resources": [
                    {
                        "uuid": plan,
                        "title": "Assessment plan",
                        "description": f"Every provision of {a.edition}, by the {len(a.checks)} checks of "
                        f"Assaymark {a.tool_version} and by attestations of named persons.",
                    }
                ]
            },
        },
    )


def _number(a: Assessment, *said: str) -> str:
    return number(a.edition, a.system.name, a.commit, a.ledger_origin, a.ledger_root, a.assessed_at, *said)


def _people(a: Assessment) -> tuple[str, ...]:
    """Who attested, each once, in the order of the evidence."""
    return tuple(dict.fromkeys(e.observation.by for e in a.evidence if is_attested(e.observation)))


def _parties(parties: dict[str, str]) -> dict[str, Any]:
    if not parties:
        return {}
    return {"parties": [{"uuid": u, "type": "person", "name": line(name)} for name, u in parties.items()]}


def _result(a: Assessment, parties: dict[str, str]) -> dict[str, Any]:
    tool = _number(a, "tool")
    applies = [r for r in a.results if r.verdict is not Verdict.NOT_APPLICABLE]
    not_applying = [r for r in a.results if r.verdict is Verdict.NOT_APPLICABLE]
    return {
        "uuid": _number(a, "result"),
        "title": line(f"Assessment of {a.assessed_at}"),
        "description": "A self-assessment; thresholds are Assaymark's own. Open provisions count as not "
        "satisfied; the prop `verdict` tells them from failed ones.",
        "start": a.assessed_at,
        "end": a.assessed_at,
        "props": list(_facts(a, len(applies), not_applying)),
        "local-definitions": {
            "components": [
                {
                    "uuid": tool,
                    "type": "software",
                    "title": "Assaymark",
                    "description": f"Assaymark {a.tool_version}",
                    "status": {"state": "operational"},
                }
            ]
        },
        "reviewed-controls": {"control-selections": [_selection(applies, not_applying)]},
        **_filled("observations", [_observation(a, e, tool, parties) for e in a.evidence]),
        **_filled("findings", [_finding(a, r) for r in applies]),
    }


def _filled(name: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    """OSCAL allows no empty list."""
    return {name: values} if values else {}


def _facts(a: Assessment, applicable: int, not_applying: list[ProvisionResult]) -> Iterator[dict[str, Any]]:
    for verdict in Verdict:
        yield prop(f"count-{verdict.value.replace(' ', '-')}", sum(r.verdict is verdict for r in a.results))
    yield prop("count-applicable", applicable)
    yield prop("count-total", len(a.results))
    said = {"git-commit": a.commit, "ledger-origin": a.ledger_origin, "ledger-root": a.ledger_root}
    yield from (prop(name, value) for name, value in said.items() if value)
    yield from (prop("not-applicable", control_id(r.id), r.applicability.reason) for r in not_applying)
    yield from (prop("problem", p) for p in a.problems)


def _selection(applies: list[ProvisionResult], not_applying: list[ProvisionResult]) -> dict[str, Any]:
    included = [{"control-id": control_id(r.id)} for r in applies]
    excluded = [{"control-id": control_id(r.id)} for r in not_applying]
    return _filled("include-controls", included) | _filled("exclude-controls", excluded)


def _observation(a: Assessment, e: Evidence, tool: str, parties: dict[str, str]) -> dict[str, Any]:
    seen = e.observation
    person = is_attested(seen)
    actor = {"type": "party", "actor-uuid": parties[seen.by]} if person else {
        "type": "tool", "actor-uuid": tool,
    }  # fmt: skip
    return {
        "uuid": _observed(a, e.index),
        "title": line(f"Entry {e.index}: {seen.check}"),
        "description": seen.summary or "-",
        "props": list(_about(e)),
        "methods": [seen.method.value.upper()],
        "origins": [{"actors": [actor]}],
        "relevant-evidence": [*_places(seen.details), *_subjects(e)]
        or [{"description": "The tree as a whole."}],
        "collected": moment(seen.made_on) if person and seen.made_on else e.recorded_at,
        **({"expires": moment(seen.valid_until)} if seen.valid_until else {}),
        **({"remarks": seen.fix} if seen.fix else {}),
    }


def _observed(a: Assessment, index: int) -> str:
    return _number(a, "observation", str(index))


def _about(e: Evidence) -> Iterator[dict[str, Any]]:
    seen = e.observation
    yield prop("ledger-index", e.index)
    yield prop("leaf-sha256", e.leaf)
    yield prop("check", f"{seen.check} {seen.check_version}")
    yield prop("outcome", seen.outcome.value)
    yield prop("certainty", seen.certainty.value)
    yield prop("freshness", e.freshness.value, e.stale_because)
    said = {"by": seen.by, "role": seen.role}
    yield from (prop(name, value) for name, value in said.items() if value)


def _places(details: tuple[Detail, ...]) -> Iterator[dict[str, Any]]:
    for detail in details:
        at = detail.at
        where = {"href": iri(at.path) + (f"#L{at.line}" if at.line else "")} if at and at.path else {}
        yield where | {"description": detail.message or "-"}


def _subjects(e: Evidence) -> Iterator[dict[str, Any]]:
    for subject in e.observation.subjects:
        yield {"description": subject.name or "-", "props": [prop("digest", subject.sha256)]}


def _finding(a: Assessment, r: ProvisionResult) -> dict[str, Any]:
    entries = sorted({i for o in r.obligations for i in (*o.evidence, *o.counter_evidence)})
    related = [{"observation-uuid": _observed(a, i)} for i in entries]
    return {
        "uuid": _number(a, "finding", r.id),
        "title": line(f"{r.id}: {r.verdict.value}"),
        "description": r.reason or "-",
        "props": [
            prop("verdict", r.verdict.value),
            prop("freshness", r.freshness.value),
            prop("basis", r.basis),
            *([prop("unmet", r.unmet)] if r.unmet else []),
            *(prop("obligation", f"{o.id}: {o.verdict.value}", o.reason) for o in r.obligations),
            *([_waiver(r)] if r.waiver else []),
        ],
        "target": {
            "type": "objective-id",
            "target-id": objective_id(r.id),
            "status": dict(_STATUS[r.verdict]),
        },
        **_filled("related-observations", related),
        **({"remarks": " ".join(r.moves)} if r.moves else {}),
    }


def _waiver(r: ProvisionResult) -> dict[str, Any]:
    assert r.waiver is not None
    return prop("waiver", f"until {r.waiver.until} by {r.waiver.owner}", r.waiver.reason)
