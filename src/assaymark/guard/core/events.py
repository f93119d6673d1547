"""What happens to an exchange, and what the core wants done about it.

A *track* is one run of text or one call within a stream, named by the protocol's assembler.
"""

from msgspec import Struct

from assaymark.guard.core.ports import Context, Question
from assaymark.guard.event import Decision, Edit, Segment, ToolCall
from assaymark.guard.protocol.shape import Message, Usage

__all__ = [
    "Answered",
    "AskHuman",
    "Closed",
    "Command",
    "DeadlinePassed",
    "Event",
    "Forward",
    "Record",
    "Refuse",
    "Release",
    "ReleaseCall",
    "RequestReceived",
    "ResponseReceived",
    "Stop",
    "StreamEnded",
    "TextDelta",
    "ToolCallReceived",
    "TrackEnded",
]


class RequestReceived(Struct, frozen=True):
    """A client's whole request."""

    message: Message
    context: Context
    estimate: Usage = Usage()
    """What to reserve of the caller's quotas until it is known what was used."""


class ResponseReceived(Struct, frozen=True):
    """The upstream's whole answer."""

    message: Message


class TextDelta(Struct, frozen=True):
    """More text on one track of a stream."""

    track: str
    text: str


class TrackEnded(Struct, frozen=True):
    """No more text will come on one track; what it holds back can go once it is judged."""

    track: str


class ToolCallReceived(Struct, frozen=True):
    """A call, assembled from its pieces."""

    track: str
    call: ToolCall


class StreamEnded(Struct, frozen=True):
    """The upstream has said all; tokens as counted by it, if it counted."""

    usage: Usage | None = None


class Answered(Struct, frozen=True):
    """A human answered, or time ran out, which means no."""

    allowed: bool


class Closed(Struct, frozen=True):
    """Nothing more will come, however it ended; what no answer has accounted for is counted now."""

    usage: Usage | None = None
    """As far as the upstream counted."""
    sent: bool = True
    """False: the upstream never got the request, or refused it."""


_Late = RequestReceived | ResponseReceived | TextDelta | TrackEnded | ToolCallReceived | StreamEnded | Closed


class DeadlinePassed(Struct, frozen=True):
    """`event` could not be judged in time."""

    event: (
        RequestReceived | ResponseReceived | TextDelta | TrackEnded | ToolCallReceived | StreamEnded | Closed
    )


Event = (
    RequestReceived
    | ResponseReceived
    | TextDelta
    | TrackEnded
    | ToolCallReceived
    | StreamEnded
    | Answered
    | Closed
    | DeadlinePassed
)


class Forward(Struct, frozen=True):
    """Pass the message on, with the edits to its segments."""

    decision: Decision
    edits: tuple[Edit, ...] = ()


class Refuse(Struct, frozen=True):
    """Answer with the protocol's own error; nothing has been sent yet."""

    decision: Decision


class AskHuman(Struct, frozen=True):
    """Ask, and feed `Answered`."""

    question: Question


class Release(Struct, frozen=True):
    """Text of a track up to `upto` (code points from its beginning) may go, with the edits made to it."""

    track: str
    upto: int
    edits: tuple[Edit, ...] = ()


class ReleaseCall(Struct, frozen=True):
    """An assembled call may go, with the edits to its arguments."""

    track: str
    edits: tuple[Edit, ...] = ()


class Stop(Struct, frozen=True):
    """End the stream in the protocol's own way; nothing held back may go."""

    decision: Decision


class Record(Struct, frozen=True):
    """Write the decision down; `segments` are for digests only."""

    decision: Decision
    segments: tuple[Segment, ...] = ()
    context: Context = Context()


Command = Forward | Refuse | AskHuman | Release | ReleaseCall | Stop | Record
