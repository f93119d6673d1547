"""From texts that documents share to findings and scores. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assaymark.dataset.engines.rag_passages import Bearer, Passage, passages, planted
from assaymark.dataset.engines.rag_shingles import Clusters
from assaymark.dataset.finding import Example, Finding, Level

__all__ = ["straddling"]

_EXPLAINED = 20
_EXCERPT = 300


@dataclass(frozen=True)
class _Measure:
    """What this corpus leads to expect of a passage."""

    suspect: bool
    chance: float
    """Passages in as many documents, or more."""
    documents: int
    full: float
    """Share of the corpus in clusters of shared text."""


def straddling(
    held: Mapping[int, Sequence[tuple[int, str]]], shared: Clusters, documents: int, scores: dict[int, float]
) -> list[Finding]:
    """Findings of one text under different questions or sentences; its documents' scores go into `scores`.

    Args:
        held: number of a cluster → its documents, with their rows.
        shared: the clusters.
        documents: in the corpus.
        scores: by row.
    """
    found = passages(held)
    full = shared.shared / max(documents, 1)
    told = planted(found, documents, full, shared.pairs / max(shared.looked_at, 1))
    findings, explained = [], 0
    for number, passage in enumerate(found):
        suspect, beyond, chance = told.get(number, (False, False, 0.0))
        value = _score(passage, suspect, beyond)
        for row in passage.rows:
            scores[row] = max(scores.get(row, 0.0), value)
        explained += number in told and not suspect
        if suspect or (number in told and explained <= _EXPLAINED):
            findings.append(_finding(passage, value, _Measure(suspect, chance, documents, full)))
    return findings


def _score(passage: Passage, suspect: bool, beyond: bool) -> float:
    many = passage.share * (1 - passage.overlap)
    if suspect:
        return 1 + many * float(np.log(passage.different))
    if beyond:
        return 0.9 + 0.09 * many * (1 - 1 / passage.different)
    kind = 1.0 if passage.asks else 0.7 if passage.stands else 0.4
    return 0.2 + 0.6 * kind * many * (1 - 1 / passage.different)


def _finding(passage: Passage, score: float, measure: _Measure) -> Finding:
    text = passage.text
    front = "different questions" if passage.asks else "sentences about other things"
    return Finding(
        engine="rag_injection",
        level=Level.SUSPECT if measure.suspect else Level.EXPLAIN,
        pattern=f'text "{text[:120]}" under {front}',
        trigger={"kind": "passage", "column": "document", "text": text[:_EXCERPT]},
        where=f"below {front}",
        count=len(passage.rows),
        label="one text planted for many queries",
        score=score,
        threshold=1.0,
        false_alarms=min(measure.chance * len(passage.rows) / max(measure.documents, 1), 1.0),
        summary=f"{len(passage.rows)} documents have this text, {100 * passage.share:.0f} % of each, under"
        f" {front}; the corpus's smaller groups lead to expect {measure.chance:.2g} texts in as many"
        f" documents, and {100 * measure.full:.1f} % of the corpus shares text with two others.",
        rows=passage.rows,
        examples=tuple(_example(b) for b in passage.bearers[:5]),
    )


def _example(bearer: Bearer) -> Example:
    begin = max(bearer.begin - _EXCERPT // 2, 0)
    end = min(bearer.end, bearer.begin + _EXCERPT)
    text = bearer.document[begin:end]
    return Example(row=bearer.row, text=text, spans=((bearer.begin - begin, end - begin),))
