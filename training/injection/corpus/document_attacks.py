"""English attack strings of the kind that is planted in documents, tool results and tool descriptions.

Each addresses the AI that reads and gives it a task. The texts are data for training, in our own words;
nobody is meant to follow them. Templates and lists lie in `document_attacks/`.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.injection.corpus.english_templates import Template, Writer, cased, read_slots, read_templates

__all__ = ["Attack", "attacks", "slots"]

_FOLDER = Path(__file__).with_name("document_attacks")
_TOTAL = 6000
_NESTED = {"task/imperative": "imp", "task/question": "question", "tool/imperative": "act"}
"""Sections whose templates other templates may hold as a slot."""


@dataclass(frozen=True)
class Attack:
    """One text to plant in a carrier."""

    text: str
    family: str
    group: str
    """Its template: attacks of one group stay on one side of every split."""
    placement: str
    """Where it may stand: `inline`, `own_line`, `html_comment`, `json_value`, `code_comment`, `any`."""


def attacks(rng: random.Random) -> Iterator[Attack]:
    """About 6,000 attacks, the same for the same seed, from every template about equally often."""
    templates = read_templates(_FOLDER)
    writer = Writer(rng, slots())
    each = -(-_TOTAL // len(templates))
    seen: set[str] = set()
    for template in templates:
        for text in writer.several(template, each):
            text = _framed(text, template, writer, rng)
            if text not in seen:
                seen.add(text)
                yield Attack(text, template.family, template.group, template.placement)


def slots() -> dict[str, list[str]]:
    """Names, places and things, and tasks as slots; benign rows should draw from the same lists."""
    lists = read_slots(_FOLDER / "slots.txt")
    templates = read_templates(_FOLDER)
    for family, name in _NESTED.items():
        bare = [t.text.rstrip(".") for t in templates if t.family == family]
        lists[name] = [text[0].lower() + text[1:] for text in bare]
    return lists


def _framed(text: str, template: Template, writer: Writer, rng: random.Random) -> str:
    """A task as it stands or after words that lead to it; then casing as people leave it."""
    if _NESTED.get(template.family) in ("imp", "act") and rng.random() < 0.6:
        inner = text.rstrip(".")
        frame = writer.fill("{frame}")
        text = frame.replace("<>", inner[0].lower() + inner[1:]).replace("<^>", inner)
    return cased(text, rng)
