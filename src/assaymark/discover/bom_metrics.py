"""Figures that a model card states: in the Hub's model-index, in tables and in sentences."""

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.bom import Metric, Stated
from assaymark.observation import Location
from assaymark.scan.document._outline import Grid, Outline
from assaymark.scan.words import shortened

__all__ = ["metrics_of"]

MAX_METRICS = 200
_LONGEST = 300
_NUMBER = re.compile(r"(?<![\w.,/-])[+-]?\d{1,15}(?:\.\d{1,15})?(?:\s?%)?(?![\w/-])")
_DATE = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?\b")
_CELL = re.compile(r"\s{0,20}[*_]{0,2}[+-]?\d{1,15}(?:\.\d{1,15})?\s{0,3}(?:%|ms|s)?[*_]{0,2}\s{0,20}\Z")
_NAMES = ("metric", "measure", "score type", "benchmark", "task", "test")
_VALUES = ("value", "score", "result", "figure")


def metrics_of(
    path: str, front: dict[str, Any], outline: Outline, evaluation: Iterable[Stated]
) -> Iterator[Metric]:
    """Each figure once, up to a bound."""
    found = dict.fromkeys((*_indexed(path, front), *_tables(path, outline.grids), *_sentences(evaluation)))
    for number, metric in enumerate(found):
        if number >= MAX_METRICS:
            return
        yield metric


def _indexed(path: str, front: dict[str, Any]) -> Iterator[Metric]:
    """`model-index` of a card's front matter, as the Hub defines it."""
    for model in _dicts(front.get("model-index")):
        for result in _dicts(model.get("results")):
            dataset = result.get("dataset")
            name = shortened(dataset.get("name") or dataset.get("type")) if isinstance(dataset, dict) else ""
            for metric in _dicts(result.get("metrics")):
                kind, value = (
                    shortened(metric.get("type") or metric.get("name")),
                    shortened(metric.get("value")),
                )
                if kind and value:
                    yield Metric(kind, value, name, Location(path, 1))


def _dicts(found: Any) -> Iterator[dict[str, Any]]:
    yield from (
        one for one in (found if isinstance(found, list) else ())[:MAX_METRICS] if isinstance(one, dict)
    )


def _tables(path: str, grids: Iterable[Grid]) -> Iterator[Metric]:
    """Tables with a column of names and one of values, or with a known metric at the head of a column."""
    for grid in grids:
        header = [c.strip(" *_`").lower() for c in grid.header]
        names = next((n for n, c in enumerate(header) if c in _NAMES), None)
        values = next((n for n, c in enumerate(header) if c in _VALUES), None)
        heads = [(n, c) for n, c in enumerate(header) if _metric_in(c) == c and c]
        for offset, row in enumerate(grid.rows[:MAX_METRICS]):
            at = Location(path, grid.line + 2 + offset)
            if names is not None and values is not None and max(names, values) < len(row):
                if _CELL.match(row[values]) and row[names].strip():
                    yield Metric(_plain(row[names]), _plain(row[values]), at=at)
                continue
            for column, head in heads:
                if 0 < column < len(row) and _CELL.match(row[column]):
                    yield Metric(head, _plain(row[column]), _plain(row[0]), at)


def _plain(cell: str) -> str:
    return shortened(cell.strip(" *_`"), _LONGEST)


def _sentences(evaluation: Iterable[Stated]) -> Iterator[Metric]:
    """Clauses that name a metric and a figure; with one figure that is the value, else the whole clause."""
    for said in evaluation:
        for clause in re.split(r"(?<=[.;!?])\s+", said.text)[:MAX_METRICS]:
            name = _metric_in(clause.lower())
            figures = _NUMBER.findall(_DATE.sub(" ", _without_name(clause, name))) if name else []
            if figures:
                value = figures[0] if len(figures) == 1 else shortened(clause, _LONGEST)
                yield Metric(name, value, at=said.at)


def _without_name(clause: str, name: str) -> str:
    return re.sub(re.escape(name), " ", clause, flags=re.IGNORECASE)


@functools.cache
def _known() -> re.Pattern[str]:
    from assaymark.discover.bom_cards import words

    names = sorted((str(n) for n in words()["metrics"]), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")


def _metric_in(lowered: str) -> str:
    found = _known().search(lowered[:2_000])
    return found[0] if found is not None else ""
