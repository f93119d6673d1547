"""The whole assessment as an unsigned in-toto Statement v1 with our own predicate, for policy engines.

A pack signs a statement with the same predicate over its members. This one stands alone: its subjects are
the JSON report beside it, the commit, the manifest, and every model, data set and prompt with a digest.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from assaymark.assess.assessment import Assessment, ProvisionResult
from assaymark.asset import AssetKind
from assaymark.observation import Subject
from assaymark.report.bom.text import clean, json_bytes
from assaymark.report.json_v1 import render_json
from assaymark.report.predicate import (
    PREDICATE,
    STATEMENT_TYPE,
    PackPredicate,
    ResultV1,
    StandardV1,
    VerifierV1,
)
from assaymark.report.svr import COMMIT, descriptor

__all__ = ["REPORT", "predicate_of", "render_in_toto", "subjects_of"]

REPORT = "report.json"
"""Name of the first subject, the JSON report as `render_json` writes it."""
_TESTED = (AssetKind.MODEL, AssetKind.DATASET, AssetKind.PROMPT)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def render_in_toto(assessment: Assessment) -> bytes:
    """The statement as JSON in ASCII; the same assessment gives the same bytes."""
    return json_bytes(clean(_statement(assessment)))


def _statement(a: Assessment) -> dict[str, Any]:
    return {
        "_type": STATEMENT_TYPE,
        "subject": [descriptor(s) for s in subjects_of(a)],
        "predicateType": PREDICATE,
        "predicate": msgspec.to_builtins(predicate_of(a)),
    }


def subjects_of(a: Assessment) -> tuple[Subject, ...]:
    """What was assessed, by digest: the report first, so that there is always one."""
    report = hashlib.sha256(render_json(a)).hexdigest()
    named = [(REPORT, report), (a.system.manifest_path, a.system.manifest_sha256)]
    named += [(x.location, x.sha256) for x in a.assets if x.kind in _TESTED]
    known = dict.fromkeys(Subject(n, d) for n, d in named if n and _SHA256.fullmatch(d))
    commit = (Subject(COMMIT, a.commit),) if _COMMIT_ID.fullmatch(a.commit) else ()
    return (*known, *commit)


def predicate_of(a: Assessment) -> PackPredicate:
    """Our predicate on `a`, every provision in the standard's order; no key has signed it yet."""
    leaves = {e.index: e.leaf for e in a.evidence}
    return PackPredicate(
        verifier=VerifierV1(version=a.tool_version),
        standard=StandardV1(
            edition=a.edition, catalogue_sha256=a.catalogue_sha256, provisions=len(a.provisions)
        ),
        time_created=a.assessed_at,
        system=a.system.name,
        organisation=a.system.organisation,
        system_version=a.system.version,
        git_commit=a.commit,
        roles=tuple(r.value for r in a.system.roles),
        ledger=a.ledger_origin,
        ledger_key=a.public_key,
        results=tuple(_result(r, leaves) for r in a.results),
        public_key="",
    )


def _result(r: ProvisionResult, leaves: dict[int, str]) -> ResultV1:
    return ResultV1(
        requirement=r.id,
        verdict=r.verdict.value,
        freshness=r.freshness.value,
        evidence=_leaves((i for o in r.obligations for i in o.evidence), leaves),
        counter_evidence=_leaves((i for o in r.obligations for i in o.counter_evidence), leaves),
    )


def _leaves(indices: Iterable[int], leaves: dict[int, str]) -> tuple[str, ...]:
    return tuple(leaves[i] for i in sorted(set(indices)))
