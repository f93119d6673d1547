"""The transformations in order: when each is worth a try, and the function that makes it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from assaymark.guard.front.ansi import ansi, ansi_concealed
from assaymark.guard.front.base32_text import base32_text
from assaymark.guard.front.base64_text import base64_text
from assaymark.guard.front.base85_text import base85_text
from assaymark.guard.front.bidi import bidi
from assaymark.guard.front.caesar import caesar
from assaymark.guard.front.characters import BIDI, INVISIBLE, LOOKALIKE, MARK, SELECTOR, STYLED, TAG
from assaymark.guard.front.confusables import confusables
from assaymark.guard.front.data_uri import data_uri
from assaymark.guard.front.entities import entities
from assaymark.guard.front.escapes import escapes
from assaymark.guard.front.hexadecimal import hexadecimal
from assaymark.guard.front.html import html
from assaymark.guard.front.invisible import invisible
from assaymark.guard.front.json_string import json_string
from assaymark.guard.front.latex import latex
from assaymark.guard.front.leet import leet
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

Transformation = Callable[[str], "Found | Iterator[Found] | None"]


class Entry(NamedTuple):
    """One line of the table."""

    worth: Callable[[str, Signs], object]
    """Whether the text has anything for it; cheap."""
    make: Transformation


FOLDS: tuple[Entry, ...] = (
    Entry(lambda t, s: s.bits & INVISIBLE, invisible),
    Entry(lambda t, s: s.bits & STYLED, styled),
    Entry(lambda t, s: s.bits & MARK, marks),
    Entry(lambda t, s: s.bits & LOOKALIKE, confusables),
)
"""Characters in costume: undone one after the other, before anything else and without counting as depth."""

DECODERS: tuple[Entry, ...] = (
    Entry(lambda t, s: s.bits & TAG, tag_characters),
    Entry(lambda t, s: s.bits & SELECTOR, variation_selectors),
    Entry(lambda t, s: s.bits & INVISIBLE, zero_width_bits),
    Entry(lambda t, s: s.bits & BIDI, bidi),
    Entry(lambda t, s: "<" in t, html),
    Entry(lambda t, s: "]:" in t, markdown_comment),
    Entry(lambda t, s: "](" in t, markdown_title),
    Entry(lambda t, s: "\\" in t, latex),
    Entry(lambda t, s: "\x1b[" in t or "\x9b" in t, ansi_concealed),
    Entry(lambda t, s: "\x1b[" in t or "\x9b" in t, ansi),
    Entry(lambda t, s: "data:" in t or "DATA:" in t, data_uri),
    Entry(lambda t, s: '\\"' in t, json_string),
    Entry(lambda t, s: "&" in t, entities),
    Entry(lambda t, s: s.percent, percent),
    Entry(lambda t, s: "\\" in t or "U+" in t or "u+" in t, escapes),
    Entry(lambda t, s: "=" in t, quoted_printable),
    Entry(lambda t, s: s.singles >= 5, spacing),
    Entry(lambda t, s: s.run >= 12 or (s.run >= 4 and '"' in t and "+" in t), base64_text),
    Entry(lambda t, s: s.run >= 16, base32_text),
    Entry(lambda t, s: s.word >= 20, base85_text),
    Entry(lambda t, s: s.digits >= 4, hexadecimal),
    Entry(lambda t, s: s.digits >= 14, numbers),
    Entry(lambda t, s: any(c in t for c in (".-", "-.", "..", "--", "·", "•", "–", "—", "−")), morse),
    Entry(lambda t, s: s.leet, leet),
    Entry(lambda t, s: s.strange, pig_latin),
    Entry(lambda t, s: s.strange, reversed_lines),
    Entry(lambda t, s: s.strange, reversed_words),
    Entry(lambda t, s: s.strange, caesar),
)
"""Disguises of text, each undone on its own; what comes out is searched again."""
