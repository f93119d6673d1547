"""The transformations in order: when each is worth a try, and the function that makes it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from assaymark.guard.front.accents import accents
from assaymark.guard.front.ansi import ansi, ansi_concealed
from assaymark.guard.front.base32_text import base32_text
from assaymark.guard.front.base64_text import base64_text
from assaymark.guard.front.base85_text import base85_text
from assaymark.guard.front.bidi import bidi
from assaymark.guard.front.caesar import caesar
from assaymark.guard.front.characters import ACCENT, BIDI, INVISIBLE, LOOKALIKE, MARK, SELECTOR, STYLED, TAG
from assaymark.guard.front.confusables import confusables, mixed
from assaymark.guard.front.data_uri import data_uri
from assaymark.guard.front.entities import entities
from assaymark.guard.front.escapes import escapes
from assaymark.guard.front.hexadecimal import hexadecimal
from assaymark.guard.front.html import html
from assaymark.guard.front.invisible import invisible
from assaymark.guard.front.json_string import json_string
from assaymark.guard.front.latex import latex
from assaymark.guard.front.leet import leet, words
from assaymark.guard.front.mapped import Found
from assaymark.guard.front.markdown import markdown_comment, markdown_title
from assaymark.guard.front.marks import marks
from assaymark.guard.front.morse import morse
from assaymark.guard.front.numbers import numbers
from assaymark.guard.front.percent import percent
from assaymark.guard.front.pig_latin import pig_latin
from assaymark.guard.front.quoted_printable import quoted_printable
from assaymark.guard.front.reversal import reversed_lines, reversed_words
from assaymark.guard.front.signs import Signs
from assaymark.guard.front.spacing import spacing
from assaymark.guard.front.styled import styled
from assaymark.guard.front.tag_characters import tag_characters
from assaymark.guard.front.variation_selectors import variation_selectors
from assaymark.guard.front.zero_width_bits import zero_width_bits

__all__ = ["DECODERS", "FOLDS", "Entry"]

Transformation = Callable[[str, Signs], "Found | Iterator[Found] | None"]


class Entry(NamedTuple):
    """One line of the table."""

    worth: Callable[[str, Signs], object]
    """Whether the text has anything for it; cheap."""
    make: Transformation
    price: Callable[[str, Signs], int] = lambda t, s: 3 * len(t)
    """Work to be expected, in looks at one code point (about ten nanoseconds), at the most."""


def _each(cost: int, *signs: str) -> Callable[[str, Signs], int]:
    """The price of a transformation that does something at each of `signs`."""
    return lambda t, s: 2 * len(t) + cost * sum(t.count(sign) for sign in signs)


FOLDS: tuple[Entry, ...] = (
    Entry(lambda t, s: s.bits & INVISIBLE, lambda t, s: invisible(t), lambda t, s: 40 * s.wide),
    Entry(lambda t, s: s.bits & STYLED, lambda t, s: styled(t), lambda t, s: 10 * len(t) + 150 * s.wide),
    Entry(lambda t, s: s.bits & MARK, lambda t, s: marks(t), lambda t, s: 3 * len(t) + 60 * s.wide),
    Entry(
        lambda t, s: s.bits & LOOKALIKE,
        lambda t, s: confusables(t),
        lambda t, s: 12 * len(t) + 200 * mixed(t),
    ),
    Entry(lambda t, s: s.bits & ACCENT, lambda t, s: accents(t), lambda t, s: 3 * len(t) + 60 * s.wide),
)
"""Characters in costume: undone one after the other, before anything else and without counting as depth."""

DECODERS: tuple[Entry, ...] = (
    Entry(lambda t, s: s.bits & TAG, lambda t, s: tag_characters(t), lambda t, s: 30 * s.wide),
    Entry(lambda t, s: s.bits & SELECTOR, lambda t, s: variation_selectors(t), lambda t, s: 40 * s.wide),
    Entry(lambda t, s: s.bits & INVISIBLE, lambda t, s: zero_width_bits(t), lambda t, s: 40 * s.wide),
    Entry(lambda t, s: s.bits & BIDI, lambda t, s: bidi(t), lambda t, s: 3 * len(t) + 150 * s.wide),
    Entry(lambda t, s: "<" in t, lambda t, s: html(t), _each(350, "<", "<!--", "<!--")),
    Entry(lambda t, s: "]:" in t, lambda t, s: markdown_comment(t), _each(300, "]:")),
    Entry(lambda t, s: "](" in t, lambda t, s: markdown_title(t), _each(300, "](")),
    Entry(lambda t, s: "\\" in t, lambda t, s: latex(t), _each(40, "\\")),
    Entry(
        lambda t, s: "\x1b[" in t or "\x9b" in t, lambda t, s: ansi_concealed(t), _each(1_500, "\x1b", "\x9b")
    ),
    Entry(lambda t, s: "\x1b[" in t or "\x9b" in t, lambda t, s: ansi(t), _each(150, "\x1b", "\x9b")),
    Entry(lambda t, s: "data:" in t or "DATA:" in t, lambda t, s: data_uri(t), _each(150, "ata:", "ATA:")),
    Entry(lambda t, s: '\\"' in t, lambda t, s: json_string(t), _each(150, '"')),
    Entry(lambda t, s: "&" in t, lambda t, s: entities(t), _each(400, "&")),
    Entry(lambda t, s: s.percent, lambda t, s: percent(t), _each(250, "%")),
    Entry(lambda t, s: "\\" in t or "U+" in t or "u+" in t, lambda t, s: escapes(t), _each(200, "\\", "+")),
    Entry(lambda t, s: "=" in t, lambda t, s: quoted_printable(t), _each(100, "=")),
    Entry(lambda t, s: s.singles >= 5, lambda t, s: spacing(t), lambda t, s: 3 * len(t) + 250 * s.singles),
    Entry(
        lambda t, s: s.run >= 12 or (s.run >= 4 and '"' in t and "+" in t),
        lambda t, s: base64_text(t),
        lambda t, s: 20 * len(t),
    ),
    Entry(lambda t, s: s.run >= 16, lambda t, s: base32_text(t)),
    Entry(lambda t, s: s.word >= 20, lambda t, s: base85_text(t), lambda t, s: 15 * len(t)),
    Entry(lambda t, s: s.digits >= 4, lambda t, s: hexadecimal(t), lambda t, s: 3 * len(t) + 20 * s.digits),
    Entry(lambda t, s: s.digits >= 14, lambda t, s: numbers(t), lambda t, s: 3 * len(t) + 50 * s.digits),
    Entry(
        lambda t, s: any(c in t for c in (".-", "-.", "..", "--", "·", "•", "–", "—", "−")),
        lambda t, s: morse(t),
        _each(80, ".", "-", "·", "•", "–", "—", "−"),
    ),
    Entry(
        lambda t, s: s.leet, lambda t, s: leet(t), lambda t, s: 8 * len(t) + 500 * min(s.leet, 1 + words(t))
    ),
    Entry(lambda t, s: s.strange, lambda t, s: pig_latin(t, s.strange), _each(800, "ay")),
    Entry(
        lambda t, s: s.strange, lambda t, s: reversed_lines(t, s.strange), lambda t, s: 200 * len(s.strange)
    ),
    Entry(
        lambda t, s: s.strange,
        lambda t, s: reversed_words(t, s.strange),
        lambda t, s: 3 * len(t) + 200 * len(s.strange),
    ),
    Entry(lambda t, s: s.strange, lambda t, s: caesar(t, s.strange), lambda t, s: 8_000 * len(s.strange)),
)
"""Disguises of text, each undone on its own; what comes out is searched again."""
