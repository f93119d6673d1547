"""A buyer's policy applied to what a pack shows: each rule met or not, with the reason. Pure."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from assaymark.assess.assessment import Assessment, Evidence, Freshness, ProvisionResult, Verdict
from assaymark.observation import Outcome
from assaymark.pack.policy import Policy, chosen
from assaymark.pack.roles import Demand, RoleSignature, judge_signatures
from assaymark.pack.verification import Kind, PackVerification, Signed
from assaymark.system.system import Signatory

__all__ = ["RuleResult", "applied"]

_SHOWN = 8


class RuleResult(Struct, frozen=True, kw_only=True):
    """One rule of the policy."""

    rule: str
    """Key in the policy."""
    met: bool
    reason: str
    """What was found, one sentence; for a rule that is not met, what is missing."""


def applied(policy: Policy, shown: PackVerification) -> tuple[RuleResult, ...]:
    """Every rule of `policy`; a pack that does not verify meets none of them."""
    found = shown.assessment
    if found is None or not shown.ok:
        told = "The pack does not verify, so nothing in it counts."
        return (RuleResult(rule="verifies", met=False, reason=told),)
    now = {t.provision: t.now for t in shown.today}
    return (
        *_must_pass(policy, found, now),
        *_no_fail(policy, found, now),
        *_age(policy, found, date.fromisoformat(shown.day)),
        *_attested(policy, shown.signatures),
        *_signed_off(policy, shown.signatures),
        *_signer(policy, shown.signatures),
        *_witnesses(policy, shown.signatures),
        *_redacted(policy, shown),
        *_release(policy, found),
    )


def _must_pass(policy: Policy, found: Assessment, now: dict[str, Verdict]) -> Iterator[RuleResult]:
    """As of the buyer's today: what has expired since does not pass. What does not apply is not asked."""
    verdicts = {r.id: now.get(r.id, r.verdict) for r in found.results}
    for name in policy.must_pass:
        asked = [p.id for p in chosen(name, found.provisions)]
        applies = [i for i in asked if verdicts[i] is not Verdict.NOT_APPLICABLE]
        short = [f"{i} ({verdicts[i].value})" for i in applies if verdicts[i] is not Verdict.PASS]
        left_out = len(asked) - len(applies)
        more = f" {left_out} of the {len(asked)} named do not apply." if left_out else ""
        passing = f"{len(applies) - len(short)} of {len(applies)} applicable provisions pass."
        reason = f"{passing}{more}" + (f" Not: {_listed(short)}." if short else "")
        yield RuleResult(rule=f"must_pass: {name}", met=not short and bool(applies), reason=reason)


def _no_fail(policy: Policy, found: Assessment, now: dict[str, Verdict]) -> Iterator[RuleResult]:
    if policy.no_fail:
        failed = [r.id for r in found.results if Verdict.FAIL in (r.verdict, now.get(r.id))]
        reason = f"{len(failed)} fail: {_listed(failed)}." if failed else "No provision fails."
        yield RuleResult(rule="no_fail", met=not failed, reason=reason)


def _age(policy: Policy, found: Assessment, today: date) -> Iterator[RuleResult]:
    limits = {r.id: policy.evidence_days_for.get(r.id, policy.evidence_days) for r in found.results}
    if not any(limits.values()):
        return
    by_index = {e.index: e for e in found.evidence}
    passing = [r for r in found.results if r.verdict is Verdict.PASS and limits[r.id]]
    ages = {r.id: _oldest(r, by_index, found, today) for r in passing}
    old = [f"{i} ({ages[i]} days, {limits[i]} allowed)" for i in ages if ages[i] > limits[i]]
    reason = f"What {len(passing) - len(old)} of {len(passing)} passes rest on is young enough."
    if old:
        reason += f" Too old: {_listed(old)}."
    yield RuleResult(rule="evidence_days", met=not old, reason=reason)


