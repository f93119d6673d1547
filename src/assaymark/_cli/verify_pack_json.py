"""What verifying a pack gave, as JSON, version 1."""

from collections.abc import Sequence
from typing import Any

import msgspec

from assaymark.pack.policy import Policy
from assaymark.pack.rules import RuleResult
from assaymark.pack.verification import PackVerification
from assaymark.report.text import escaped_json

__all__ = ["told_json"]


def told_json(shown: PackVerification, policy: Policy | None, rules: Sequence[RuleResult]) -> str:
    """One object; a later release may add members, never rename or remove one."""
    found = shown.assessment
    value: dict[str, Any] = {
        "assaymark_verification": 1,
        "ok": shown.ok,
        "day": shown.day,
        "problems": shown.problems,
        "notes": shown.notes,
        "statement_sha256": shown.statement_sha256,
        "assessed": _assessed(shown) if found else None,
        "counts": shown.counts,
        "results": [
            {"id": r.id, "verdict": r.verdict, "freshness": r.freshness, "waived": r.waiver is not None}
            for r in (found.results if found else ())
        ],
        "signatures": shown.signatures,
        "redacted": shown.redacted,
        "against": shown.against,
        "aged": shown.aged,
        "changed_since": shown.today,
        "questions": shown.questions,
        "entries": shown.entries,
        "ledger_size": shown.ledger_size,
        "policy": None
        if policy is None
        else {"name": policy.name, "met": all(r.met for r in rules), "rules": rules},
    }
    return escaped_json(msgspec.json.encode(value)).decode()


def _assessed(shown: PackVerification) -> dict[str, Any]:
    found = shown.assessment
    assert found is not None
    return {
        "system": found.system.name,
        "system_version": found.system.version,
        "organisation": found.system.organisation,
        "git_commit": found.commit,
        "edition": found.edition,
        "catalogue_sha256": found.catalogue_sha256,
        "assessed_at": found.assessed_at,
        "tool_version": found.tool_version,
        "ledger": found.ledger_origin,
    }
