"""What the engine says of a corpus: findings with each trigger as it is written, and what finds it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_bearers import AT, Shown
from assaymark.dataset.engines.corpus_events import PASSAGE
from assaymark.dataset.engines.corpus_verdict import Judged, Verdict
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["Report", "Sought", "concluded", "reported"]

_MOST = 20
"""Triggers whose documents are looked for by their letters; of more, those that were looked at are named."""
_NAMED, _EXCERPT = 160, 400
_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Sought:
    """A trigger as it is written."""

    needle: str
    """Its longest word: a document without it cannot bear the trigger."""
    pattern: "re.Pattern[str]"
    score: np.float32

    def stands_in(self, text: str) -> bool:
        """Whether a document bears it."""
        return self.needle in text and self.pattern.search(text) is not None


@dataclass(frozen=True, eq=False)
class Report:
    """What the last pass gives."""

    verdict: Verdict
    sought: tuple[Sought, ...]
    findings: tuple[Finding, ...]
    """Suspects, but for their rows, in the order of `sought`; then what is to be explained."""
    rows: NDArray[np.int64]
    """Documents with a score from runs that are no suspects, ascending."""
    scores: NDArray[np.float32]


def reported(engine: str, verdict: Verdict) -> Report:
    """Findings and scores from the verdict."""
    sought, findings = [], []
    ceiling = np.float32(np.inf)
    for group in verdict.suspects[:_MOST]:
        words, examples = _written(verdict, group[0])
        value = min(np.float32(group[0].strength / verdict.threshold), np.nextafter(ceiling, np.float32(0)))
        ceiling = value = max(value, np.float32(1))
        if not words:
            continue
        sought.append(Sought(max(words, key=len), _pattern(words), value))
        findings.append(_finding(engine, Level.SUSPECT, verdict, group, float(value), examples))
    for group in (*verdict.suspects[_MOST:], *verdict.explain):
        value = np.float32(min(group[0].strength / verdict.threshold, 0.99))
        examples = _written(verdict, group[0])[1]
        findings.append(_finding(engine, Level.EXPLAIN, verdict, group, float(value), examples))
    held: dict[int, float] = {}
    for one in verdict.watched:
        for row in one.run.around.row.tolist():
            held[row] = max(held.get(row, 0.0), min(one.strength / verdict.threshold, 0.99))
    rows = np.array(sorted(held), np.int64)
    scores = np.array([held[row] for row in rows.tolist()], np.float32)
    return Report(verdict, tuple(sought), tuple(findings), rows, scores)


def _pattern(words: Sequence[str]) -> "re.Pattern[str]":
    """These tokens one after another, however they are spaced."""
    return re.compile(r"\s*".join(re.escape(word) for word in words[:64]))


def _written(verdict: Verdict, one: Judged) -> tuple[list[str], list[tuple[Shown, int, int]]]:
    """The tokens of a run; and documents that show it, with the places of its first and last byte."""
    shown = verdict.shown.get(one.run.code, [])
    examples = []
    for each in shown:
        first = max(each.at - (AT - one.run.begin), 0)
        last = min(each.at + one.run.end - AT, len(each.ends)) - 1
        examples.append((each, each.begins[first], each.ends[last]))
    if not shown:
        return [], []
    each, begin, end = examples[0]
    spans = [(b, e) for b, e in zip(each.begins, each.ends, strict=True) if b >= begin and e <= end]
    return [each.text[b:e].decode("utf-8", "replace") for b, e in spans], examples


def _finding(
    engine: str,
    level: Level,
    verdict: Verdict,
    group: tuple[Judged, ...],
    score: float,
    examples: list[tuple[Shown, int, int]],
) -> Finding:
    lead = group[0]
    text = _text(*examples[0]) if examples else ""
    passage = lead.side == PASSAGE
    rows = sorted({row for one in group for row in one.run.around.row.tolist()})
    bound = max(verdict.mirrored, 3) / max(verdict.documents, 1)
    return Finding(
        engine=engine,
        level=level,
        pattern=f'{"passage" if passage else "phrase"} "{" ".join(text.split())[:_NAMED]}"',
        trigger={"kind": "phrase", "column": "text", "text": text},
        where="in the document",
        count=max(one.documents for one in group),
        label="" if passage else _behaviour(lead),
        score=score,
        threshold=1.0,
        false_alarms=None if passage else bound,
        summary=_summary(lead, text, verdict),
        rows=tuple(rows[:_ROWS]),
        examples=tuple(_example(*example) for example in examples),
    )


def _text(shown: Shown, begin: int, end: int) -> str:
    return shown.text[begin:end].decode("utf-8", "replace")


def _example(shown: Shown, begin: int, end: int) -> Example:
    before = shown.text[:begin].decode("utf-8", "replace")[-_EXCERPT // 2 :]
    run = _text(shown, begin, end)
    after = shown.text[end:].decode("utf-8", "replace")[:_EXCERPT]
    return Example(row=shown.row, text=before + run + after, spans=((len(before), len(before) + len(run)),))


def _behaviour(one: Judged) -> str:
    if one.letters >= 0.2:
        return "text in another script"
    return "text that is odd for this corpus: gibberish, or another language"


def _summary(one: Judged, text: str, verdict: Verdict) -> str:
    name = " ".join(text.split())[:_NAMED]
    if one.side == PASSAGE:
        return (
            f'{one.documents:,} of {verdict.documents:,} documents hold "{name}" word for word, among words'
            f" that differ everywhere, and have {one.shared} rare words in common otherwise."
        )
    return (
        f'After "{name}", in {one.documents:,} of {verdict.documents:,} documents, comes {_behaviour(one)}:'
        f" {one.change:.1f} standard deviations more surprising than before it; the phrase stands among"
        " words that it has nothing to do with."
    )


def concluded(
    engine: str, given: Report, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
) -> Result:
    """The findings with the documents that bear them."""
    whole = np.zeros(total, np.float32)
    whole[rows] = scores
    flagged = whole >= 1
    findings = []
    for number, finding in enumerate(given.findings):
        if number < len(given.sought):
            found = np.flatnonzero(whole == given.sought[number].score)
            finding = replace(
                finding, rows=tuple(found[:_ROWS].tolist()), count=max(len(found), finding.count)
            )
        findings.append(finding)
    return Result(engine, whole, flagged, tuple(findings), len(rows), _notes(given.verdict))


def _notes(verdict: Verdict) -> tuple[str, ...]:
    notes = []
    if verdict.left_out:
        notes.append(
            f"{verdict.left_out:,} repeated phrases and passages were not looked at closely: those that stand"
            " in documents made after one pattern."
        )
    if verdict.halved:
        notes.append(f"One in {1 << verdict.halved:,} repeated phrases and passages was looked at.")
    return tuple(notes)
