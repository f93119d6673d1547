"""Bits spelt by two characters that draw nothing, eight (or seven) to a letter."""

import re

from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["zero_width_bits"]

_BITS = re.compile("[\u200b-\u200d\u2060\u2062-\u2064\ufeff]{16,}+")
_SEPARATORS = "\u200d\u2060\ufeff"
_PRINTABLE = re.compile(r"[\t\n\r\x20-\x7e]*\Z")


def zero_width_bits(text: str) -> Found | None:
    """The text that runs of zero-width characters spell; an unreadable run is left to `invisible`."""
    runs = [
        Run(m.start(), m.end(), said) for m in _BITS.finditer(text) if (said := _said(m.group())) is not None
    ]
    if not runs:
        return None
    return Found(name="zero_width_bits", made=listed(runs, " "), spans=merged(runs), hidden=True)


def _said(run: str) -> str | None:
    kinds = sorted(set(run))
    if len(kinds) > 2:
        for separator in _SEPARATORS:
            run = run.replace(separator, "") if len(set(run)) > 2 else run
        kinds = sorted(set(run))
    if len(kinds) != 2:
        return None
    for zero, one in (kinds, kinds[::-1]):
        bits = run.replace(zero, "0").replace(one, "1")
        for size in (8, 7, 16):
            if len(bits) % size == 0 and (said := _letters(bits, size)):
                return said
    return None


def _letters(bits: str, size: int) -> str | None:
    numbers = [int(bits[n : n + size], 2) for n in range(0, len(bits), size)]
    try:
        said = bytes(numbers).decode() if size == 8 else "".join(map(chr, numbers))
    except ValueError:
        return None
    return said if (said.isascii() and _PRINTABLE.match(said)) or (size == 8 and said.isprintable()) else None
