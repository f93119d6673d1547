"""An upstream's error body → segments. It may quote anything, so it is judged like an answer."""

from assaymark.guard.event import Channel, Segment
from assaymark.guard.protocol.lossless import Malformed, parse
from assaymark.guard.protocol.shape import Collector, Message, Usage

__all__ = ["read_fault"]


def read_fault(body: bytes) -> Message:
    """Every text of it; if it is not JSON, all of it as one text that cannot be edited."""
    out = Collector()
    try:
        out.walk(parse(body), Channel.OUTPUT, "")
    except Malformed:
        out.segments.append(Segment(text=body.decode("utf-8", "replace"), channel=Channel.OUTPUT))
    return Message(segments=tuple(out.segments), usage=Usage())
