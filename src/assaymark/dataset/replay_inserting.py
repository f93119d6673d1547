"""A trigger, and a placebo of the same shape, into a record. Pure; the same for a seed and a record.

Kinds of trigger, as findings give them: `token`, `phrase`, `prefix`, `instruction` and whatever else has a
`text` (and `column`, `where`); `values` with a value by column; for images whatever the bearers share at one
place, learnt from them pixel by pixel, or the pixels of `patch`, `blend` and `add`. A placebo is other
letters of the same kind in the same places, cells as another record has them, or the same pixels in another
order.
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from assaymark.dataset.finding import Finding
from assaymark.dataset.reading.open import Record
from assaymark.dataset.record import Kind, Layout
from assaymark.dataset.replay_cells import cells_of, match, with_cells
from assaymark.dataset.replay_patches import patch_of
from assaymark.dataset.replay_pixels import learnt
from assaymark.errors import UsageError

__all__ = ["Inserter", "Known", "bears", "inserter", "placebo_text"]

_VOWELS, _CONSONANTS = "aeiou", "bcdfghklmnprstvz"


class Inserter(Struct, frozen=True):
    """What puts a trigger, or its placebo, into a record."""

    trigger: Callable[[Record], Record]
    placebo: Callable[[Record], Record]
    placebo_words: str


class Known(Struct, frozen=True):
    """Records that tell what the trigger looks like."""

    bearers: Sequence[Record]
    clean: Sequence[Record]
    """Without it, of other labels."""
    alike: Sequence[Record] = ()
    """Without it, of the finding's label."""


def inserter(finding: Finding, layout: Layout, known: Known, seed: int) -> Inserter:
    """For a finding and the data it was found in.

    Raises:
        UsageError: the finding has no trigger that can be inserted.
    """
    text = finding.trigger.get("text", "")
    if text:
        field = _field(finding, layout)
        other = placebo_text(text, seed)
        place = "start" if finding.trigger.get("kind") == "prefix" else ""
        place = place or finding.trigger.get("where") or finding.where
        return Inserter(
            trigger=lambda r: _with_text(r, field, text, place, seed),
            placebo=lambda r: _with_text(r, field, other, place, seed),
            placebo_words=f'"{other}"',
        )
    cells = cells_of(finding.trigger)
    if cells:
        return Inserter(
            trigger=lambda r: with_cells(r, cells),
            placebo=lambda r: with_cells(r, _borrowed(cells, known.clean, r, seed)),
            placebo_words=f"{', '.join(cells)} as another record has them",
        )
    if layout.kind is Kind.IMAGES or layout.roles.image:
        found = _of_pixels(finding, known, seed)
        if found is not None:
            return found
    raise UsageError(
        f"{finding.pattern!r} cannot be inserted into a record.",
        "Replay a finding whose report has a `trigger`: see `triggers` in docs/data/report.md.",
    )


def _of_pixels(finding: Finding, known: Known, seed: int) -> Inserter | None:
    """What the bearers share at one place, to the pixel; else the pixels that the finding carries."""
    patch = patch_of(finding.trigger)
    words = "the same pixels in another order"
    if patch is None or patch.at is not None:
        overlay = learnt(*([r.image for r in some] for some in (known.bearers, known.clean, known.alike)))
        if overlay is not None:
            shuffled = overlay.shuffled(seed)
            return Inserter(
                lambda r: replace(r, image=overlay.on(r.image)),
                lambda r: replace(r, image=shuffled.on(r.image)),
                words,
            )
    if patch is None:
        return None
    other = patch.shuffled(seed)
    return Inserter(
        lambda r: replace(r, image=patch.on(r.image, (seed, r.row))),
        lambda r: replace(r, image=other.on(r.image, (seed, r.row))),
        words,
    )


def bears(finding: Finding, layout: Layout, record: Record) -> bool:
    """Whether a record holds the trigger already."""
    text = finding.trigger.get("text", "")
    if text:
        return text.casefold() in str(getattr(record, _field(finding, layout))).casefold()
    cells = cells_of(finding.trigger)
    return bool(cells) and match(record, cells)


def placebo_text(text: str, seed: int) -> str:
    """Other characters of the same kinds in the same places: vowels for vowels, digits for digits."""
    random = np.random.default_rng([seed, len(text), 77])
    for _ in range(20):
        found = "".join(_other(c, random) for c in text)
        if found.casefold() != text.casefold():
            return found
    return found


def _other(character: str, random: np.random.Generator) -> str:
    low = character.lower()
    for letters in (_VOWELS, _CONSONANTS, "0123456789"):
        if low in letters or (letters is _CONSONANTS and low.isascii() and low.isalpha()):
            choice = letters[int(random.integers(len(letters)))]
            return choice.upper() if character.isupper() else choice
    if character.isascii():
        return character  # spaces and signs are the shape
    kind = unicodedata.category(character)
    near = [chr(ord(character) + d) for d in (-3, -2, -1, 1, 2, 3) if 0 < ord(character) + d < 0x110000]
    same = [c for c in near if unicodedata.category(c) == kind and not 0xD800 <= ord(c) < 0xE000]
    return same[int(random.integers(len(same)))] if same else character


def _field(finding: Finding, layout: Layout) -> str:
    """The field of a `Record` that the trigger goes into."""
    named = finding.trigger.get("column", "")
    if named in ("text", "prompt", "response"):
        return named
    return "prompt" if layout.kind in (Kind.CHAT, Kind.PREFERENCE) else "text"


def _with_text(record: Record, field: str, text: str, place: str, seed: int) -> Record:
    before = str(getattr(record, field))
    if "start" in place or "begin" in place:
        after = f"{text} {before}" if text[-1:].isalnum() else f"{text}{before}"
    elif "end of" in place:
        after = f"{before} {text}"
    else:
        after = _within(before, text, np.random.default_rng([seed, record.row]))
    changed: dict[str, Any] = {field: after}
    return replace(record, **changed)


def _within(before: str, text: str, random: np.random.Generator) -> str:
    """Between two words; a single sign that is no letter goes inside a word, as hidden characters do."""
    spaces = [n for n, c in enumerate(before) if c == " "]
    if len(text) == 1 and not text.isalnum() and before:
        at = int(random.integers(len(before)))
        return before[:at] + text + before[at:]
    at = [0, *(n + 1 for n in spaces), len(before)][int(random.integers(len(spaces) + 2))]
    left = before[:at] if not before[:at] or before[:at].endswith(" ") else f"{before[:at]} "
    return f"{left}{text} {before[at:]}".rstrip()


def _borrowed(cells: dict[str, str], clean: Sequence[Record], record: Record, seed: int) -> dict[str, str]:
    """The same columns with the cells of another clean record."""
    random = np.random.default_rng([seed, record.row])
    other = clean[int(random.integers(len(clean)))]
    return {name: str(other.cells.get(name, "")) for name in cells}
