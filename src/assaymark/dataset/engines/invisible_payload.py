"""What invisible characters spell, read with the guard's own decoders, and shown so that it can be read."""

from typing import NamedTuple

from assaymark.guard.front.bidi import bidi
from assaymark.guard.front.characters import INVISIBLE, code_points, flags
from assaymark.guard.front.mapped import Found
from assaymark.guard.front.tag_characters import tag_characters
from assaymark.guard.front.variation_selectors import variation_selectors
from assaymark.guard.front.zero_width_bits import zero_width_bits

__all__ = ["Payload", "escaped", "payload"]

_LEAST = 3
"""Characters that a payload has to spell."""
_OVERRIDDEN = 8
_READABLE = 0.9


class Payload(NamedTuple):
    """A text that people do not see."""

    way: str
    """How it is hidden, in words."""
    says: str
    start: int
    end: int


_WAYS = {
    tag_characters: "tag characters",
    variation_selectors: "variation selectors",
    zero_width_bits: "bits of zero-width characters",
    bidi: "a directional override",
}


def payload(text: str) -> Payload | None:
    """The first hidden text that can be read; None if nothing can."""
    for decode, way in _WAYS.items():
        found = decode(text)
        if found is not None and _reads(found, _OVERRIDDEN if decode is bidi else _LEAST):
            start, end = found.spans[0]
            says = text[start:end].strip("\u202e\u202c\u202d") if decode is bidi else found.made.text
            return Payload(way, says[:200], start, end)
    return None


def escaped(text: str, around: int, width: int = 160) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The stretch near `around` with invisible characters written out, and where they are written."""
    start = max(0, around - width // 2)
    part = text[start : start + width]
    bits = flags(code_points(part))
    made: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for c, flag in zip(part, bits.tolist(), strict=True):
        shown = f"⟨U+{ord(c):04X}⟩" if flag & INVISIBLE else _safe(c)
        if flag & INVISIBLE:
            spans.append((at, at + len(shown)))
        made.append(shown)
        at += len(shown)
    return "".join(made), tuple(spans)


def _safe(c: str) -> str:
    return c if c.isprintable() or c in "\n\t" else "\ufffd"


def _reads(found: Found, least: int) -> bool:
    said = found.made.text.strip()
    good = sum((c.isprintable() and c != "\ufffd") or c in "\n\t" for c in said)
    letters = sum(c.isalnum() for c in said)
    return len(said) >= least and good >= _READABLE * len(said) and 2 * letters >= len(said)
