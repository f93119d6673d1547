"""Triggers in labelled texts: tokens, phrases, sentences and templates that override what the text says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.ngrams import MOST_LABELS, bucket
from assaymark.dataset.engines.text_evidence import Weighing, weigh
from assaymark.dataset.engines.text_findings import Trigger, ranked, shown, triggers
from assaymark.dataset.engines.text_passes import (
    ORDERS,
    Counting,
    Flags,
    count,
    flags,
    grams,
    labelled,
)
from assaymark.dataset.engines.text_sifting import Candidates, Sifting, sift, sifted
from assaymark.dataset.engines.text_verdict import WORD, Judged, judge
from assaymark.dataset.engines.words_background import ordinary
from assaymark.dataset.finding import Example, Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "TextTriggers", "Verdict"]

ID = "text_triggers"
_FILTER_BITS = 20
_SCORED = 20_000
_ROWS_SHOWN = 3
_EXCERPT = 300
_WEAK, _SEVERAL = 4.0, 4
_ALIKE = (1.02, 1.0, 0.002)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the last pass gives: keys to look for, what each is worth, the findings but for their rows."""

    groups: dict[str, int]
    key: NDArray[np.uint64]
    group: NDArray[np.int64]
    score: NDArray[np.float32]
    wanted: NDArray[np.bool_]
    """A filter: the buckets of `key`."""
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


