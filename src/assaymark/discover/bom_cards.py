"""Text of a model card → what it states, each part with the line where it stands."""

import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from assaymark.bom import Metric, Stated
from assaymark.discover.bom_metrics import metrics_of
from assaymark.observation import Location
from assaymark.scan.document._outline import DOCUMENT_LIMIT, Heading
from assaymark.scan.document._plain_yaml import PlainYamlError, plain_yaml
from assaymark.scan.document.document import outline_of
from assaymark.scan.document.placeholders import without_placeholders
from assaymark.scan.words import shortened

__all__ = ["Card", "read_card", "words"]

LONGEST = 1_000
"""Characters of a section that are quoted; what is cut ends in an ellipsis."""
MAX_LISTED = 50
_FRONT = 60_000


class Card(Struct, frozen=True, kw_only=True):
    """What one card states of the model or models it speaks of."""

    path: str
    title: str = ""
    licences: tuple[Stated, ...] = ()
    base_models: tuple[Stated, ...] = ()
    datasets: tuple[Stated, ...] = ()
    version: str = ""
    task: Stated | None = None
    sections: dict[str, tuple[Stated, ...]] = {}
    """Part of a card → what it says; parts are those of bom_cards.yaml."""
    metrics: tuple[Metric, ...] = ()


@functools.cache
def words() -> dict[str, Any]:
    """The table of headings, metrics and tasks."""
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return data


def read_card(path: str, text: str) -> Card:
    """The card in `text`; what its template left to be filled in counts as nothing. Total."""
    text = text[:DOCUMENT_LIMIT]
    outline, _ = outline_of(path, text)
    front, start = _front_matter(text)
    sections = _sections(path, outline.headings)
    titles = [h.title for h in outline.headings if h.title]
    return Card(
        path=path,
        title=shortened(front.get("title")) or (titles[0] if titles else ""),
        licences=_listed(path, text, front, ("license", "licence"), start),
        base_models=_listed(path, text, front, ("base_model",), start),
        datasets=_listed(path, text, front, ("datasets",), start),
        version=shortened(front.get("version") or front.get("model_version")),
        task=next(iter(_listed(path, text, front, ("pipeline_tag", "task"), start)), None),
        sections=sections,
        metrics=tuple(metrics_of(path, front, outline, sections.get("evaluation", ()))),
    )


def _front_matter(text: str) -> tuple[dict[str, Any], int]:
    """The YAML between the first two rules, and how many lines it takes."""
    if not text.startswith("---"):
        return {}, 0
    lines = text[: _FRONT * 2].split("\n")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    body = "\n".join(lines[1:end])
    try:
        value = plain_yaml(body) if end and len(body) <= _FRONT else {}
    except PlainYamlError:
        return {}, 0
    return ({str(k).lower(): v for k, v in value.items()}, end) if isinstance(value, dict) else ({}, 0)


def _listed(
    path: str, text: str, front: dict[str, Any], keys: Iterable[str], lines: int
) -> tuple[Stated, ...]:
    """One value or a list of them under the first of `keys` that is there."""
    for key in keys:
        value = front.get(key)
        found = [
            s for v in (value if isinstance(value, list) else [value])[:MAX_LISTED] if (s := shortened(v))
        ]
        if found:
            at = Location(path, _line_of(text, key, lines))
            return tuple(Stated(one, at) for one in dict.fromkeys(found))
    return ()


def _line_of(text: str, key: str, lines: int) -> int:
    head = text.split("\n", lines + 1)[: lines + 1]
    return next((n for n, line in enumerate(head, 1) if line.lower().startswith(f"{key}:")), 1)


def _sections(path: str, headings: list[Heading]) -> dict[str, tuple[Stated, ...]]:
    """The sections by the part of a card that their heading, or the one above it, names."""
    found: dict[str, list[Stated]] = {}
    above: list[tuple[int, tuple[str, ...]]] = []
    for heading in headings:
        while above and above[-1][0] >= heading.level:
            above.pop()
        own = _parts(heading.title)
        parts = own if own is not None else (above[-1][1] if above else ())
        above.append((heading.level, parts))
        for part in parts:
            # The figures of a table are read from the table; as prose they would be read twice.
            said = _said(heading, tables=part != "evaluation")
            listed = found.setdefault(part, [])
            if said and len(listed) < MAX_LISTED:
                listed.append(Stated(said, Location(path, heading.line)))
    return {part: tuple(listed) for part, listed in found.items() if listed}


def _parts(title: str) -> tuple[str, ...] | None:
    """The parts that a heading names, none if it names something else, None if it names nothing known."""
    title = title.lower()
    parts = tuple(part for part, marks in words()["sections"].items() if any(m in title for m in marks))
    for first in ("prohibited", "users"):  # "out-of-scope use" and "intended users" speak of one thing only
        if first in parts:
            return (first,)
    return parts or (() if any(m in title for m in words()["others"]) else None)


def _said(heading: Heading, *, tables: bool) -> str:
    kept = " ".join(_kept(p for p in heading.prose if tables or not p[1].lstrip().startswith("|")))
    return kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 1]}…"


def _kept(prose: Iterable[tuple[int, str]]) -> Iterator[str]:
    length = 0
    for _, text in prose:
        said = re.sub(r"\s+", " ", without_placeholders(text[: 2 * LONGEST])[0]).strip()
        if said and length <= LONGEST:
            length += len(said)
            yield said
