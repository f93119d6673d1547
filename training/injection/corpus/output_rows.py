"""English model answers: some show that an attack worked, most are what assistants say all day.

Templates and lists lie in `output_rows/`; names and things come from the lists of the document attacks, so
that no name stands for a label. Both labels get the same casing and the same neighbours.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from training.injection.corpus import document_attacks
from training.injection.corpus.english_templates import Template, Writer, cased, read_slots, read_templates
from training.injection.rows import Row

__all__ = ["rows"]

_FOLDER = Path(__file__).with_name("output_rows")
_EACH = {1: 6, 0: 5}
"""Rows of a template at scale 1, by label."""
_BESIDE = 0.35
"""How often ordinary answers stand before or after the text, whatever its label."""
_POLITE = 0.15
"""How often a row begins, and how often it ends, with a phrase of courtesy, whatever its label."""
_LABELS = frozenset({"label: not_spam", "yes", "B", "Positive."})
"""Answers of one word, which stand alone."""


def rows(rng: random.Random, scale: float = 1.0) -> Iterator[Row]:
    """About 4,000 answers at scale 1, the same for the same seed."""
    templates = read_templates(_FOLDER)
    writer = Writer(rng, _slots(templates))
    seen: set[str] = set()
    for template in templates:
        label = int(template.family.startswith("worked/"))
        for _ in range(max(1, round(_EACH[label] * scale))):
            text = cased(_answer(template, writer, rng, seen), rng)
            if text not in seen:
                seen.add(text)
                yield Row(text=text, label=label, head="output", family=template.family, group=template.group)


def _slots(templates: list[Template]) -> dict[str, list[str]]:
    slots = document_attacks.slots() | read_slots(_FOLDER / "slots.txt")
    slots["answer"] = [
        t.text
        for t in templates
        if t.family.startswith("ordinary/") and "|" not in t.text and t.text not in _LABELS
    ]
    return slots


def _answer(template: Template, writer: Writer, rng: random.Random, seen: set[str]) -> str:
    """The text alone, or among ordinary answers; one that has been seen never stands alone again."""
    text = writer.fill(template.text)
    if template.text in _LABELS:
        return text
    if rng.random() < _BESIDE or text in seen:
        others = [writer.fill("{answer}") for _ in range(rng.choice([1, 1, 2, 3]))]
        others.insert(rng.randint(0, len(others)), text)
        text = rng.choice([" ", "\n", "\n\n"]).join(others)
    if rng.random() < _POLITE:
        text = writer.fill("{opener}") + rng.choice([" ", "\n\n"]) + text
    if rng.random() < _POLITE:
        text += rng.choice([" ", "\n\n"]) + writer.fill("{closer}")
    return text
