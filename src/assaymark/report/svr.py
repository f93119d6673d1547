"""in-toto's Simple Verification Result, version 0.2: what passes, for a gate that asks nothing else.

The predicate holds passing properties only. A property that is missing was not verified: it may have failed,
be open or not apply, and the predicate has no word for which. Whoever needs that reads the full statement.
"""

import re
from collections.abc import Sequence
from typing import Any

from assaymark.assess.assessment import Assessment, Verdict
from assaymark.observation import Subject
from assaymark.report.bom.text import clean, json_bytes
from assaymark.report.predicate import STATEMENT_TYPE

__all__ = ["COMMIT", "SVR", "descriptor", "property_of", "render_svr", "svr", "verifier_id"]

SVR = "https://in-toto.io/attestation/svr/v0.2"
COMMIT = "git commit"
"""Name of the subject that is a commit, whose digest is the commit's id."""


def render_svr(assessment: Assessment, subjects: Sequence[Subject]) -> bytes:
    """An unsigned in-toto Statement v1 about `subjects`, as JSON in ASCII; the same input, the same bytes."""
    return json_bytes(clean(svr(assessment, subjects)))


def svr(a: Assessment, subjects: Sequence[Subject]) -> dict[str, Any]:
    """The statement as plain values."""
    catalogue = {"name": f"{a.edition} catalogue", "digest": {"sha256": a.catalogue_sha256}}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [descriptor(s) for s in subjects],
        "predicateType": SVR,
        "predicate": {
            # `policies` is required since 0.2; what we verify against is the catalogue, bound by digest.
            "verifier": {"id": verifier_id(a.tool_version), "policies": [catalogue]},
            "timeCreated": a.assessed_at,
            "properties": [property_of(a.edition, r.id) for r in a.results if r.verdict is Verdict.PASS],
        },
    }


def verifier_id(version: str) -> str:
    """Who verified, as a URI that changes with the version, as the predicate recommends."""
    return f"urn:assaymark:assess:{version}"


def property_of(edition: str, provision: str) -> str:
    """`EN_304_223_5_2_4_1_2` for provision 5.2.4-1.2: the edition without its version, then the id."""
    standard = edition.rpartition(" V")[0] or edition
    return re.sub(r"[^A-Za-z0-9]+", "_", f"{standard} {provision}")


def descriptor(subject: Subject) -> dict[str, Any]:
    """A subject as in-toto has it; a commit's id is a digest of another kind."""
    kind = "gitCommit" if subject.name == COMMIT else "sha256"
    return {"name": subject.name, "digest": {kind: subject.sha256}}
