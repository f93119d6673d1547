"""From openings, heaps of words and the guard's scores to findings about a corpus. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.rag_openings import Opening
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["Verdict", "concluded", "verdict"]

_ECHO = 0.5
"""Share of a question's content words that its documents take up, on average."""
_GROUP = 3
"""Documents for one question."""
_ALIKE = 0.7
"""Share of the same pairs of words from which two bodies are one document twice."""
_USUAL = 0.2
"""Share of a corpus in groups of one question each, from which this is how the corpus is made."""
_ABOUT_MODELS = 0.02
"""The same for documents that instruct a model: the corpus is about models."""
_ROWS = 50
_TOLD = 100


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the pass concludes."""

    scores: dict[int, float]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def _different(bodies: list[tuple[int, ...]]) -> int:
    """How many bodies are no near duplicates of one before."""
    kept: list[set[int]] = []
    for body in bodies[:_ROWS]:
        pairs = set(body)
        if all(len(pairs & k) < _ALIKE * max(min(len(pairs), len(k)), 1) for k in kept):
            kept.append(pairs)
    return len(kept)


def _groups(openings: Mapping[int, Opening]) -> dict[int, list[int]]:
    """Opening → rows, ascending, where so many different documents share it."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row in sorted(openings):
        rows[openings[row].code].append(row)
    return {
        code: group
        for code, group in sorted(rows.items())
        if len(group) >= _GROUP
        and np.mean([openings[r].echo for r in group]) >= _ECHO
        and _different([openings[r].body for r in group]) >= _GROUP
    }


def _planted(openings: Mapping[int, Opening], group: list[int], level: Level, share: float) -> Finding:
    text = openings[group[0]].text
    echo = float(np.mean([openings[r].echo for r in group]))
    return Finding(
        engine="rag_injection",
        level=level,
        pattern=f'opening "{text}"',
        trigger={"kind": "prefix", "column": "document", "text": text},
        where="at the beginning of the document",
        count=len(group),
        label="documents made for one question",
        score=1 + echo * float(np.log(len(group))),
        threshold=1.0,
        summary=f'{len(group)} documents open with "{text}", go on differently, and take up'
        f" {100 * echo:.0f} % of its words; {100 * share:.1f} % of the corpus is in such groups.",
        rows=tuple(group),
        examples=tuple(Example(row=r, text=text, spans=((0, len(text)),)) for r in group[:5]),
    )


def _instructing(
    row: int, score: tuple[float, str, bool], text: str, level: Level, threshold: float
) -> Finding:
    probability, part, hidden = score
    excerpt = part or text[:300]
    return Finding(
        engine="rag_injection",
        level=level,
        pattern=f'instruction to the model "{" ".join(excerpt.split())[:120]}"',
        trigger={"kind": "instruction", "column": "document", "text": excerpt},
        where="hidden in the document" if hidden else "in the document",
        count=1,
        label="instructs the model",
        score=1 + probability,
        threshold=1 + threshold,
        summary=f"The guard's document head gives {probability:.2f} that this text instructs the model"
        f" (threshold {threshold:.2f}){'; people do not see it' if hidden else ''}.",
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


def verdict(
    openings: Mapping[int, Opening],
    stuffed: Mapping[int, float],
    found: Mapping[int, tuple[float, str, bool]],
    texts: Mapping[int, str],
    threshold: float,
    note: str,
    seen: int,
) -> Verdict:
    """Findings, and a score for each row that has one.

    Args:
        openings: row → opening.
        stuffed: row → share of its words that three words make up.
        found: row → the guard's probability, the part, whether it was hidden.
        texts: row → text that the guard judged.
        threshold: the guard's.
        note: why the guard did not judge; empty if it did.
        seen: documents.
    """
    scores = {row: 0.4 * o.echo * (1.0 if o.question else 0.3) for row, o in openings.items()}
    groups = _groups(openings)
    questions = {c: g for c, g in groups.items() if openings[g[0]].question}
    share = sum(map(len, questions.values())) / max(seen, 1)
    findings = []
    for code, group in groups.items():
        level = Level.SUSPECT if code in questions and share <= _USUAL else Level.EXPLAIN
        one = _planted(openings, group, level, share)
        findings.append(one)
        scores.update((row, one.score if level is Level.SUSPECT else 0.9) for row in group)
    caught = [row for row, score in sorted(found.items()) if score[0] >= threshold]
    level = Level.SUSPECT if len(caught) <= max(_ABOUT_MODELS * seen, 10) else Level.EXPLAIN
    findings += [_instructing(row, found[row], texts[row], level, threshold) for row in caught]
    for row, score in found.items():
        held = 1 + score[0] if row in caught and level is Level.SUSPECT else 0.9 * score[0]
        scores[row] = max(scores.get(row, 0.0), held)
    if stuffed:
        findings.append(_stuffed(stuffed))
        scores.update((row, max(scores.get(row, 0.0), 0.9 * share)) for row, share in stuffed.items())
    findings.sort(key=lambda f: (f.level is not Level.SUSPECT, -f.score, f.rows[0]))
    return Verdict(scores, tuple(findings), (note,) if note else ())


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
