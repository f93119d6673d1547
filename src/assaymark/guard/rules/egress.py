"""What may leave, in the model's text and in tool arguments: one pass over whole texts, one over streams.

Findings `egress/canary`, `egress/system_prompt`, `egress/secret/KIND`, `egress/personal_data/KIND`,
`egress/link`, `egress/image`, `egress/script_uri` and `egress/data_uri`, each with its span.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from assaymark.guard.event import Action, Channel, Finding, Segment, strictest
from assaymark.guard.policy.model import EgressPolicy, HostRule, KindRule, Policy
from assaymark.guard.policy.vocabulary import matches
from assaymark.guard.rules.canary import find_canary
from assaymark.guard.rules.decoding import Decoded, decoded_runs
from assaymark.guard.rules.hosts import host_allowed
from assaymark.guard.rules.links import Address, find_addresses
from assaymark.guard.rules.overlap import Known, Overlap, Tracker, known_text
from assaymark.guard.rules.personal_data import find_personal_data
from assaymark.guard.rules.plain import Seen
from assaymark.guard.rules.secrets import find_secrets

__all__ = ["EgressStream", "egress"]

MOST = 2_000
"""Findings in one text; more become one finding over all of it, with the strictest action."""
_LOOK_BACK = 4_096
"""Characters of a stream's past that are looked at again with each new piece."""
_OPEN = 24_000
"""Characters to which something that reaches the end of what is known may still grow."""


_ESCAPED = re.compile(r"\\u00([2-7][0-9a-fA-F])")


def egress(
    segments: Sequence[Segment], *, system: Sequence[str], canary: str, policy: Policy
) -> tuple[Finding, ...]:
    """Findings about whole texts.

    Args:
        segments: texts that are about to leave.
        system: the system prompt's texts; empty if there is none.
        canary: of the session; empty if none was put in.
        policy: `policy.egress` says what counts and what then.
    """
    rules = policy.egress
    known = _known(tuple(system), rules)
    trackers = [Tracker(text) for text in known]
    findings: list[Finding] = []
    for n, segment in enumerate(segments):
        text = segment.text
        found = itertools.chain(_local(text, canary, rules), _overlaps(text, trackers, rules))
        findings.extend(msgspec.structs.replace(finding, segment=n) for finding in found)
        if segment.channel is Channel.TOOL_ARGUMENTS and (plain := _unescaped(text)) != text:
            spread = _local(plain, canary, rules)
            findings.extend(msgspec.structs.replace(f, segment=n, start=0, end=0) for f in spread)
    return tuple(findings)


