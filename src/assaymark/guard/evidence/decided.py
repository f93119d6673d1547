"""A decision → the body of a ledger entry. Pure. No text, no n-gram, no message goes into it.

Digests of texts are keyed by default: a short text (a name, a code) could be found from a plain digest by
trying. Whoever holds the signing key can compute them again and so recognise a text in the log.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from assaymark.guard.core.ports import Context
from assaymark.guard.event import Action, Channel, Decision, Finding, Phase, Segment

__all__ = ["TYPE", "Decided", "Found", "Seen", "decided", "text_digest"]

TYPE = "guard-decision"
"""`type` of the ledger's entries."""
_FINDINGS, _SEGMENTS, _LAYERS = 50, 32, 6
"""So many are named; the rest is counted. An entry holds 64 KiB."""
_TOKEN = re.compile(r"[A-Za-z0-9_]{1,24}\Z")
_TOKENS = 12
_NAME = 80
"""Bytes of a name."""
_PERSON = 200
"""Characters of a person's name: people's only words in the log: oversight has to be somebody's."""


class Found(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding, without its message and reasons."""

    rule: str
    action: Action
    segment: int = -1
    start: int = 0
    end: int = 0
    score: float | None = None
    threshold: float | None = None
    layers: tuple[str, ...] = ()
    excepted_by: str = ""


class Seen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One segment, by its digest."""

    n: int
    """Its index, as findings give it."""
    channel: Channel
    digest: str
    """Hexadecimal; `Decided.digest` says how it is made."""
    characters: int
    at: str = ""
    """JSON pointer; a name in it that is not plain, or could be text, is an ellipsis."""
    tool: str = ""


class Decided(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a `guard-decision` entry."""

    v: Literal[1]
    digest: Literal["hmac-sha256", "sha256"]
    """How texts' digests are made."""
    id: str
    phase: Phase
    action: Action
    wanted: Action
    policy: str
    detector: str = ""
    elapsed_ms: float = 0.0
    protocol: str = ""
    model: str = ""
    upstream: str = ""
    tenant: str = ""
    key: str = ""
    """Truncated keyed hash of the caller's key."""
    request: str = ""
    streamed: bool = False
    findings: tuple[Found, ...] = ()
    findings_total: int = 0
    segments: tuple[Seen, ...] = ()
    """Those with findings first."""
    segments_total: int = 0
    by: str = ""
    """Name of the person who decided, as the person gave it; empty if the guard decided."""
    about: str = ""
    """Id of the decision that a person's decision answers."""


def decided(
    decision: Decision, segments: Sequence[Segment], context: Context, secret: bytes | None
) -> Decided:
    """What the ledger keeps.

    Args:
        decision: what was done.
        segments: what it was done with; only their digests are kept.
        context: whose message it was.
        secret: keys the digests; None makes plain SHA-256.
    """
    with_findings = {f.segment for f in decision.findings}
    order = sorted(range(len(segments)), key=lambda n: n not in with_findings)
    return Decided(
        v=1,
        digest="sha256" if secret is None else "hmac-sha256",
        id=decision.id,
        phase=decision.phase,
        action=decision.action,
        wanted=decision.wanted,
        policy=decision.policy,
        detector=decision.detector,
        elapsed_ms=decision.elapsed_ms,
        protocol=context.protocol,
        model=_name(context.model),
        upstream=_name(context.upstream),
        tenant=_name(context.tenant),
        key=context.key[:64],
        request=_name(context.request),
        streamed=context.streamed,
        findings=tuple(map(_found, decision.findings[:_FINDINGS])),
        findings_total=len(decision.findings),
        segments=tuple(_seen(n, segments[n], secret) for n in order[:_SEGMENTS]),
        segments_total=len(segments),
        by="".join(c for c in decision.by if c.isprintable())[:_PERSON],
        about=_name(decision.about),
    )


def text_digest(text: str, secret: bytes | None) -> str:
    """The digest under which a text stands in the log."""
    data = text.encode("utf-8", "surrogatepass")
    return (
        hashlib.sha256(data).hexdigest()
        if secret is None
        else hmac.new(secret, b"text\0" + data, hashlib.sha256).hexdigest()
    )


def _found(finding: Finding) -> Found:
    return Found(
        rule=_name(finding.rule),
        action=finding.action,
        segment=finding.segment,
        start=finding.start,
        end=finding.end,
        score=finding.score,
        threshold=finding.threshold,
        layers=tuple(layer if _TOKEN.match(layer) else "…" for layer in finding.layers[:_LAYERS]),
        excepted_by=_name(finding.excepted_by),
    )


def _seen(n: int, segment: Segment, secret: bytes | None) -> Seen:
    return Seen(
        n=n,
        channel=segment.channel,
        digest=text_digest(segment.text, secret),
        characters=len(segment.text),
        at=_pointer(segment.at),
        tool=_name(segment.tool),
    )


def _pointer(at: str) -> str:
    """Names of fields, never what somebody wrote where a name belongs."""
    if not at.startswith("/"):
        return at if _TOKEN.match(at) else "…" if at else ""
    tokens = at[1:].split("/", _TOKENS)[:_TOKENS]
    return "".join(f"/{token if _TOKEN.match(token) else '…'}" for token in tokens)


def _name(text: str) -> str:
    """A name that callers choose: short, printable, without lone surrogates."""
    kept = "".join(c if c.isprintable() else "?" for c in text[:_NAME])
    return kept.encode("utf-8", "replace")[:_NAME].decode("utf-8", "ignore")
