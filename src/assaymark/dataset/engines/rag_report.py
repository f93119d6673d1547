"""From questions, heaps of words and the guard's scores to findings about a corpus. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.rag_groups import LEAST, Group, grouped, planted
from assaymark.dataset.engines.rag_instructions import Judged
from assaymark.dataset.engines.rag_passages_report import straddling
from assaymark.dataset.engines.rag_questions import Asked
from assaymark.dataset.engines.rag_shingles import Clusters
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["Seen", "Verdict", "concluded", "verdict"]

_USUAL = 0.2
"""Share of a corpus in groups of one question each, from which this is how the corpus is made."""
_HEADED = 0.15
"""Share of a corpus under titles that it repeats, from which shared openings are titles of pieces."""
_ABOUT_MODELS = 0.02
"""Share of documents that instruct a model, from which the corpus is about models."""
_TOLD = 100


@dataclass(frozen=True, eq=False)
class Seen:
    """What the first pass saw."""

    documents: int
    headed: float
    """Share of documents under a title that others have too."""
    stuffed: Mapping[int, float]
    """Row → share of its words that three words make up."""
    guard: Judged
    texts: Mapping[int, str]
    """Row → text that the guard judged."""
    shared: Clusters
    """Documents that share text."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the passes conclude."""

    scores: dict[int, float]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def _where(group: Group) -> str:
    if all(m.place < 0.02 for m in group.members):
        return "at the beginning of the document"
    return "in the document"


def _planted(group: Group, level: Level, share: float, pairs: int) -> Finding:
    text = group.text
    return Finding(
        engine="rag_injection",
        level=level,
        pattern=f'question "{text}"',
        trigger={"kind": "prefix", "column": "document", "text": text},
        where=_where(group),
        count=len(group.rows),
        label="documents made for one question",
        score=1 + group.echo * float(np.log(group.different)),
        threshold=1.0,
        summary=f'{len(group.rows)} documents ask "{text}", {group.different} of them different,'
        f" and take up {100 * group.echo:.0f} % of its words; {100 * share:.1f} % of the corpus is in such"
        f" groups, and {pairs} questions have just two such documents.",
        rows=group.rows,
        examples=tuple(Example(row=m.row, text=m.text, spans=((0, len(m.text)),)) for m in group.members[:5]),
    )


def _chance(seen: Seen) -> float | None:
    """Share of clean documents flagged: those with such words, times those without that startle the guard."""
    guard = seen.guard
    if not guard.plain:
        return None
    return len(guard.found) / max(seen.documents, 1) * max(guard.startled, 3) / guard.plain


def _instructing(row: int, seen: Seen, level: Level) -> Finding:
    probability, part, hidden = seen.guard.found[row]
    excerpt = part or seen.texts[row][:300]
    guard = seen.guard
    return Finding(
        engine="rag_injection",
        level=level,
        pattern=f'instruction to the model "{" ".join(excerpt.split())[:120]}"',
        trigger={"kind": "instruction", "column": "document", "text": excerpt},
        where="hidden in the document" if hidden else "in the document",
        count=1,
        label="instructs the model",
        score=1 + probability,
        threshold=1 + guard.threshold,
        false_alarms=_chance(seen),
        summary=f"The guard's document head gives {probability:.2f} that this text instructs the model"
        f" (threshold {guard.threshold:.2f}; it puts {guard.startled} of {guard.plain} other documents above"
        f" its own){'; people do not see it' if hidden else ''}.",
        rows=(row,),
        examples=(Example(row=row, text=excerpt, spans=((0, len(excerpt)),)),),
    )


def _stuffed(rows: Mapping[int, float]) -> Finding:
    order = sorted(rows, key=lambda r: (-rows[r], r))
    return Finding(
        engine="rag_injection",
        level=Level.EXPLAIN,
        pattern="heaps of a few words",
        where="in the document",
        count=len(order),
        label="keyword stuffing",
        score=max(rows.values()),
        threshold=0.4,
        summary=f"In {len(order)} documents three words make up 40 % of the words or more.",
        rows=tuple(order),
    )


def _answers(groups: Sequence[Group], seen: Seen, scores: dict[int, float]) -> list[Finding]:
    """Findings of documents for one question."""
    large = [g for g in groups if g.different >= LEAST]
    pairs = sum(g.different == LEAST - 1 and not g.leans for g in groups)
    share = sum(len(g.rows) for g in large if not g.leans) / max(seen.documents, 1)
    suspects = planted(groups) if share <= _USUAL and seen.headed <= _HEADED else []
    findings = []
    for group in groups:
        level = Level.SUSPECT if group in suspects else Level.EXPLAIN
        found = _planted(group, level, share, pairs)
        if group.different >= LEAST:
            findings.append(found)
        near = (0.2 if group.leans else 0.5) + 0.45 * group.echo * (1 - 1 / group.different)
        value = found.score if level is Level.SUSPECT else near
        for row in group.rows:
            scores[row] = max(scores.get(row, 0.0), value)
    return findings


def _instructions(seen: Seen, scores: dict[int, float]) -> list[Finding]:
    """Findings of documents that instruct the model."""
    guard = seen.guard
    caught = [row for row, score in sorted(guard.found.items()) if score[0] >= guard.threshold]
    level = Level.SUSPECT if len(caught) <= max(_ABOUT_MODELS * seen.documents, 10) else Level.EXPLAIN
    for row, score in guard.found.items():
        held = 1 + score[0] if row in caught and level is Level.SUSPECT else 0.9 * score[0]
        scores[row] = max(scores.get(row, 0.0), held)
    if guard.note:
        scores.update((row, max(scores.get(row, 0.0), 0.5)) for row in seen.texts)
    return [_instructing(row, seen, level) for row in caught]


def verdict(
    asked: Mapping[int, Sequence[Asked]], held: Mapping[int, Sequence[tuple[int, str]]], seen: Seen
) -> Verdict:
    """Findings, and a score for each row that has one.

    Args:
        asked: hash of a question → documents that ask it.
        held: number of a cluster → documents that share text, with their rows.
        seen: by the first pass.
    """
    scores: dict[int, float] = {}
    findings = _answers(grouped(asked), seen, scores) + _instructions(seen, scores)
    findings += straddling(held, seen.shared, seen.documents, scores)
    if seen.stuffed:
        findings.append(_stuffed(seen.stuffed))
        scores.update((row, max(scores.get(row, 0.0), 0.9 * share)) for row, share in seen.stuffed.items())
    findings.sort(key=lambda f: (f.level is not Level.SUSPECT, -f.score, f.rows[0]))
    return Verdict(scores, tuple(findings), (seen.guard.note,) if seen.guard.note else ())


def concluded(
    engine: str, given: Verdict, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
) -> Result:
    """The result for all documents."""
    every = np.zeros(total, np.float32)
    every[rows] = scores
    flagged = np.zeros(total, bool)
    suspects = [f for f in given.findings if f.level is Level.SUSPECT]
    for finding in suspects:
        flagged[list(finding.rows)] = True
    others = [f for f in given.findings if f.level is not Level.SUSPECT][:_TOLD]
    return Result(engine, every, flagged, (*suspects, *others), len(rows), given.notes)