def _unescaped(text: str) -> str:
    """Without JSON escapes of ASCII, which whoever receives the arguments undoes."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class EgressStream:
    """The same rules over one text that arrives in pieces.

    `feed` gives findings with offsets counted from the beginning of the stream. Something that reaches the
    end of what has arrived is reported as far as it goes and again, longer, when more has come; `open` says
    from where on it must be held back. The share of the system prompt adds up over the whole stream.
    """

    def __init__(self, *, system: Sequence[str], canary: str, policy: Policy, segment: int = 0) -> None:
        self._rules = policy.egress
        self._canary = canary
        self._segment = segment
        self._trackers = [Tracker(text) for text in _known(tuple(system), self._rules)]
        self._past = ""
        self._offset = 0
        self._told: set[tuple[str, int, int]] = set()
        self.open: int | None = None
        """Offset of the first thing that may still grow; None if nothing does."""

    def feed(self, text: str) -> tuple[Finding, ...]:
        """Findings that the next piece completes or lengthens."""
        window = self._past + text
        found = [*_local(window, self._canary, self._rules)]
        end = len(window)
        growing = [f.start for f in found if f.end >= end - 1]
        placed = [
            msgspec.structs.replace(f, start=f.start + self._offset, end=f.end + self._offset) for f in found
        ]
        offset = self._offset + len(self._past)
        placed += _overlaps(text, self._trackers, self._rules, offset)
        self.open = min(growing) + self._offset if growing else None
        keep = max(0, end - _LOOK_BACK)
        if growing:
            keep = max(min(keep, *growing), end - _OPEN)
        self._past, self._offset = window[keep:], self._offset + keep
        return tuple(msgspec.structs.replace(f, segment=self._segment) for f in placed if self._new(f))

    def _new(self, finding: Finding) -> bool:
        key = (finding.rule, finding.start, finding.end)
        if key in self._told:
            return False
        if len(self._told) > 4 * MOST:
            self._told = {k for k in self._told if k[2] > self._offset}
        self._told.add(key)
        return True


@lru_cache(maxsize=64)
def _known(system: tuple[str, ...], rules: EgressPolicy) -> tuple[Known, ...]:
    rule = rules.system_prompt
    if rule is None or not system:
        return ()
    found = known_text("\n".join(system), rule.words)
    return (found,) if found is not None else ()


def _overlaps(
    text: str, trackers: Sequence[Tracker], rules: EgressPolicy, offset: int = 0
) -> Iterator[Finding]:
    rule = rules.system_prompt
    for tracker in trackers if rule is not None else ():
        assert rule is not None
        shown = _strongest(text, tracker)
        if shown is None or shown[0].share < rule.share:
            continue
        overlap, layers = shown
        form = f", {overlap.form}" if overlap.form else ""
        yield Finding(
            rule="egress/system_prompt",
            message=f"{overlap.share:.0%} of the system prompt's word sequences come out{form}.",
            action=rule.action,
            start=min(overlap.start, offset + len(text)),
            end=overlap.end,
            score=min(1.0, overlap.share),
            threshold=rule.share,
            layers=layers,
        )


def _strongest(text: str, tracker: Tracker) -> tuple[Overlap, tuple[str, ...]] | None:
    """What the tracker saw in the text and in what is encoded in it."""
    best: tuple[Overlap, tuple[str, ...]] | None = None
    shown = tracker.feed(text)
    if shown is not None:
        best = (shown, (shown.form,) if shown.form else ())
    for run in decoded_runs(text):
        inner = Tracker(tracker.known).feed(run.text)
        if inner is not None and (best is None or inner.share > best[0].share):
            placed = msgspec.structs.replace(inner, start=run.start, end=run.end)
            best = (placed, (run.layer, *((inner.form,) if inner.form else ())))
    return best


def _local(text: str, canary: str, rules: EgressPolicy) -> Iterator[Finding]:
    """Everything but the share of the system prompt, which adds up."""
    worst = Action.ALLOW
    for count, finding in enumerate(_everything(text, canary, rules)):
        worst = strictest(worst, finding.action)
        if count >= MOST:
            message = f"More than {MOST:,} things that may not leave; they are not told apart."
            yield msgspec.structs.replace(finding, message=message, action=worst, start=0, end=len(text))
            return
        yield finding


def _everything(text: str, canary: str, rules: EgressPolicy) -> Iterator[Finding]:
    if canary and rules.canary is not None and (seen := find_canary(text, canary)):
        message = "The canary of this session comes out: the system prompt is being disclosed."
        layers = (seen.note,) if seen.note else ()
        yield Finding(
            rule="egress/canary",
            message=message,
            action=rules.canary,
            start=seen.start,
            end=seen.end,
            layers=layers,
        )
    yield from _kinds("secret", "A credential", find_secrets(text), rules.secrets)
    if rules.personal_data is not None:
        found = find_personal_data(text)
        yield from _kinds("personal_data", "Personal data", found, rules.personal_data)
    if rules.links is not None or rules.images is not None:
        for address in find_addresses(text):
            yield from _address(address, rules)
    if rules.secrets is not None:
        for run in decoded_runs(text):
            yield from _inside(run, rules.secrets)


def _kinds(family: str, what: str, found: Iterator[Seen], rule: KindRule | None) -> Iterator[Finding]:
    if rule is None:
        return
    for seen in found:
        if any(matches(glob, seen.kind) for glob in rule.kinds):
            note = f"; {seen.note}" if seen.note else ""
            yield Finding(
                rule=f"egress/{family}/{seen.kind}",
                message=f"{what} ({seen.kind.replace('_', ' ')}{note}) stands in text that leaves.",
                action=rule.action,
                start=seen.start,
                end=seen.end,
            )


def _inside(run: Decoded, rule: KindRule) -> Iterator[Finding]:
    """A credential in disguise: the whole run is its span."""
    for finding in _kinds("secret", "An encoded credential", find_secrets(run.text), rule):
        yield msgspec.structs.replace(finding, start=run.start, end=run.end, layers=(run.layer,))
        return


def _address(address: Address, rules: EgressPolicy) -> Iterator[Finding]:
    target = address.target
    if target.script or target.scheme == "data":
        rule = (rules.images if address.image else rules.links) or rules.links or rules.images
        assert rule is not None
        if address.hidden:
            name, what = ("script_uri", "runs code") if target.script else ("data_uri", "carries a document")
            yield _finding(name, f"An address {what} instead of leading somewhere.", rule.action, address)
        return
    rule = rules.images if address.image else rules.links
    if rule is None or host_allowed(target, rule.allow) or not _acts(rule, address):
        return
    name = "image" if address.image else "link"
    what = "An address that is fetched unasked" if address.image else "A link"
    how = " and carries data" if target.data else ""
    doubt = "" if target.clear else ", whose host readers understand differently,"
    yield _finding(
        name, f"{what}{doubt} leads to a host that the policy does not name{how}.", rule.action, address
    )


def _acts(rule: HostRule, address: Address) -> bool:
    return not rule.only_with_data or address.target.data or not address.target.clear


def _finding(name: str, message: str, action: Action, address: Address) -> Finding:
    return Finding(
        rule=f"egress/{name}", message=message, action=action, start=address.start, end=address.end
    )
