"""Small real parts for the chain: a detector that knows one phrase, a front end that knows base64,
rules of a few lines. They stand in nobody's place; they are the simplest that fulfil the protocols.
"""

import base64
import binascii
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from msgspec.structs import replace

from assaymark.guard.core.ports import Context, NoBook, Parts
from assaymark.guard.event import Action, Channel, Decision, Finding, Reason, Segment
from assaymark.guard.policy.model import Policy
from assaymark.guard.rules.exceptions import excepted
from assaymark.guard.rules.flow import judge_call

PHRASE = "ignore all previous instructions"
SECRET = "sk-test-0123456789"
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


@dataclass(frozen=True)
class Found:
    """One score."""

    score: float
    start: int = 0
    end: int = 0
    reasons: tuple[Reason, ...] = ()


class PhraseScorer:
    """Scores 0.99 where the phrase stands."""

    version = "phrase-1"

    def scores(self, channel: Channel) -> bool:
        """All."""
        return True

    def threshold(self, channel: Channel) -> float:
        """The middle."""
        return 0.5

    def score_many(self, items: Sequence[tuple[str, Channel]]) -> list[Found]:
        """The first place of the phrase."""
        found = []
        for text, _ in items:
            at = text.lower().find(PHRASE)
            found.append(
                Found(0.01) if at < 0 else Found(0.99, at, at + len(PHRASE), (Reason("phrase", 9.0),))
            )
        return found


@dataclass(frozen=True)
class DecodedLayer:
    """What a run of base64 says."""

    text: str
    chain: tuple[str, ...]
    low: int
    high: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The whole run."""
        return self.low, self.high


@dataclass(frozen=True)
class DecodedText:
    """Layers and findings."""

    layers: tuple[DecodedLayer, ...] = ()
    findings: tuple[Finding, ...] = ()


def reveal(text: str, depth: int) -> DecodedText:
    """Base64, and zero-width spaces as a finding."""
    layers = []
    for match in _BASE64.finditer(text):
        try:
            inner = base64.b64decode(match[0]).decode()
        except (binascii.Error, ValueError):
            continue
        layers.append(DecodedLayer(inner, ("base64",), match.start(), match.end()))
    at = text.find("\u200b")
    hidden = Finding(
        rule="front/zero_width", message="Zero-width.", action=Action.ANNOTATE, start=at, end=at + 1
    )
    return DecodedText(tuple(layers), (hidden,) if at >= 0 else ())


def egress(
    segments: Sequence[Segment], *, system: Sequence[str], canary: str, policy: Policy
) -> tuple[Finding, ...]:
    """The canary, and one secret."""
    found = []
    for n, segment in enumerate(segments):
        for what, action, rule in (
            (canary, Action.BLOCK, "egress/canary"),
            (SECRET, Action.REDACT, "egress/secret"),
        ):
            if what and (at := segment.text.find(what)) >= 0:
                found.append(
                    Finding(
                        rule=rule,
                        message="It must not leave.",
                        action=action,
                        segment=n,
                        start=at,
                        end=at + len(what),
                    )
                )
    return tuple(found)


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 100.0

    def __call__(self) -> float:
        """Monotonic seconds."""
        return self.now


@dataclass
class Kept:
    """A recorder that keeps what it is told."""

    decisions: list[tuple[Decision, tuple[Segment, ...], Context]] = field(default_factory=list)

    def record(self, decision: Decision, segments: Sequence[Segment], context: Context) -> None:
        """Keep it."""
        self.decisions.append((decision, tuple(segments), context))

    def rules(self) -> set[str]:
        """Rules of all findings."""
        return {f.rule for d, _, _ in self.decisions for f in d.findings}


def parts(policy: Policy | None = None, **changes: Any) -> Parts:
    """All parts, with ids that count up."""
    counter = itertools.count(1)
    made = Parts(
        policy=policy or Policy(),
        policy_sha256="p" * 64,
        scorer=PhraseScorer(),
        reveal=reveal,
        excepted=excepted,
        judge=judge_call,
        egress=egress,
        book=NoBook(),
        now=Clock(),
        today=lambda: date(2026, 11, 27),
        new_id=lambda: f"d{next(counter)}",
        secret=b"secret of the tests",
    )
    return replace(made, **changes)
