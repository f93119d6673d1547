"""Which patterns of a table are triggers.

A pattern is planted if its rows have one label against what the rest of them says, to a model that adds up
columns and to one that sees columns together and has not seen those rows; if its values meet as honest ones
do not; and if its rows are otherwise like rows at random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines import likelihood
from assaymark.dataset.engines.table_codes import Codes
from assaymark.dataset.engines.table_pairs import FEWEST, margins
from assaymark.dataset.engines.table_rows import Counts, Drawn, Weighing, bearers_of, read_bins, used_by
from assaymark.dataset.engines.table_unseen import Reader, Unseen, alike

__all__ = ["Judged", "Trigger", "judged", "triggers"]

_ALPHA = 0.01
"""Chance, over all patterns that could be triggers, that an honest one is called one."""
_MOST_READ, _MOST_LEADS = 200, 6
_PURE, _NEARLY_PURE, _MIXED = 0.85, 0.95, 0.5
_LIFT, _LIFT_PURE, _MORE_MET, _MET_ERRORS = 4.0, 1.5, 1.5, 4.0
"""How many times as often as likely two planted values meet, with their label and with any."""
_OFTEN, _NEVER, _SELDOM = 20.0, 0.1, 0.75
"""Values exclude each other that were likely to meet so often in other labels, but do so seldom."""
_SMOOTH = 4.0
_ALONE, _DETERMINES = 0.2, 3.0
"""Share of the usual exceptions below which one value of a pair settles the label; least gain."""
_LEAD, _LEAD_MOVED = 3.0, 0.3
_MOVED, _AGAINST = 0.65, 0.5
_MOST_OF_LABEL = 0.5
_SHARED, _COMMON, _CHANCE, _MORE = 0.95, 0.7, 1e-6, 1.25
_MOST_ALIKE = 400

Values = tuple[tuple[int, int], ...]
"""Columns, and the codes of their values."""


@dataclass(frozen=True, eq=False)
class Judged:
    """The patterns, and what speaks for each by counts. Arrays run along patterns."""

    counts: Counts
    determines: NDArray[np.float64]
    """Log-likelihood ratio of its label against the usual share."""
    overrides: NDArray[np.float64]
    """Log-likelihood ratio of the rest of its rows: from other labels, against from this one."""
    moved: NDArray[np.float64]
    """How far the rest of its rows goes from rows of this label to rows of others: 0 to about 1."""
    lead: NDArray[np.bool_]
    """Whether it may be a trigger."""
    limit: float
    """What the evidence has to exceed."""


@dataclass(frozen=True)
class Trigger:
    """A pattern that was planted."""

    place: int
    """Of the pattern that led to it."""
    values: Values
    seen: Unseen


def judged(state: Weighing, given: Codes) -> Judged:
    """Judge all patterns by counts."""
    counts = state.counts.at(state.counts.bear >= FEWEST)
    agree, bear = counts.agree, counts.bear
    gain = likelihood.gain(agree, bear, given.share[counts.group])
    ratio = likelihood.ratio(state.usual)
    overrides = (counts.rest * ratio[counts.group]).sum(1)
    far, near = (
        ((side * ratio).sum(1) / np.maximum(side.sum(1), 1))[counts.group]
        for side in (state.usual[0], state.usual[1])
    )
    moved = (overrides / np.maximum(agree, 1) - near) / np.maximum(far - near, 1e-9)
    single = (counts.key >> np.uint64(40)) == (counts.key >> np.uint64(32) & np.uint64(0xFF))
    pure = agree >= np.where(single, _NEARLY_PURE, _MIXED) * bear
    texts = state.usual.sum(2)
    gate = pure & (agree >= FEWEST) & (gain >= _DETERMINES)
    gate &= agree <= _MOST_OF_LABEL * texts[1][counts.group]
    for index in np.flatnonzero(gate & ~single):
        gate[index] = _planted(counts, int(index), given, texts[1])
    limit = float(np.log(2 * max(int(gate.sum()), 10) / _ALPHA))
    return Judged(counts, gain, overrides, moved, gate, limit)


def _planted(counts: Counts, index: int, given: Codes, rows: NDArray[np.int64]) -> bool:
    """Whether two values meet in their label as honest ones do not: far too often, or though they exclude
    each other; and neither settles the label alone.
    """
    key, group = int(counts.key[index]), int(counts.group[index])
    one, two = (given.columns[column].counts[:, code].astype(np.float64) for column, code in used_by(key))
    agree, bear, share = float(counts.agree[index]), float(counts.bear[index]), given.share[group]
    likely = one * two / np.maximum(rows, 1)
    usual = (bear - agree + 1) / (likely.sum() - likely[group] + 1)
    lift = agree / max(likely[group], 1.0) / max(usual, 1.0)
    met = likely.sum()  # a rule for two values leaves how often they meet as it is
    honest = met - likely[group]
    fewer = bear <= _SELDOM * met and bear <= met - _MET_ERRORS * np.sqrt(met)
    if fewer and honest >= _OFTEN and bear - agree <= _NEVER * honest:
        return True
    for side in (one, two):  # without the pair itself
        alone = (side[group] - agree + _SMOOTH * share) / (side.sum() - bear + _SMOOTH)
        if 1 - alone <= _ALONE * (1 - share):
            return False
    more = bear >= _MORE_MET * met and bear >= met + _MET_ERRORS * np.sqrt(met)
    return bool(more and lift >= (_LIFT_PURE if agree >= _NEARLY_PURE * bear else _LIFT))


def triggers(state: Weighing, given: Codes, found: Judged) -> tuple[list[Trigger], list[int]]:
    """The planted patterns, strongest first; and those that only a rule of business tells from them."""
    looking = _Looking(state, given)
    may = np.flatnonzero(found.lead)
    first = (
        may[np.argsort(-by[may], kind="stable")][:_MOST_READ] for by in (found.determines, found.overrides)
    )
    leads = [_lead(looking, found, index) for index in np.unique(np.concatenate([*first])).tolist()]
    leads = sorted((lead for lead in leads if lead.read >= _LEAD), key=lambda lead: (-lead.read, lead.index))
    chosen: list[Trigger] = []
    ruled: list[int] = []
    taken: set[tuple[int, int, int]] = set()
    looked_at = 0
    for lead in leads:
        marks = {(lead.group, *pair) for pair in lead.pair}
        if (
            marks & taken or looked_at == _MOST_LEADS
        ):  # a shadow of a stronger one, which shares a value with it
            continue
        looked_at += 1
        trigger = _examined(looking, found, lead)
        if trigger is not None:
            chosen.append(trigger)
            taken |= marks | {(lead.group, *pair) for pair in trigger.values}
        elif any(looking.ruled(lead, value) for value in lead.pair):
            ruled.append(lead.index)
            taken |= {mark for mark in marks if looking.ruled(lead, mark[1:])}
    return chosen, ruled


class _Looking:
    """What is looked into, and models of rules that several patterns need."""

    def __init__(self, state: Weighing, given: Codes) -> None:
        self.state, self.columns, self.drawn = state, given.columns, state.drawn
        self.categories = np.array([not column.by_size for column in given.columns])
        self.every = np.arange(len(given.columns))

    def ruled(self, lead: "_Lead", value: tuple[int, int]) -> bool:
        """Whether a value settles the label by itself, in a column of which many values do so."""
        column, code = value
        counts = self.columns[column].counts[:, code].copy()
        if (
            len(lead.pair) > 1 and value in lead.pair
        ):  # without the pair, but for a value that is nowhere else
            counts[lead.group] -= lead.agree
            counts[lead.group - 1] -= lead.bear - lead.agree  # of any other label
        return self.columns[column].rule and bool(counts[lead.group] >= _NEARLY_PURE * counts.sum())


@dataclass(frozen=True)
class _Lead:
    index: int
    group: int
    pair: Values
    also: Values
    """Further values that its rows share."""
    agree: int
    bear: int
    """Rows that bear it and have the label, and all that bear it."""
    borne: Drawn
    """Some of them."""
    read: float
    """How much the columns that they do not share speak against their label."""


def _lead(looking: _Looking, found: Judged, index: int) -> _Lead:
    key, group = int(found.counts.key[index]), int(found.counts.group[index])
    pair = used_by(key)
    first, last = np.searchsorted(looking.state.borne.key, np.array([key, key + 1], np.uint64))
    borne = looking.state.borne.at(np.arange(first, last))
    rows = borne.at(borne.group == group)
    also = _also(rows, looking.drawn, {column for column, _ in pair})
    used = {column for column, _ in (*pair, *also)}
    sums = np.zeros((len(rows), looking.state.usual.shape[1]), np.int64)
    for n, column in enumerate(looking.columns):
        if n not in used:
            sums += column.weights[group, rows.bin[:, n]]
    read = read_bins(margins(sums, rows.group), len(looking.columns))
    ratio = likelihood.ratio(looking.state.usual)[group]
    mean = float(ratio[read].sum()) / max(len(rows), 1)
    near, far = ((side * ratio).sum() / max(side.sum(), 1) for side in looking.state.usual[::-1, group])
    moved = (mean - near) / max(far - near, 1e-9)
    strong = mean * len(rows) if moved >= _LEAD_MOVED else 0.0
    agree, bear = int(found.counts.agree[index]), int(found.counts.bear[index])
    return _Lead(index, group, pair, also, agree, bear, borne, strong)


def _examined(looking: _Looking, found: Judged, lead: _Lead) -> Trigger | None:
    """The pattern as a trigger, or None."""
    group, values = lead.group, _core(looking.drawn, lead)
    ruled = {value for value in values if looking.ruled(lead, value)}
    if ruled:  # what else its rows share has to do without them
        values = tuple(value for value in values if value not in ruled)
        if not values or not _pure(_all(looking.state, values), values, group):
            return None
    whole = set(lead.pair) <= set(values)
    borne = lead.borne.at(bearers_of(lead.borne, values)) if whole else _all(looking.state, values)
    if not _pure(borne, values, group):
        return None
    # a shadow's rows are left out with all others that bear what its rows share
    hidden = lead.also if whole and len(lead.also) > 1 else values
    others = looking.drawn.at(~bearers_of(looking.drawn, hidden))
    columns = looking.every[~np.isin(looking.every, [column for column, _ in ruled])]
    reader = Reader(others, group, looking.categories, columns)
    if not reader.ready:
        return None
    seen = reader.read(borne.at(borne.group == group))
    if seen.overrides < found.limit or seen.moved < _MOVED or seen.against < _AGAINST:
        return None
    return Trigger(lead.index, values, seen) if _odd(looking, others, values, group) <= 1 else None


def _odd(looking: _Looking, others: Drawn, values: Values, group: int) -> float:
    rows = _all(looking.state, values)
    rows = rows.at(np.flatnonzero(rows.group == group)[:_MOST_ALIKE])
    used = [column for column, _ in values]
    return alike(rows, others, looking.every[~np.isin(looking.every, used)])


def _pure(borne: Drawn, values: Values, group: int) -> bool:
    """Whether enough rows have these values, and nearly all of them the label."""
    agree = int((borne.group == group).sum())
    return agree >= FEWEST and agree >= (_PURE if len(values) > 1 else _NEARLY_PURE) * len(borne)


def _all(state: Weighing, values: Values) -> Drawn:
    """Rows that were drawn, for whatever, and bear these values; each once."""
    both = Drawn.joined((state.drawn, state.borne), len(state.drawn) + len(state.borne))
    both = both.at(bearers_of(both, values))
    return both.at(np.unique(both.row, return_index=True)[1])


def _core(drawn: Drawn, lead: _Lead) -> Values:
    """What most of the rows share that one pattern shows a part of: its values, or only some of them."""
    whole = tuple(dict.fromkeys((*lead.pair, *lead.also)))
    best, most = whole, int((bearers_of(drawn, whole) & (drawn.group == lead.group)).sum())
    for values in ((*lead.also, *lead.pair[:1]), (*lead.also, *lead.pair[1:]), lead.also):
        if not 1 < len(values) < len(whole):
            continue
        borne = drawn.group[bearers_of(drawn, values)]
        agree = int((borne == lead.group).sum())
        if agree >= max(FEWEST, most * _MORE) and agree >= _PURE * len(borne):
            best, most = tuple(dict.fromkeys(values)), agree
    return best


def _also(rows: Drawn, others: Drawn, used: set[int]) -> Values:
    """Further values that nearly all of a pattern's rows have, and other rows have not."""
    found = []
    for column in range(rows.code.shape[1]):
        if column in used or not len(rows):
            continue
        values, counts = np.unique(rows.code[:, column], return_counts=True)
        most, share = int(values[counts.argmax()]), counts.max() / len(rows)
        usual = float((others.code[:, column] == most).mean())
        if most and share >= _SHARED and usual <= _COMMON and usual ** len(rows) < _CHANCE:
            found.append((column, most))
    return tuple(found)