def _oldest(result: ProvisionResult, evidence: dict[int, Evidence], found: Assessment, today: date) -> int:
    """Age in days of the obligation whose newest support is oldest."""
    ages = [0]
    for obligation in result.obligations:
        if obligation.verdict is Verdict.PASS:
            speaks = [evidence[i] for i in obligation.evidence]
            counts = [
                e for e in speaks if e.freshness is Freshness.FRESH and e.observation.outcome is Outcome.MET
            ]
            ages.append(min(((today - _day(e, found)).days for e in counts), default=0))
    return max(ages)


def _day(one: Evidence, found: Assessment) -> date:
    """When it was last known: a check's at the assessment, which found what it saw unchanged."""
    said = one.observation
    if said.check == "attestation":
        return date.fromisoformat(said.made_on)
    own = one.recorded_at if said.role == "tool" else found.assessed_at
    return date.fromisoformat(own[:10])


def _attested(policy: Policy, signed: tuple[Signed, ...]) -> Iterator[RuleResult]:
    for role in policy.attested_by:
        who = sorted({s.name for s in signed if s.kind is Kind.ATTESTATION and s.role == role})
        reason = f"Attested by {_listed(who)}." if who else "Nobody signed an attestation in this role."
        yield RuleResult(rule=f"attested_by: {role}", met=bool(who), reason=reason)


def _signed_off(policy: Policy, signed: tuple[Signed, ...]) -> Iterator[RuleResult]:
    if not (policy.signed_off_by or policy.four_eyes):
        return
    offs = [
        RoleSignature(role=s.role, name=s.name, key=s.key, valid=True)
        for s in signed
        if s.kind is Kind.SIGN_OFF
    ]
    demand = Demand(
        roles=tuple(dict.fromkeys(w.role for w in policy.signed_off_by)),
        four_eyes=policy.four_eyes,
        signatories=tuple(
            Signatory(name=w.name or _name_of(w.key, offs), role=w.role, key=w.key)
            for w in policy.signed_off_by
            if w.key
        ),
    )
    verdict = judge_signatures(offs, demand)
    for met, sentences in ((True, verdict.satisfied), (False, verdict.missing)):
        for sentence in sentences:
            refused = " ".join(r.reason for r in verdict.refused) if not met else ""
            yield RuleResult(rule="signed_off_by", met=met, reason=f"{sentence} {refused}".strip())


def _name_of(key: str, offs: list[RoleSignature]) -> str:
    """A key pinned without a name stands for whoever signs with it."""
    return next((s.name for s in offs if s.key == key), "nobody")


def _signer(policy: Policy, signed: tuple[Signed, ...]) -> Iterator[RuleResult]:
    if policy.signers:
        key = next(s.key for s in signed if s.kind is Kind.STATEMENT)
        met = key in policy.signers
        told = "is" if met else "is not"
        yield RuleResult(
            rule="signers", met=met, reason=f"The pack's key {key[:16]}… {told} one of those named."
        )


def _witnesses(policy: Policy, signed: tuple[Signed, ...]) -> Iterator[RuleResult]:
    if policy.witnesses_needed:
        keys = {w.key.hex() for w in policy.witnesses}
        seen = {s.key: s.name for s in signed if s.kind is Kind.WITNESS and s.key in keys}
        asked = f"{policy.witnesses_needed} needed"
        reason = f"{len(seen)} of {len(keys)} witnesses cosigned the ledger's head; {asked}."
        yield RuleResult(rule="witnesses", met=len(seen) >= policy.witnesses_needed, reason=reason)


def _redacted(policy: Policy, shown: PackVerification) -> Iterator[RuleResult]:
    if policy.max_redacted is not None:
        count = len(shown.redacted)
        reason = f"{count} withheld, at most {policy.max_redacted} allowed."
        yield RuleResult(rule="max_redacted", met=count <= policy.max_redacted, reason=reason)


def _release(policy: Policy, found: Assessment) -> Iterator[RuleResult]:
    if policy.min_tool_version:
        from packaging.version import InvalidVersion, Version

        try:
            met = Version(found.tool_version) >= Version(policy.min_tool_version)
        except InvalidVersion:
            met = False
        reason = f"Assessed with Assaymark {found.tool_version}; at least {policy.min_tool_version} is asked."
        yield RuleResult(rule="min_tool_version", met=met, reason=reason)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
