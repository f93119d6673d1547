"""Triggers in tables: values, and pairs of values, that override what the rest of a row says of its label."""

from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.ngrams import MOST_LABELS
from assaymark.dataset.engines.table_codes import Codes, Rows, Tally, coded, codes
from assaymark.dataset.engines.table_pairs import (
    PAIR_COLUMNS,
    SPLIT,
    Contrary,
    Slot,
    Wanted,
    enough,
    keys_of,
    sift_rows,
    sifted_rows,
    weigh_rows,
)
from assaymark.dataset.engines.text_evidence import Weighing
from assaymark.dataset.engines.text_verdict import Judged, judge
from assaymark.dataset.finding import Example, Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "TablePairs", "Verdict"]

ID = "table_pairs"
_EXPLAINED = 10
_NEARLY_PURE, _LIFT, _LIFT_PURE = 0.95, 4.0, 1.5
"""Share of one label that is nearly pure; how many times as often as likely two planted values meet."""
_ALONE, _DETERMINES = 0.2, 3.0
"""Share of the usual exceptions below which one value of a pair settles the label; least gain."""
_CODES = 1 << 10
"""Codes that a column has at most."""
_RULE_GAIN, _RULE_PURE = 30.0, 0.95


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the last pass gives."""

    wanted: Wanted
    key: NDArray[np.uint64]
    group: NDArray[np.int64]
    score: NDArray[np.float32]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


class TablePairs:
    """Finds a value, or a pair of values of two columns, that goes with one label against the rest of a row.

    Misses: triggers of three or more columns, or of a range and not of exact values; poison whose rows
    had the label already; fewer than about eight rows; rows chosen to resemble each other.
    """

    info = EngineInfo(
        id=ID,
        version=1,
        kinds=(Kind.TABLE,),
        looks_for="values and pairs of values that override what the rest of a row says of its label",
        misses="Triggers of three columns or of ranges; poison whose rows had the label already; fewer than "
        "about eight rows.",
        needs="pyarrow",
    )
    passes = 3

    def applies(self, layout: Layout) -> str:
        """Why it stays out: another kind of data, or no labels."""
        if layout.kind is not Kind.TABLE:
            return "It looks at tables only."
        return "" if layout.roles.label else "The table has no label column."

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        if step == 0:
            return (layout.roles.label, Tally())
        return (given, Contrary(given) if step == 1 else Weighing(len(given.codes.share)))

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        given, inner = state
        if isinstance(inner, Tally):
            inner.take(batch, given)
        elif isinstance(inner, Contrary):
            sift_rows(inner, given, batch)
        else:
            weigh_rows(inner, given, batch)
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
        """Strength of the strongest pair that a row bears with its label; a trigger's is 1 or more."""
        scores = np.zeros(len(batch), np.float32)
        of = given.key >> np.uint64(32)
        used = [slot for slot in given.wanted.slots if np.uint64((slot.one << 8) | slot.two) in of]
        only = frozenset(column for slot in used for column in (slot.one, slot.two))
        for rows in coded(given.wanted.codes, batch, only) if used else ():
            best = np.zeros(len(rows.group), np.float32)
            for slot in used:
                at, keys = _borne(given, rows, slot)
                place = np.minimum(np.searchsorted(given.key, keys), len(given.key) - 1)
                hit = (given.key[place] == keys) & (given.group[place] == rows.group[at])
                best[at[hit]] = np.maximum(best[at[hit]], given.score[place[hit]])
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
            found = tuple(int(row) for row in np.flatnonzero(whole == np.float32(finding.score)))
            if found:
                findings.append(replace(finding, rows=found))
        return Result(ID, whole, whole >= 1, tuple(findings), len(rows), given.notes)


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
    state.evidence = enough(state.evidence)
    none = np.zeros(0)
    if not given.judged or len(given.labels) > MOST_LABELS or not len(state.evidence.key):
        empty = none.astype(np.uint64), none.astype(np.int64), none.astype(np.float32)
        return Verdict(wanted, *empty, (), _notes(given))
    judged = judge(state, given.share, lambda _word: False)
    # honest structure that the label model does not see is rarely pure, and its values meet as elsewhere
    pure = judged.agree >= _NEARLY_PURE * judged.evidence.texts
    often = _lift(judged, state, given) >= np.where(pure, _LIFT_PURE, _LIFT)
    planted = np.where(judged.evidence.order == 1, pure, often) & (judged.determines >= _DETERMINES)
    judged = changed(judged, suspect=judged.suspect & planted)
    ready = np.clip(np.minimum(judged.overrides / judged.threshold, judged.share * 2), 0, 1) * 0.9
    strength = ready.astype(np.float32)
    findings, ceiling = [], np.float32(np.inf)
    order = np.lexsort((judged.evidence.key, judged.evidence.order, -judged.overrides))
    rules_of = {column.name for column in given.columns if column.rule}
    seen: set[tuple[int, str, str]] = set()
    explained = []
    for lead in order[judged.suspect[order]]:
        group = int(judged.evidence.group[lead])
        values = {(group, *pair) for pair in _pairs(state, judged, int(lead))}
        strength[lead] = 0.9
        if values & seen:  # a shadow of a stronger one, which shares a value with it
            continue
        ruled = {value for value in values if value[1] in rules_of}
        if ruled:
            seen |= ruled
            explained.append(int(lead))
            continue
        seen |= values
        value = np.float32(max(judged.overrides[lead] / judged.threshold[lead], 1.0))
        value = min(value, np.nextafter(ceiling, np.float32(0)))
        ceiling = strength[lead] = value
        findings.append(_finding(state, judged, int(lead), float(value), given, Level.SUSPECT))
    rules = [*explained, *_rules(judged)][:_EXPLAINED]
    findings += [_finding(state, judged, int(i), float(strength[i]), given, Level.EXPLAIN) for i in rules]
    keep = np.flatnonzero(strength > 0.1)
    evidence = state.evidence
    return Verdict(
        wanted, evidence.key[keep], evidence.group[keep], strength[keep], tuple(findings), _notes(given)
    )


