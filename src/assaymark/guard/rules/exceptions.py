"""What may pass although a rule says otherwise: findings in, the same findings out, some of them excepted.

An exception counts for a finding if all of what it names holds at once:

* today is not later than `until`;
* one of `rules` fits `Finding.rule`, and the finding is not about a limit, a quota or a failed step
  (those are switched by their own keys, never by an exception);
* `channels` is empty or holds the segment's channel;
* `sha256` is empty or that of the segment's whole text;
* `phrase` is empty, or the finding has a span that lies wholly within one occurrence of the phrase, with no
  slack: text beside the phrase is never covered, so nobody smuggles by quoting it;
* `tool`, `source` and `tenant` are empty or fit.

A finding about the message as a whole (`segment` -1) can only be excepted by tenant, since it has no text,
channel, tool or source.
"""

import hashlib
from collections.abc import Sequence
from datetime import date

import msgspec

from assaymark.guard.event import Action, Finding, Segment
from assaymark.guard.policy.model import ExceptionRule, Policy
from assaymark.guard.policy.vocabulary import matches, tool_name

__all__ = ["excepted"]

_NEVER = ("limit/", "quota/", "error/")
"""Findings that no exception lifts."""


def excepted(
    findings: Sequence[Finding],
    segments: Sequence[Segment],
    policy: Policy,
    today: date,
    tenant: str,
) -> tuple[Finding, ...]:
    """The same findings in the same order; those that may pass have `excepted_by` set and `ALLOW`."""
    live = [rule for rule in policy.exceptions if rule.until >= today.isoformat()]
    if not live:
        return tuple(findings)
    digests: dict[int, str] = {}
    return tuple(_judged(finding, segments, live, tenant, digests) for finding in findings)


def _judged(
    finding: Finding,
    segments: Sequence[Segment],
    rules: Sequence[ExceptionRule],
    tenant: str,
    digests: dict[int, str],
) -> Finding:
    if finding.rule.startswith(_NEVER):
        return finding
    for rule in rules:
        if (
            any(matches(glob, finding.rule) for glob in rule.rules)
            and (not rule.tenant or rule.tenant == tenant)
            and _placed(rule, finding, segments, digests)
        ):
            return msgspec.structs.replace(finding, action=Action.ALLOW, excepted_by=rule.id)
    return finding


def _placed(
    rule: ExceptionRule, finding: Finding, segments: Sequence[Segment], digests: dict[int, str]
) -> bool:
    """Whether everything that `rule` says of the place holds."""
    if not 0 <= finding.segment < len(segments):
        return not (rule.channels or rule.sha256 or rule.phrase or rule.tool or rule.source)
    segment = segments[finding.segment]
    return (
        (not rule.channels or segment.channel in rule.channels)
        and (not rule.tool or (segment.tool != "" and matches(rule.tool, tool_name(segment.tool))))
        and (not rule.source or (segment.source != "" and matches(rule.source, segment.source)))
        and (not rule.sha256 or _digest(finding.segment, segment, digests) == rule.sha256)
        and (not rule.phrase or _within(rule.phrase, finding, segment.text))
    )


def _digest(index: int, segment: Segment, digests: dict[int, str]) -> str:
    if index not in digests:
        data = segment.text.encode("utf-8", "surrogatepass")
        digests[index] = hashlib.sha256(data).hexdigest()
    return digests[index]


def _within(phrase: str, finding: Finding, text: str) -> bool:
    """Whether the span lies in an occurrence of `phrase`; looks only where one could contain it."""
    start, end = finding.start, finding.end
    if end <= start or end - start > len(phrase):
        return False
    return text.find(phrase, max(0, end - len(phrase)), start + len(phrase)) >= 0
