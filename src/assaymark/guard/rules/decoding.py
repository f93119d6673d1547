"""Runs of base64, hexadecimal and percent escapes, undone, with the span that they took."""

import base64
import binascii
import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.guard.policy.patterns import byte_pattern
from assaymark.guard.rules.plain import as_bytes

__all__ = ["Decoded", "decoded_runs"]

_RUNS = (
    rb"[A-Za-z0-9+/_-]{24}[A-Za-z0-9+/_-]*(?:\r?\n[A-Za-z0-9+/_-]{16}[A-Za-z0-9+/_-]*)*={0,2}"
    rb"|(?:%[0-9A-Fa-f]{2}[A-Za-z0-9_.~+-]{0,40}){8}(?:%[0-9A-Fa-f]{2}[A-Za-z0-9_.~+-]{0,40})*"
    rb"|(?:(?:\\x|0x)?[0-9A-Fa-f]{2}[ ,:]{1,2}){12}(?:(?:\\x|0x)?[0-9A-Fa-f]{2}[ ,:]{0,2})*"
    rb"|(?:\\x[0-9A-Fa-f]{2}){12}(?:\\x[0-9A-Fa-f]{2})*"
)
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NOT_HEX = re.compile(rb"\\x|0x|[ ,:]")


class Decoded(Struct, frozen=True):
    """What a run says."""

    text: str
    start: int
    end: int
    layer: str
    """`base64`, `hex` or `percent`."""


def decoded_runs(text: str) -> Iterator[Decoded]:
    """Every run of an encoding that decodes to text; runs do not overlap, so the result is no longer."""
    data = as_bytes(text)
    for found in byte_pattern(_RUNS).finditer(data):
        run = found.group()
        for layer, value in _readings(run):
            said = _said(value)
            if said:
                yield Decoded(said, found.start(), found.end(), layer)


def _said(value: bytes) -> str:
    """The text that the bytes are; empty if they are none, as random bytes hardly ever are."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROL.search(text) else text


def _readings(run: bytes) -> Iterator[tuple[str, bytes]]:
    if b"%" in run:
        from urllib.parse import unquote_to_bytes

        yield "percent", unquote_to_bytes(run)
        return
    plain = b"".join(run.split()) if b"\n" in run else run
    stripped = _NOT_HEX.sub(b"", plain)
    if _HEX.match(stripped):
        yield "hex", binascii.unhexlify(stripped)
    if stripped != plain:
        return
    body = plain.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    # A run glued to a word begins at any of four places; the three others are tried on what is left.
    for skip in range(4):
        cut = body[skip:]
        cut = cut[: len(cut) - 1] if len(cut) % 4 == 1 else cut
        try:
            value = base64.b64decode(cut + b"=" * (-len(cut) % 4))
        except (ValueError, binascii.Error):
            continue
        yield "base64", value
