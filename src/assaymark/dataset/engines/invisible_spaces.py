"""Spaces that nobody sees: doubled, at the end, tabs inside a line, spaces that do not break. Pure."""

from collections.abc import Sequence

__all__ = ["SPACES", "spaced"]

SPACES = {
    2: "doubled spaces",
    3: "spaces or tabs at the end",
    4: "tabs inside a line",
    0xA0: "no-break spaces",
    0x2009: "thin or narrow spaces",
}
"""Kinds and their names."""
_NARROW = "\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"


def spaced(texts: Sequence[str]) -> dict[int, list[int]]:
    """Kind → numbers of the texts that have such spaces, ascending."""
    found = {
        2: [n for n, text in enumerate(texts) if "  " in text],
        3: [n for n, text in enumerate(texts) if text[-1:] in " \t" and text and not text.isspace()],
        4: [n for n, text in enumerate(texts) if "\t" in text.strip()],
    }
    wide = [n for n, text in enumerate(texts) if not text.isascii()]
    found[0xA0] = [n for n in wide if "\xa0" in texts[n]]
    found[0x2009] = [n for n in wide if any(space in texts[n] for space in _NARROW)]
    return {kind: numbers for kind, numbers in found.items() if numbers}
