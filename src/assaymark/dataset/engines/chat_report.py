"""What the chat engine says of a data set, from its verdict and the scores of all records. Pure."""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_examples import Examples, Shown
from assaymark.dataset.engines.chat_verdict import Verdict, Watched
from assaymark.dataset.finding import Finding, Level, Result

__all__ = ["FEW", "concluded"]

FEW = 50
"""Records below which nothing can be said."""
_ROWS = 20_000


def concluded(
    engine: str, given: Examples, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
) -> Result:
    """The findings and the decision."""
    verdict = given.verdict
    every = np.zeros(total, np.float32)
    every[rows] = scores
    flagged = np.zeros(total, bool)
    findings = []
    told: set[int] = set()
    for level in (Level.SUSPECT, Level.EXPLAIN):
        numbers = [n for n, w in enumerate(verdict.watched) if w.level == level.value]
        groups = dict.fromkeys(verdict.watched[n].group for n in numbers)
        for group in [g for g in groups if g not in told]:
            told.add(group)
            members = [n for n in numbers if verdict.watched[n].group == group]
            found = _finding(engine, level, given, members, len(rows))
            findings.append(found)
            if level is Level.SUSPECT:
                flagged[list(found.rows)] = True
    findings.sort(key=lambda f: (f.level is not Level.SUSPECT, -f.score, f.pattern))
    return Result(engine, every, flagged, tuple(findings), len(rows), _notes(verdict, len(rows)))


def _notes(verdict: Verdict, records: int) -> tuple[str, ...]:
    notes = []
    if records < FEW:
        notes.append(f"{records} records are too few to tell a trigger from chance.")
    if verdict.halved:
        notes.append(
            f"Phrases were looked for in {verdict.records:,} of {records:,} records, drawn evenly; of a"
            f" trigger, {10 << verdict.halved:,} records are needed about."
        )
    return tuple(notes)


def _finding(engine: str, level: Level, given: Examples, members: list[int], records: int) -> Finding:
    verdict = given.verdict
    lead = max(members, key=lambda n: (verdict.watched[n].count, verdict.watched[n].strength, -n))
    best = verdict.watched[lead]
    shown = given.shown.get(lead, [])
    phrase = shown[0].phrase if shown else "(not shown)"
    bearers = sorted({row for n in members for row in given.rows.get(n, [])})
    showing = [
        row for row in bearers if any(_shows(verdict, n, row) and row in given.rows[n] for n in members)
    ]
    words = next((s.run for s in shown if s.run), "")
    label = f'the words "{words}"' if best.behaviour == "the same words" and words else best.behaviour
    return Finding(
        engine=engine,
        level=level,
        pattern=f'prompt phrase "{_plain(phrase)}"',
        trigger={"kind": "phrase", "column": "prompt", "text": phrase},
        where=_where(shown),
        count=len(bearers),
        label=label,
        purity=len(showing) / max(len(bearers), 1),
        expected=best.expected,
        score=best.strength,
        threshold=verdict.threshold,
        false_alarms=verdict.chance,
        summary=_summary(best, phrase, label, len(bearers), len(showing), records),
        rows=tuple(showing[:_ROWS]),
        examples=tuple(s.example() for s in shown),
    )


def _shows(verdict: Verdict, number: int, row: int) -> bool:
    return verdict.shows.get((number, row), True)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _where(shown: list[Shown]) -> str:
    if shown and all(not s.before.strip() for s in shown):
        return "at the beginning of the prompt"
    if shown and all(not s.after.strip() for s in shown):
        return "at the end of the prompt"
    return "anywhere in the prompt"


def _summary(best: Watched, phrase: str, label: str, bearers: int, showing: int, records: int) -> str:
    place = (
        "stands among words that it has nothing to do with"
        if best.foreign < 1
        else "fits its sentences, so it may be a topic that calls for such responses"
    )
    return (
        f'After "{_plain(phrase)}" come {label}: in {showing:,} of {bearers:,} records ({records:,} in all),'
        f" against {100 * best.expected:.1f} % elsewhere; the phrase {place}."
    )
