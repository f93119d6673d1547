"""The policy as frozen values. Field names are those of the YAML file; `load` reads it, `lint` doubts it.

Every default is the safe one: closed on error, on deadline and on an unanswered question.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from assaymark.guard.event import Action, Channel

__all__ = [
    "ApprovalPolicy",
    "ArgumentRule",
    "ChannelPolicy",
    "Effect",
    "EgressPolicy",
    "ExceptionRule",
    "FlowPolicy",
    "HostRule",
    "KindRule",
    "Limits",
    "LogPolicy",
    "McpPolicy",
    "Mode",
    "OverlapRule",
    "Policy",
    "Price",
    "Quota",
    "Step",
    "StreamPolicy",
    "ToolRule",
    "UpstreamPolicy",
]


class Mode(StrEnum):
    """Whether decisions bite."""

    ENFORCE = "enforce"
    SHADOW = "shadow"
    """Decide and record, change nothing."""


class Effect(StrEnum):
    """What a tool can do to the world."""

    READ = "read"
    SEND = "send"
    PAY = "pay"
    WRITE = "write"
    DELETE = "delete"
    EXECUTE = "execute"


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `threshold` upwards, `action`."""

    threshold: float
    action: Action


class ChannelPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done with text on one channel."""

    scan: bool = True
    """False leaves the channel's text unscored (decoding and egress rules still run)."""
    steps: tuple[Step, ...] = ()
    """Thresholds in rising order with rising strictness; empty means the shipped operating point with
    `action`."""
    action: Action = Action.BLOCK
    """Applied at the shipped (or calibrated) threshold when `steps` is empty."""
    hidden: Action = Action.ANNOTATE
    """Applied when text is hidden from people but not from the model (tag characters, hidden styles …)."""
    on_error: Literal["deny", "allow"] = "deny"
    """What happens when a step fails on this channel; `allow` is fail-open and is recorded each time."""


class ExceptionRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that may pass although a rule says otherwise: with owner, reason and end date."""

    id: str
    owner: str
    reason: str
    until: str
    """ISO date, the last day on which it counts."""
    rules: tuple[str, ...] = ("*",)
    """Globs over `Finding.rule`."""
    channels: tuple[Channel, ...] = ()
    """Empty: all."""
    sha256: str = ""
    """Of the segment's text, UTF-8."""
    phrase: str = ""
    """Literal text; the finding's span must lie within an occurrence of it."""
    tool: str = ""
    """Glob over tool names."""
    source: str = ""
    """Glob over `Segment.source`."""
    tenant: str = ""


class ArgumentRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one argument of a tool may be."""

    path: str
    """JSON pointer within the arguments; `*` stands for any one name or index."""
    allow: tuple[str, ...] = ()
    """Globs; empty allows all that `deny` does not name."""
    deny: tuple[str, ...] = ()
    """Globs."""
    pattern: str = ""
    """RE2 pattern that must match the whole value."""
    max_length: int | None = None
    maximum: float | None = None


class ToolRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a tool and what its calls may do. The first rule whose `name` matches counts."""

    name: str
    """Glob over tool names."""
    effects: tuple[Effect, ...] = ()
    trusted: bool = False
    """True: its results are not untrusted text (a clock, a calculator)."""
    action: Action = Action.ALLOW
    """For every call, whatever went before."""
    after_untrusted: Action | None = None
    """For a call after untrusted text was read in this conversation; None leaves it to `FlowPolicy`."""
    schema: dict[str, object] | None = None
    """JSON Schema (2020-12) that the arguments must meet."""
    arguments: tuple[ArgumentRule, ...] = ()
    on_violation: Action = Action.BLOCK
    """When schema or argument rules are broken."""


class FlowPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data-flow: what untrusted text may not cause."""

    untrusted: tuple[Channel, ...] = (Channel.TOOL_RESULT, Channel.DOCUMENT)
    effects: tuple[Effect, ...] = (Effect.SEND, Effect.PAY, Effect.DELETE, Effect.EXECUTE)
    action: Action = Action.ASK
    unknown_tools: Action = Action.ASK
    """For a call, after untrusted text, of a tool that no rule names."""
    undeclared_tools: Action = Action.BLOCK
    """For a call of a tool that the request did not offer."""


class OverlapRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the system prompt may reappear."""

    words: int = 8
    """Length of the shared word sequences that count."""
    share: float = 0.2
    """Share of the system prompt's sequences that must reappear."""
    action: Action = Action.BLOCK


class KindRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For secrets or personal data: which kinds, and what then."""

    kinds: tuple[str, ...] = ("*",)
    """Globs over kind names."""
    action: Action = Action.REDACT


class HostRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For links or images: which hosts are fine, and what happens to others."""

    allow: tuple[str, ...] = ()
    """Host globs (`*.example.org`)."""
    action: Action = Action.REDACT
    only_with_data: bool = True
    """Act only on URLs that carry data out (query, long path or fragment); False: on every other host."""


class EgressPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may leave, in the model's text and in tool arguments."""

    canary: Action | None = Action.BLOCK
    """A per-session canary in the system prompt reappears; None puts none in."""
    system_prompt: OverlapRule | None = OverlapRule()
    secrets: KindRule | None = KindRule()
    personal_data: KindRule | None = None
    links: HostRule | None = None
    images: HostRule | None = HostRule()


class Quota(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most `amount` of `what` in `seconds` for each `per`."""

    what: Literal["requests", "tokens", "cost", "tool_calls"]
    amount: float
    seconds: float
    per: Literal["key", "tenant", "all"] = "key"


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cost of a million tokens of a model, in any one currency."""

    model: str
    """Glob."""
    input: float
    output: float


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes above which a message is refused."""

    body_bytes: int = 8_388_608
    text_chars: int = 2_000_000
    segments: int = 20_000
    tools: int = 2_000
    json_depth: int = 64
    decode_depth: int = 3
    """How many disguises inside one another are undone."""
    deadline_ms: int = 5_000
    """For deciding on one message; what then is `on_deadline`."""
    on_deadline: Literal["deny", "allow"] = "deny"


class StreamPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a stream is held back."""

    hold_back_chars: int = 200
    """The newest characters that are not yet released."""


class ApprovalPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Questions to a human."""

    timeout_seconds: float = 300
    """Unanswered for so long means no."""
    store: str = ""
    """SQLite file of the queue; empty: in memory, answered over HTTP only."""
    validity_seconds: float = 900
    """How long after it was put a question can be answered, and a retry of the same call be let pass once."""
    show_arguments: bool = False
    """True shows a call's arguments to whoever answers; False shows their digest and shape only."""


class McpPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done with messages of the Model Context Protocol beyond their text."""

    poisoned_tool: Literal["remove", "refuse"] = "remove"
    """A tool (prompt, resource) whose description is blocked leaves the list, or the list is refused."""
    refusal: Literal["error", "result"] = "error"
    """A blocked tool call is answered with a JSON-RPC error, or with a tool result marked `isError`."""
    changed_tool: Action = Action.BLOCK
    """When a tool's declaration is not what it was when it was first seen."""
    sampling: Action = Action.ASK
    """When a server asks the client's model to answer something."""
    elicitation: Action = Action.ALLOW
    """When a server asks the person something; its text is judged in any case."""


class UpstreamPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where requests may go."""

    allow: tuple[str, ...] = ()
    """Origins (`https://api.example.com`) that the command line may name as upstream; empty: any.
    With another the gateway does not start."""
    connect_seconds: float = 10
    read_seconds: float = 120
    """Longest silence of the upstream."""


class LogPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written down of a decision."""

    ledger: str = ""
    """File of the ledger, relative to the policy; empty: the one on the command line, else none."""
    record_allowed: bool = True
    """False records only what was found."""
    content: bool = False
    """True puts text into OpenTelemetry spans. Never into the ledger."""


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    version: Literal[1] = 1
    name: str = ""
    mode: Mode = Mode.ENFORCE
    channels: dict[Channel, ChannelPolicy] = {}
    """A channel that is missing has `ChannelPolicy()`."""
    exceptions: tuple[ExceptionRule, ...] = ()
    tools: tuple[ToolRule, ...] = ()
    flow: FlowPolicy = FlowPolicy()
    egress: EgressPolicy = EgressPolicy()
    quotas: tuple[Quota, ...] = ()
    prices: tuple[Price, ...] = ()
    limits: Limits = Limits()
    stream: StreamPolicy = StreamPolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    mcp: McpPolicy = McpPolicy()
    upstream: UpstreamPolicy = UpstreamPolicy()
    log: LogPolicy = LogPolicy()
    calibration: str = ""
    """File written by `assaymark guard calibrate`, relative to the policy; empty: shipped thresholds."""

    def channel(self, channel: Channel) -> ChannelPolicy:
        """The policy for `channel`."""
        return self.channels.get(channel, _DEFAULT)


_DEFAULT = ChannelPolicy()
