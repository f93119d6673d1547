"""The guard's nouns: where text stands, what was found in it, what is to be done.

Offsets count Unicode code points of `Segment.text`; spans are half-open. All nouns are frozen and hold
no I/O.
"""

from enum import StrEnum

from msgspec import Struct

__all__ = [
    "Action",
    "Channel",
    "Decision",
    "Edit",
    "Finding",
    "Phase",
    "Reason",
    "Segment",
    "ToolCall",
    "strictest",
]


class Channel(StrEnum):
    """Who speaks, and so whose word it is: the same sentence is an order from one, an attack from another."""

    SYSTEM = "system"
    """The operator's own instructions to the model."""
    USER = "user"
    """What the person in front of the system wrote."""
    TOOL_DESCRIPTION = "tool_description"
    """Names, descriptions and parameter texts of the tools offered to the model."""
    TOOL_ARGUMENTS = "tool_arguments"
    """What the model wants to hand to a tool."""
    TOOL_RESULT = "tool_result"
    """What a tool gave back."""
    DOCUMENT = "document"
    """Retrieved, attached or embedded text that somebody else wrote."""
    ASSISTANT = "assistant"
    """Earlier turns of the model, as the client sends them back."""
    OUTPUT = "output"
    """Text that the model has just produced and that nobody has seen yet."""


class Action(StrEnum):
    """What becomes of a segment or message; `strictest` orders them."""

    ALLOW = "allow"
    """It passes as it is."""
    ANNOTATE = "annotate"
    """It passes, marked as data that must not be obeyed (spotlighting)."""
    REDACT = "redact"
    """It passes without the span."""
    ASK = "ask"
    """It waits for a human; without an answer in time it is blocked."""
    BLOCK = "block"
    """It does not pass; the caller gets the protocol's own error."""


_STRICTNESS = {action: n for n, action in enumerate(Action)}


def strictest(*actions: Action) -> Action:
    """The strictest of `actions`; `ALLOW` if there is none."""
    return max(actions, key=_STRICTNESS.__getitem__, default=Action.ALLOW)


class Phase(StrEnum):
    """On the way to what a decision stands."""

    REQUEST = "request"
    """Client to model."""
    RESPONSE = "response"
    """Model to client, whole or a held-back window of a stream."""
    TOOL_CALL = "tool_call"
    """Model to tool: one assembled call."""
    TOOL_RESULT = "tool_result"
    """Tool to client or model (MCP)."""
    LISTING = "listing"
    """Server to client: the tools it offers (MCP)."""


class Segment(Struct, frozen=True, kw_only=True):
    """One string of a message, with who speaks in it and where it stands."""

    text: str
    channel: Channel
    at: str = ""
    """JSON pointer (RFC 6901) of the string within the message; empty for a library call."""
    tool: str = ""
    """Name of the tool, on the tool channels."""
    source: str = ""
    """Where the text came from, if the protocol says: a URI, a file name, a document id."""


class ToolCall(Struct, frozen=True, kw_only=True):
    """One call that the model wants to make, fully assembled."""

    name: str
    arguments: str
    """As sent: JSON text (or free text for custom tools); may be malformed."""
    id: str = ""
    at: str = ""
    """JSON pointer of the arguments within the message; empty in a stream."""


class Reason(Struct, frozen=True):
    """One thing that moved a score."""

    text: str
    """The n-gram, pattern or feature, in plain words."""
    weight: float
    """What it added to the score (log-odds for the linear model)."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that one step saw in one place."""

    rule: str
    """Stable id, `family/name`: `front/tag_characters`, `detector/document`, `egress/secret/private_key`,
    `flow/untrusted_to_send`, `quota/tokens`, `tool/arguments`, `limit/body_bytes`, `error/STEP`."""
    message: str
    """One sentence for the person who reads the log; never quotes the text."""
    action: Action
    """What the policy wants done because of it (what was done may be stricter, or less in shadow mode)."""
    segment: int = -1
    """Index of the segment, or -1 for the message as a whole."""
    start: int = 0
    """First code point."""
    end: int = 0
    """One past the last; 0 with `start` 0 means the whole segment."""
    score: float | None = None
    """Between 0 and 1; None for deterministic rules."""
    threshold: float | None = None
    layers: tuple[str, ...] = ()
    """Transformations that brought it to light, outermost first: `base64`, `html_comment`."""
    reasons: tuple[Reason, ...] = ()
    excepted_by: str = ""
    """Id of the policy's exception that lets it pass; empty if none does."""


class Edit(Struct, frozen=True):
    """Replace one span of one segment."""

    segment: int
    start: int
    end: int
    replacement: str


class Decision(Struct, frozen=True, kw_only=True):
    """What the guard did with one message or one window of a stream, and why."""

    id: str
    """Unique; also in the caller's error and in the ledger."""
    phase: Phase
    action: Action
    """What was done."""
    wanted: Action
    """What the policy would have done; differs from `action` in shadow mode only."""
    findings: tuple[Finding, ...] = ()
    edits: tuple[Edit, ...] = ()
    """What to change in the segments before it is passed on, for `ANNOTATE` and `REDACT`."""
    policy: str = ""
    """SHA-256 of the policy that decided."""
    detector: str = ""
    """Version and digest of the detector's weights; empty if no text was scored."""
    elapsed_ms: float = 0.0
    by: str = ""
    """Name of the person who decided, as the person gave it; empty if the guard decided."""
    about: str = ""
    """Id of the decision that a person's decision answers."""
