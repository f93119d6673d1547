"""Neighbouring texts of one speaker, as the model reads them: an attack cut in two is whole there.

Of long texts only what lies next to the cut is taken; each text by itself is judged elsewhere.
"""

import itertools
from collections.abc import Iterator, Sequence

from msgspec import Struct

from assaymark.guard.event import Channel, Segment

__all__ = ["Seam", "seams"]

_NEAR = 300
"""Characters on either side of a cut."""
_MOST = 4_000
"""Characters of one seam."""
_CHANNELS = (Channel.USER, Channel.TOOL_RESULT, Channel.DOCUMENT)


class Seam(Struct, frozen=True):
    """Pieces of neighbouring segments as one text; a `Layer` of the segment that ends it."""

    first: int
    segment: int
    """The first and the last of them."""
    text: str
    size: int
    """Characters of the last segment."""
    chain: tuple[str, ...] = ("joined",)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The last segment: the others bear their own scores."""
        return 0, self.size


def seams(segments: Sequence[Segment]) -> Iterator[Seam]:
    """Each run of neighbours on one channel, up to the next long one, joined with a space and without."""
    parts: list[str] = []
    first = 0
    for n, segment in enumerate(segments):
        text = segment.text
        before = segments[n - 1] if n else None
        if before is None or before.channel is not segment.channel or segment.channel not in _CHANNELS:
            parts, first = [text[-_NEAR:]], n
            continue
        parts.append(text[:_NEAR])
        after = segments[n + 1] if n + 1 < len(segments) else None
        last = after is None or after.channel is not segment.channel
        if last or len(text) > _NEAR or sum(map(len, parts)) > _MOST:
            yield Seam(first, n, " ".join(parts), len(text))
            if any(a[-1:].isalnum() and b[:1].isalnum() for a, b in itertools.pairwise(parts)):
                yield Seam(first, n, "".join(parts), len(text))
            parts, first = [text[-_NEAR:]], n