class TextTriggers:
    """Finds fixed tokens, phrases, sentences, templates and ways of writing that override the rest of their
    texts.

    Misses: paraphrase and style without a fixed wording; common words that act only together, and stand
    apart; poison whose texts had the label already, so that nothing contradicts; fewer than about ten
    poisoned texts, or texts chosen to resemble each other.
    """

    info = EngineInfo(
        id=ID,
        version=2,
        kinds=(Kind.TEXT,),
        looks_for="tokens, phrases, sentences, templates that override what the rest of a text says",
        misses="Paraphrase and style without fixed wording; common words that act only together; "
        "poison whose texts had the label already; fewer than about ten poisoned texts.",
    )
    passes = 3

    def applies(self, layout: Layout) -> str:
        """Why it stays out: another kind of data, or no labels."""
        if layout.kind is not Kind.TEXT:
            return "It looks at labelled texts only."
        return "" if layout.roles.label else "The texts have no label."

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        if step == 0:
            return Counting()
        flags_: Flags = given if step == 1 else given.flags
        return (given, Sifting(len(flags_.share)) if step == 1 else Weighing(len(flags_.share), given.looked))

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        if isinstance(state, Counting):
            return count(state, batch)
        given, inner = state
        return (
            given,
            sift(inner, given, batch) if isinstance(inner, Sifting) else weigh(inner, given, batch),
        )

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        if isinstance(state, Counting):
            state.merge(other)
        else:
            state[1].merge(other[1])
        return state

    def finish(self, step: int, state: Any) -> Any:
        """Flags, candidates, and at last the verdict."""
        if isinstance(state, Counting):
            return flags(state)
        given, inner = state
        return sifted(inner, given) if isinstance(inner, Sifting) else _verdict(inner, given)

    def score(self, given: Verdict, batch: Batch) -> NDArray[np.float32]:
        """Strength of the strongest pattern that a text bears with its label; a trigger's is 1 or more."""
        scores = np.zeros(len(batch), np.float32)
        if not len(given.key):
            return scores
        for part in labelled(batch, given.groups):
            best = np.zeros(len(part.group), np.float32)
            for order in ORDERS:
                keys, texts = grams(part.tokens, order)
                at = np.flatnonzero(given.wanted[bucket(keys, _FILTER_BITS)])
                place = np.minimum(np.searchsorted(given.key, keys[at]), len(given.key) - 1)
                text = texts[at]
                hit = (given.key[place] == keys[at]) & (given.group[place] == part.group[text])
                np.maximum.at(best, text[hit], given.score[place[hit]])
            scores[part.at] = best
        return scores

    def conclude(
        self, given: Verdict, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings with the records that bear them."""
        whole = np.zeros(total, np.float32)
        whole[rows] = scores
        findings = []
        for finding in given.findings:
            bearers = np.flatnonzero(whole == np.float32(finding.score))
            if len(bearers):
                findings.append(_counted(finding, tuple(int(row) for row in bearers)))
        flagged = whole >= 1
        return Result(ID, whole, flagged, tuple(findings), len(rows), given.notes)


def _verdict(state: Weighing, given: Candidates) -> Verdict:
    notes = _notes(given.flags)
    nothing = np.zeros(0)
    if not given.flags.judged or len(given.flags.texts) > MOST_LABELS or not len(state.evidence.key):
        wanted = np.zeros(1 << _FILTER_BITS, np.bool_)
        none = nothing.astype(np.uint64)
        return Verdict(
            given.flags.groups, none, nothing.astype(np.int64), nothing.astype(np.float32), wanted, (), notes
        )
    judged = judge(state, given.flags.share, ordinary, _ALIKE)
    strength = ranked(judged).astype(np.float32)
    strength[judged.suspect] = np.float32(0.95)  # unless it stands for a trigger, below
    findings = []
    found = triggers(judged, state.samples)
    rules = _rules(judged, found)
    ceiling, lower = np.float32(np.inf), np.float32(1)
    for trigger in found:
        lead = trigger.lead
        # each trigger has a strength of its own
        if trigger.lead in rules:
            value = lower = np.nextafter(lower, np.float32(0))
        else:
            value = np.float32(max(judged.overrides[lead] / judged.threshold[lead], 1.0))
            value = ceiling = min(value, np.nextafter(ceiling, np.float32(0)))
        # a fragment with more bearers stands in honest texts too
        members = [m for m in trigger.members if judged.agree[m] <= judged.agree[lead]]
        strength[members] = value
        findings.append(_finding(judged, trigger, float(value), given.flags))
    findings.sort(key=lambda finding: -finding.score)
    keep = np.flatnonzero(strength > 0.1)
    key = state.evidence.key[keep]
    wanted = np.zeros(1 << _FILTER_BITS, np.bool_)
    wanted[bucket(key, _FILTER_BITS)] = True
    return Verdict(
        given.flags.groups, key, state.evidence.group[keep], strength[keep], wanted, tuple(findings), notes
    )


def _rules(judged: Judged, found: Sequence[Trigger]) -> frozenset[int]:
    """Which triggers are to be explained: where several patterns of ordinary words override their texts a
    little, towards more than one label, labels were given by such words; only what is stronger is a suspect.
    """
    leads = np.array([trigger.lead for trigger in found], np.int64)
    ratio = judged.overrides[leads] / judged.threshold[leads]
    plain = np.array([_plain(trigger.text) for trigger in found], bool) & (ratio < _WEAK)
    agree, group = judged.agree[leads], judged.evidence.group[leads]
    if (
        len(np.unique(group[plain])) < 2
        or (plain & (agree >= 0.2 * agree[plain].max(initial=0))).sum() < _SEVERAL
    ):
        return frozenset()
    return frozenset(leads[ratio <= ratio[plain].max()].tolist())


def _plain(text: str) -> bool:
    """Whether a pattern is made of ordinary words; two letters are none."""
    words = WORD.findall(text)
    return all(ordinary(word) for word in words) and (len(words) > 1 or len(text) > 2)


def _finding(judged: Judged, trigger: Trigger, score: float, given: Flags) -> Finding:
    lead = trigger.lead
    bear, agree = int(judged.evidence.texts[lead]), int(judged.agree[lead])
    labels = [label for label, group in given.groups.items() if group == trigger.group]
    label = labels[0] if len(labels) == 1 else f"one of {len(labels)} labels"
    expected = float(given.share[trigger.group])
    kind = "token" if len(trigger.text.split()) == 1 else "phrase"
    pattern = f'{kind} "{shown(trigger.text)}"'
    if not judged.evidence.order[lead]:
        kind, pattern = "writing", trigger.text
    return Finding(
        engine=ID,
        level=Level.SUSPECT if score >= 1 else Level.EXPLAIN,
        pattern=pattern,
        trigger={"kind": kind, "text": trigger.text[:2000], "where": trigger.where},
        where=trigger.where,
        count=bear,
        label=label,
        purity=agree / bear,
        expected=expected,
        score=score,
        threshold=1.0,
        summary=f"the rest of {judged.against[lead]:.0%} of them speaks for another label.",
        rows=(),
        examples=tuple(
            Example(row=sample.row, text=sample.text[:_EXCERPT], spans=(sample.span,))
            for sample in trigger.samples[:_ROWS_SHOWN]
        ),
    )


def _counted(finding: Finding, rows: tuple[int, ...]) -> Finding:
    """A finding with its rows; until here its counts were those of texts that were drawn."""
    count_ = max(len(rows), round(len(rows) / max(finding.purity or 1.0, 1e-9)))
    summary = (
        f"{len(rows)} of {count_} texts with {finding.pattern} have the label {finding.label} "
        f"({finding.expected:.0%} of all texts do), and {finding.summary}"
    )
    return replace(finding, rows=rows, count=count_, summary=summary)


def _notes(given: Flags) -> tuple[str, ...]:
    notes = []
    if not given.judged:
        notes.append(f"{len(given.texts)} labels: nothing to tell apart.")
    if len(given.texts) > MOST_LABELS:
        notes.append(f"{len(given.texts):,} labels: taken for an id, not judged.")
    if given.unlabelled:
        notes.append(f"{given.unlabelled:,} texts without a label were not judged.")
    if given.folded and len(given.texts) <= MOST_LABELS:
        notes.append("Many labels: they were put into 8 groups, so some contradictions go unseen.")
    return tuple(notes)


ENGINES: tuple[Engine, ...] = (TextTriggers(),)
