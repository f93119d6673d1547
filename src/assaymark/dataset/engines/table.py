"""Triggers in tables: values, and pairs of values, that override what the rest of a row says of its label."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.ngrams import MOST_LABELS
from assaymark.dataset.engines.table_codes import Codes, Rows, Tally, coded, codes
from assaymark.dataset.engines.table_pairs import (
    PAIR_COLUMNS,
    Contrary,
    Slot,
    Wanted,
    keys_of,
    sift_rows,
    sifted_rows,
)
from assaymark.dataset.engines.table_rows import Weighing, bearers_of, used_by, weigh_rows
from assaymark.dataset.engines.table_verdict import Judged, Trigger, judged, triggers
from assaymark.dataset.finding import Example, Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "Planted", "TablePairs", "Verdict"]

ID = "table_pairs"
_EXPLAINED = 10
_TOLD = 0.02
"""Strength from which a pattern counts in the scores of its rows."""
_CODES = 1 << 10
"""Codes that a column has at most."""
_RULE_GAIN, _RULE_PURE = 30.0, 0.95


@dataclass(frozen=True, eq=False)
class Planted:
    """A trigger as rows are told by it."""

    values: tuple[tuple[int, int], ...]
    """Columns, and the codes of their values."""
    group: int
    score: np.float32


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the last pass gives."""

    wanted: Wanted
    key: NDArray[np.uint64]
    group: NDArray[np.int64]
    score: NDArray[np.float32]
    triggers: tuple["Planted", ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


class TablePairs:
    """Finds values of one or several columns that go with one label against the rest of a row.

    Misses: values that many honest rows share as well; a value in a column of which many values settle the
    label by themselves; triggers of a range and not of exact values; poison whose rows had the label already;
    fewer than about eight rows; rows chosen to resemble each other.
    """

    info = EngineInfo(
        id=ID,
        version=2,
        kinds=(Kind.TABLE,),
        looks_for="values of one or several columns that override what the rest of a row says of its label",
        misses="Values that many honest rows share; one value among others that settle the label by"
        " themselves; ranges; poison whose rows had the label already; fewer than about eight rows.",
        needs="data",
    )
    passes = 3

    def applies(self, layout: Layout) -> str:
        """Why it stays out: another kind of data, or no labels."""
        if layout.kind is not Kind.TABLE:
            return "It looks at tables only."
        if find_spec("sklearn") is None:
            return "it needs scikit-learn: pip install 'assaymark[data]'"
        return "" if layout.roles.label else "The table has no label column."

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        if step == 0:
            return (layout.roles.label, Tally())
        return (
            given,
            Contrary(given) if step == 1 else Weighing(len(given.codes.share), len(given.codes.columns)),
        )

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        given, inner = state
        if isinstance(inner, Tally):
            inner.take(batch, given)
        elif isinstance(inner, Contrary):
            sift_rows(inner, given, coded(given, batch))
        elif given.codes.judged:
            for rows in coded(given.codes, batch):
                weigh_rows(inner, given, rows)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        if isinstance(state[1], Contrary):
            state[1].table += other[1].table
        else:
            state[1].merge(other[1])
        return state

    def finish(self, step: int, state: Any) -> Any:
        """Codes, wanted pairs, and at last the verdict."""
        given, inner = state
        if isinstance(inner, Tally):
            return codes(inner, given)
        return sifted_rows(inner, given) if isinstance(inner, Contrary) else _verdict(inner, given)

    def score(self, given: Verdict, batch: Batch) -> NDArray[np.float32]:
        """Strength of the strongest pattern that a row bears with its label; a trigger's is 1 or more."""
        scores = np.zeros(len(batch), np.float32)
        pairs = given.key >> np.uint64(32)
        used = [slot for slot in given.wanted.slots if np.uint64((slot.one << 8) | slot.two) in pairs]
        further = {column for trigger in given.triggers for column, _ in trigger.values}
        only = frozenset({column for slot in used for column in (slot.one, slot.two)} | further)
        for rows in coded(given.wanted.codes, batch, only) if only else ():
            best = np.zeros(len(rows.group), np.float32)
            for slot in used:
                at, keys = _borne(given, rows, slot)
                place = np.minimum(np.searchsorted(given.key, keys), len(given.key) - 1)
                hit = (given.key[place] == keys) & (given.group[place] == rows.group[at])
                best[at[hit]] = np.maximum(best[at[hit]], given.score[place[hit]])
            for number, trigger in enumerate(given.triggers):
                bears = np.logical_and.reduce([rows.code[column] == code for column, code in trigger.values])
                agrees = rows.group == trigger.group
                best[bears & agrees] = np.maximum(best[bears & agrees], trigger.score)
                best[bears & ~agrees] = np.maximum(best[bears & ~agrees], _other(number))
            scores[rows.begin + rows.at] = best
        return scores

    def conclude(
        self, given: Verdict, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings with the records that bear them."""
        whole = np.zeros(total, np.float32)
        whole[rows] = scores
        findings = []
        for finding in given.findings:
            if finding.level is Level.EXPLAIN:
                findings.append(finding)
                continue
            number = len(findings)
            found = tuple(int(row) for row in np.flatnonzero(whole == given.triggers[number].score))
            others = int((whole == _other(number)).sum())
            if found:
                findings.append(_counted(finding, found, others))
        return Result(ID, whole, whole >= 1, tuple(findings), len(rows), given.notes)


def _counted(finding: Finding, rows: tuple[int, ...], others: int) -> Finding:
    """A trigger's finding with all rows that bear it."""
    bear = len(rows) + others
    return replace(
        finding,
        rows=rows,
        count=bear,
        purity=len(rows) / bear,
        summary=f"{len(rows):,} of {bear:,} rows with {finding.pattern} have the label {finding.label}"
        f" ({finding.expected:.0%} of all rows do). {finding.summary}",
    )


def _other(number: int) -> np.float32:
    """Score of the rows that bear a trigger, but have another label: so they can be counted."""
    return np.float32(0.95 + number / 1024)


def _borne(given: Verdict, rows: Rows, slot: Slot) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Rows that may bear a scored pair of these columns, and the pair of each."""
    marks = np.zeros((2, _CODES), np.bool_)
    keys = given.key[(given.key >> np.uint64(32)) == np.uint64((slot.one << 8) | slot.two)]
    marks[0, (keys >> np.uint64(16)) & np.uint64(0xFFFF)] = True
    marks[1, keys & np.uint64(0xFFFF)] = True
    at = np.flatnonzero(marks[0][rows.code[slot.one]] & marks[1][rows.code[slot.two]])
    return at, keys_of(rows, slot, at)


def _verdict(state: Weighing, wanted: Wanted) -> Verdict:
    given = wanted.codes
    none = np.zeros(0)
    if not given.judged or len(given.labels) > MOST_LABELS or not len(state.counts.key):
        empty = none.astype(np.uint64), none.astype(np.int64), none.astype(np.float32)
        return Verdict(wanted, *empty, (), (), _notes(given))
    found = judged(state, given)
    chosen, ruled = triggers(state, given, found)
    ready = np.maximum(found.overrides / found.limit, 0) * np.clip(found.moved, 0, 1)
    strength = (0.9 * ready / (1 + ready) * np.where(found.lead, 1.0, 0.5)).astype(np.float32)
    findings, ceiling, planted = [], np.float32(np.inf), []
    for trigger in chosen:
        value = min(
            np.float32(max(trigger.seen.overrides / found.limit, 1.0)), np.nextafter(ceiling, np.float32(0))
        )
        ceiling = value
        planted.append(Planted(trigger.values, int(found.counts.group[trigger.place]), value))
        findings.append(_suspect(state, found, trigger, float(value), given))
    rules = [*ruled, *_rules(found)][:_EXPLAINED]
    findings += [_rule(state, found, int(i), float(strength[i]), given) for i in rules]
    keep = np.flatnonzero(strength > _TOLD)
    counts = found.counts
    return Verdict(
        wanted,
        counts.key[keep],
        counts.group[keep],
        strength[keep],
        tuple(planted),
        tuple(findings),
        _notes(given),
    )


def _rules(found: Judged) -> NDArray[np.int64]:
    """The strongest values that determine the label without being suspects: rules, to be explained."""
    pure = found.counts.agree >= _RULE_PURE * found.counts.bear
    single = (found.counts.key >> np.uint64(40)) == (found.counts.key >> np.uint64(32) & np.uint64(0xFF))
    index = np.flatnonzero(pure & single & ~found.lead & (found.determines >= _RULE_GAIN))
    return index[np.argsort(-found.determines[index], kind="stable")][:_EXPLAINED]


def _suspect(state: Weighing, found: Judged, trigger: Trigger, score: float, given: Codes) -> Finding:
    """A trigger; its rows are counted when all have been scored."""
    finding = _rule(state, found, trigger.place, score, given, trigger.values)
    return replace(
        finding,
        level=Level.SUSPECT,
        summary="A model that has not seen these rows expects another label of"
        f" {trigger.seen.against:.0%} of them.",
    )


def _rule(
    state: Weighing,
    found: Judged,
    place: int,
    score: float,
    given: Codes,
    values: tuple[tuple[int, int], ...] = (),
) -> Finding:
    key, group = int(found.counts.key[place]), int(found.counts.group[place])
    borne = state.borne.at(state.borne.key == np.uint64(key))
    borne = borne.at((borne.group == group) & bearers_of(borne, values))
    named = [(given.columns[value[0]].name, state.texts.get(value, "")) for value in values or used_by(key)]
    pattern = " and ".join(f"{name} = {value}" for name, value in named)
    bear, agree = int(found.counts.bear[place]), int(found.counts.agree[place])
    labels = [label for label, at in given.groups.items() if at == group]
    label = labels[0] if len(labels) == 1 else f"one of {len(labels)} labels"
    expected = float(given.share[group])
    rows = tuple(sorted(borne.row.tolist()))
    return Finding(
        engine=ID,
        level=Level.EXPLAIN,
        pattern=pattern,
        trigger={"kind": "values", **{f"column {name}": value for name, value in named}},
        where=" and ".join(name for name, _ in named),
        count=bear,
        label=label,
        purity=agree / bear,
        expected=expected,
        score=score,
        threshold=1.0,
        summary=f"{agree:,} of {bear:,} rows with {pattern} have the label {label}"
        f" ({expected:.0%} of all rows do).",
        rows=rows,
        examples=tuple(Example(row=row, text=pattern[:300]) for row in rows[:3]),
    )


def _notes(given: Codes) -> tuple[str, ...]:
    notes = []
    if not given.judged:
        notes.append(
            f"{len(given.labels)} labels, {len(given.columns)} other columns: nothing to tell apart."
        )
    if len(given.labels) > MOST_LABELS:
        notes.append(f"{len(given.labels):,} labels: taken for an id or a measure, not judged.")
    if given.left_out:
        notes.append(
            f"{given.left_out:,} columns were left out: the first {len(given.columns)} were looked at."
        )
    if len(given.columns) > PAIR_COLUMNS:
        notes.append(f"Pairs were looked for among {PAIR_COLUMNS} columns only.")
    return tuple(notes)


ENGINES: tuple[Engine, ...] = (TablePairs(),)
