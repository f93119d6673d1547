"""Bytes that a decoder produced: whether they are text, packed text, or neither."""

import unicodedata
import zlib

__all__ = ["MOST_UNPACKED", "as_text"]

MOST_UNPACKED = 1 << 18
"""Bytes to which one packed run may grow."""
_SAMPLE = 256
_SHORTEST = 12
"""Characters; shorter runs of bytes are UTF-8 by chance."""
_CONTROLS = bytes(n for n in range(32) if n not in (9, 10, 13, 27))


def as_text(data: bytes) -> str | None:
    """`data` as text: UTF-8 or UTF-16, gzip and zlib undone (bounded); None if it is something else."""
    if data[:2] == b"\x1f\x8b" or (data[:1] == b"\x78" and len(data) > 8):
        data = _unpacked(data) or data
    if len(data) >= 4 and (data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[1::2].count(0) * 2 == len(data)):
        return _decoded(data, "utf-16" if data[0] > 0xFD else "utf-16-le")
    if data.translate(None, _CONTROLS) != data:
        return None
    return _decoded(data, "utf-8")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        said = data.decode(encoding)
        return said if said.isascii() or (len(said) >= _SHORTEST and _coherent(said)) else None
    except UnicodeDecodeError as error:
        # A run that was cut short may end within a character.
        kept = data[: error.start]
        return kept.decode(encoding, "ignore") if len(data) - len(kept) <= 3 < len(kept) else None


def _coherent(text: str) -> bool:
    """Whether the letters beyond ASCII are of few scripts; random bytes that happen to decode have many."""
    scripts = {
        unicodedata.name(c, "?").split(" ", 1)[0] for c in text[:_SAMPLE] if not c.isascii() and c.isalpha()
    }
    return len(scripts - {"LATIN", "HIRAGANA", "KATAKANA"}) <= 1


def _unpacked(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj(wbits=47).decompress(data, MOST_UNPACKED)
    except zlib.error:
        return None
