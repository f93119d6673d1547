"""Bytes that a decoder produced: whether they are text, packed text, or neither."""

import unicodedata
import zlib

__all__ = ["CUT", "as_text"]

CUT = "\uf8ff"
"""Ends a text that would have unpacked to more: `reveal` reports it as the bound `front/size`."""
_GROWTH, _SPARE = 32, 256
"""A packed run may grow to so many times its size, and this much more; writing packs about three times."""
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
    unpacker = zlib.decompressobj(wbits=47)
    try:
        said = unpacker.decompress(data, _GROWTH * len(data) + _SPARE)
    except zlib.error:
        return None
    return said.decode("utf-8", "ignore").encode() + CUT.encode() if unpacker.unconsumed_tail else said
