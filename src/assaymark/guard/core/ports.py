"""What the core asks of its neighbours, as small protocols; the edge hands in what fulfils them.

Nothing here knows a file, a socket or a clock. `Parts` is the whole bundle.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol

from msgspec import Struct

from assaymark.guard.event import Channel, Decision, Finding, Reason, Segment, ToolCall
from assaymark.guard.policy.model import Policy
from assaymark.guard.protocol.shape import Usage

__all__ = [
    "Approvals",
    "Book",
    "Context",
    "Egress",
    "EgressStream",
    "Except",
    "Follow",
    "Judge",
    "Layer",
    "NoBook",
    "Parts",
    "Question",
    "Recorder",
    "Reserved",
    "Reveal",
    "Revealed",
    "Scored",
    "Scorer",
    "Usage",
]


class Context(Struct, frozen=True, kw_only=True):
    """Whose message it is and on what way it travels; holds no text and no secret."""

    key: str = ""
    """Truncated keyed hash of the caller's API key; empty if it sent none."""
    tenant: str = ""
    protocol: str = ""
    """`openai_chat`, `openai_responses`, `anthropic`, `mcp`; empty for a library call."""
    model: str = ""
    upstream: str = ""
    """Origin to which the request goes."""
    request: str = ""
    """One id for all decisions about one exchange."""
    streamed: bool = False


class Scored(Protocol):
    """The worst window of one text."""

    @property
    def score(self) -> float:
        """Between 0 and 1."""

    @property
    def start(self) -> int:
        """First code point of the window."""

    @property
    def end(self) -> int:
        """One past its last."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What moved the score."""


class Scorer(Protocol):
    """The detector, as the chain sees it; called from several threads at once."""

    @property
    def version(self) -> str:
        """Version and digest of the weights, for the decision."""

    def scores(self, channel: Channel) -> bool:
        """Whether it has a head for `channel`."""

    def threshold(self, channel: Channel) -> float:
        """The shipped or calibrated operating point."""

    def score_many(self, items: Sequence[tuple[str, Channel]]) -> Sequence[Scored]:
        """The worst window of each text of one message, in order."""


class Layer(Protocol):
    """One text that another hides."""

    @property
    def text(self) -> str:
        """What the model may read."""

    @property
    def chain(self) -> tuple[str, ...]:
        """Disguises undone, outermost first."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original the part from `start` to `end` of this text stands."""


class Revealed(Protocol):
    """What a text says once its disguises are undone."""

    @property
    def layers(self) -> Sequence[Layer]:
        """Texts to be judged beside the original."""

    @property
    def findings(self) -> Sequence[Finding]:
        """Disguises seen: `front/…`."""


class Reveal(Protocol):
    """Undo disguises, to a bounded depth."""

    def __call__(self, text: str, depth: int) -> Revealed:
        """Total: never raises on hostile text."""


class Except(Protocol):
    """Mark the findings that the policy's exceptions let pass (`excepted_by`)."""

    def __call__(
        self,
        findings: Sequence[Finding],
        segments: Sequence[Segment],
        policy: Policy,
        today: date,
        tenant: str,
    ) -> tuple[Finding, ...]:
        """The same findings, in order."""


class Judge(Protocol):
    """Data-flow and argument rules about one assembled tool call."""

    def __call__(
        self,
        call: ToolCall,
        *,
        tainted: bool | Sequence[str],
        offered: frozenset[str] | None,
        policy: Policy,
        untrusted: Sequence[str] = (),
        trusted: Sequence[str] = (),
    ) -> tuple[Finding, ...]:
        """Findings `flow/…` and `tool/…`.

        `offered` is None when the offer is not known; `tainted` names the untrusted segments if it can;
        `untrusted` and `trusted` are texts in which the origin of a value can be looked up.
        """


class Egress(Protocol):
    """What may leave: canary, system prompt, secrets, personal data, links and images."""

    def __call__(
        self, segments: Sequence[Segment], *, system: Sequence[str], canary: str, policy: Policy
    ) -> tuple[Finding, ...]:
        """Findings `egress/…` with spans in `segments`."""


class EgressStream(Protocol):
    """The same rules over one text that arrives in pieces."""

    @property
    def open(self) -> int | None:
        """Offset of the first thing that may still grow; None if nothing does."""

    def feed(self, text: str) -> tuple[Finding, ...]:
        """Findings that the next piece completes or lengthens; offsets from the beginning of the stream."""


class Follow(Protocol):
    """Begin to follow one text of a stream."""

    def __call__(self, *, system: Sequence[str], canary: str, policy: Policy) -> EgressStream:
        """Nothing is known yet."""


class Reserved(Protocol):
    """Amounts taken beforehand."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Quotas that are over; then nothing was taken."""


class Book(Protocol):
    """Quotas: counts what is spent and says what is over."""

    def check(self, caller: Context) -> tuple[Finding, ...]:
        """Findings `quota/…` for one more request; counts it."""

    def spend(self, caller: Context, usage: Usage) -> None:
        """Count what was used without a reservation."""

    def reserve(
        self, caller: Context, *, requests: int = 0, read: int = 0, wrote: int = 0, tool_calls: int = 0
    ) -> Reserved:
        """Take amounts before they are used, all or none."""

    def settle(self, caller: Context, reservation: Any, usage: Usage | None) -> None:
        """Put what was used in the place of what `reserve` gave; None: nothing was used."""


class NoBook:
    """No quotas."""

    findings: tuple[Finding, ...] = ()

    def check(self, caller: Context) -> tuple[Finding, ...]:
        """Nothing is ever over."""
        return ()

    def spend(self, caller: Context, usage: Usage) -> None:
        """Nothing is counted."""

    def reserve(
        self, caller: Context, *, requests: int = 0, read: int = 0, wrote: int = 0, tool_calls: int = 0
    ) -> "NoBook":
        """Nothing is taken; it is its own reservation."""
        return self

    def settle(self, caller: Context, reservation: Any, usage: Usage | None) -> None:
        """Nothing is counted."""


class Question(Struct, frozen=True, kw_only=True):
    """What a human is asked: the decision, and of the call only what is needed to judge it."""

    decision: Decision
    calls: tuple[ToolCall, ...] = ()
    """Shown to the human; never recorded."""
    context: Context = Context()


class Approvals(Protocol):
    """The queue of questions."""

    async def ask(self, question: Question, timeout_seconds: float) -> bool:
        """True only if a human said yes in time."""


class Recorder(Protocol):
    """Writes decisions down; called off the hot path, on one thread; raises `OSError` if it cannot."""

    def record(self, decision: Decision, segments: Sequence[Segment], context: Context) -> None:
        """Keep digests, spans, scores and rules; never text."""


class Parts(Struct, frozen=True, kw_only=True):
    """Everything that the chain needs and does not own."""

    policy: Policy
    policy_sha256: str
    scorer: Scorer
    reveal: Reveal
    excepted: Except
    judge: Judge
    egress: Egress
    follow: Follow | None = None
    """Egress rules for streams; None applies `egress` to each window."""
    book: Book
    now: Callable[[], float]
    """Monotonic seconds."""
    today: Callable[[], date]
    new_id: Callable[[], str]
    """Ids of decisions."""
    secret: bytes
    """Of this process: canaries and spotlight marks are derived from it."""
