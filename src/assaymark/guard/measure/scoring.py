"""One row through the real chain: the same front end, detector, thresholds and rules as in service."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from assaymark.guard.core.case import Case
from assaymark.guard.core.chain import judge
from assaymark.guard.core.ports import NoBook, Parts, Scored, Scorer
from assaymark.guard.event import Action, Channel, Decision, Finding, Phase, Segment, strictest
from assaymark.guard.measure.rows import Row
from assaymark.guard.policy.model import Policy

__all__ = ["Measured", "acting_threshold", "measured"]

_PHASES = {Channel.OUTPUT: Phase.RESPONSE, Channel.TOOL_ARGUMENTS: Phase.TOOL_CALL}


class Measured(Struct, frozen=True, kw_only=True):
    """What the guard made of one row."""

    file: str
    line: int
    channel: Channel
    label: bool | None
    score: float
    """Highest of the text and of every text it hides; 0 where nothing was long enough to be scored."""
    threshold: float
    """From here upwards the policy acts on this channel."""
    flagged: bool
    """The score reached the threshold. Deterministic rules have no part in it."""
    action: Action
    """What the policy wants done, all rules together."""
    rule: str = ""
    """The strictest finding's; the detector's if it is among them."""
    start: int = 0
    end: int = 0
    """Span of that finding; both 0: the whole text."""
    layers: tuple[str, ...] = ()
    """Disguises undone to come to that finding."""
    findings: tuple[str, ...] = ()
    """Rules of all findings."""
    slices: tuple[tuple[str, str], ...] = ()
    disguise: str = ""
    characters: int = 0
    elapsed_ms: float = 0.0
    """Of the whole chain."""
    digest: str = ""
    scanned: bool = True
    """False: the policy does not score this channel; the score is given all the same."""

    @property
    def failed(self) -> bool:
        """A step of the chain broke."""
        return any(rule.startswith("error/") for rule in self.findings)


class _Tap:
    """Passes scores on and keeps the highest."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.highest = 0.0

    @property
    def version(self) -> str:
        return self._scorer.version

    def scores(self, channel: Channel) -> bool:
        return self._scorer.scores(channel)

    def threshold(self, channel: Channel) -> float:
        return self._scorer.threshold(channel)

    def score_many(self, items: Sequence[tuple[str, Channel]]) -> Sequence[Scored]:
        found = self._scorer.score_many(items)
        self.highest = max(self.highest, *(one.score for one in found))
        return found


def measured(row: Row, parts: Parts) -> Measured:
    """Judge `row` as a message of its own: no history, no quota, no deadline."""
    tap = _Tap(parts.scorer)
    scanned = parts.policy.channel(row.channel).scan
    threshold = acting_threshold(row.channel, parts)
    decision = _judged(row, replace(parts, scorer=tap, book=NoBook()))
    if not scanned:
        _judged(row, replace(parts, scorer=tap, book=NoBook(), policy=_scanning(parts.policy, row.channel)))
    worst = _worst(decision)
    return Measured(
        file=row.file,
        line=row.line,
        channel=row.channel,
        label=row.label,
        score=tap.highest,
        threshold=threshold,
        flagged=scanned and tap.highest >= threshold,
        action=decision.wanted,
        rule=worst.rule if worst else "",
        start=worst.start if worst else 0,
        end=worst.end if worst else 0,
        layers=worst.layers if worst else (),
        findings=tuple(f.rule for f in decision.findings),
        slices=row.slices,
        disguise=row.disguise,
        characters=len(row.text),
        elapsed_ms=decision.elapsed_ms,
        digest=row.digest,
        scanned=scanned,
    )


def acting_threshold(channel: Channel, parts: Parts) -> float:
    """The lowest score at which the policy does something; above 1 if it never does."""
    policy = parts.policy.channel(channel)
    if not policy.steps:
        return parts.scorer.threshold(channel) if policy.action is not Action.ALLOW else 2.0
    return min((s.threshold for s in policy.steps if s.action is not Action.ALLOW), default=2.0)


def _judged(row: Row, parts: Parts) -> Decision:
    segment = Segment(text=row.text, channel=row.channel)
    phase = _PHASES.get(row.channel, Phase.REQUEST)
    return judge(Case(phase=phase, segments=(segment,), pointers=False), parts)


def _scanning(policy: Policy, channel: Channel) -> Policy:
    channels = policy.channels | {channel: replace(policy.channel(channel), scan=True)}
    return replace(policy, channels=channels)


def _worst(decision: Decision) -> Finding | None:
    live = [f for f in decision.findings if not f.excepted_by] or list(decision.findings)
    if not live:
        return None
    action = strictest(*(f.action for f in live))
    among = [f for f in live if f.action is action]
    return next((f for f in among if f.rule.startswith("detector/")), among[0])