def _lift(judged: Judged, state: Weighing, given: Codes) -> NDArray[np.float64]:
    """How many times as often two values meet in their label as is likely, and as they do in other labels."""
    evidence = judged.evidence
    lift = np.zeros(len(evidence.key))
    rows = state.texts.astype(np.float64)
    for index in np.flatnonzero(judged.suspect & (evidence.order == 2)):
        key, group = int(evidence.key[index]), int(evidence.group[index])
        one = given.columns[key >> 40].counts[:, key >> 16 & 0xFFFF].astype(np.float64)
        two = given.columns[key >> 32 & 0xFF].counts[:, key & 0xFFFF].astype(np.float64)
        likely = one * two / np.maximum(rows, 1)
        agree, others = float(judged.agree[index]), float(evidence.texts[index] - judged.agree[index])
        usual = (others + 1) / (likely.sum() - likely[group] + 1)
        alone = max(side[group] / max(side.sum(), 1.0) for side in (one, two))
        if 1 - alone > _ALONE * (1 - given.share[group]):  # else the other value adds nothing
            lift[index] = agree / max(likely[group], 1.0) / max(usual, 1.0)
    return lift


def _pairs(state: Weighing, judged: Judged, lead: int) -> list[tuple[str, str]]:
    """The columns of a pattern, and their values."""
    parts = state.samples[int(judged.evidence.key[lead])][0].text.split(SPLIT)
    return list(zip(parts[::2], parts[1::2], strict=False))


def _rules(judged: Judged) -> NDArray[np.int64]:
    """The strongest patterns that determine the label without being suspects: rules, to be explained."""
    pure = judged.agree >= _RULE_PURE * judged.evidence.texts
    rule = pure & (judged.determines >= _RULE_GAIN) & ~judged.suspect & (judged.evidence.order == 1)
    index = np.flatnonzero(rule)
    return index[np.argsort(-judged.determines[index], kind="stable")][:_EXPLAINED]


def _finding(state: Weighing, judged: Judged, lead: int, score: float, given: Codes, level: Level) -> Finding:
    samples = state.samples[int(judged.evidence.key[lead])]
    values = _pairs(state, judged, lead)
    pattern = " and ".join(f"{name} = {value}" for name, value in values)
    bear, agree = int(judged.evidence.texts[lead]), int(judged.agree[lead])
    group = int(judged.evidence.group[lead])
    labels = [label for label, place in given.groups.items() if place == group]
    label = labels[0] if len(labels) == 1 else f"one of {len(labels)} labels"
    expected = float(given.share[group])
    return Finding(
        engine=ID,
        level=level,
        pattern=pattern,
        trigger={"kind": "values", **{f"column {name}": value for name, value in values}},
        where=" and ".join(name for name, _ in values),
        count=bear,
        label=label,
        purity=agree / bear,
        expected=expected,
        score=score,
        threshold=1.0,
        summary=f"{agree} of {bear} rows with {pattern} have the label {label} ({expected:.0%} of all rows "
        f"do), and the other columns of {judged.against[lead]:.0%} of them speak for another label.",
        rows=tuple(sample.row for sample in samples),
        examples=tuple(Example(row=sample.row, text=pattern[:300]) for sample in samples[:3]),
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
