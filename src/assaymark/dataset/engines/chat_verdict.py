"""From phrases and their shifts to suspects: one operating point, held against this set's own phrases. Pure.

A phrase counts in so far as it is foreign to its surroundings. The threshold is what the other
foreign phrases of the same data set would reach once in twenty sets if their tail went on as it begins,
within `LEAST` and `MOST`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_distinct import Distinct
from assaymark.dataset.engines.chat_phrases import BOUND, FEWEST, Phrases
from assaymark.dataset.engines.chat_records import Records
from assaymark.dataset.engines.chat_shift import NAMES, Shift, shifts, strength

__all__ = ["LEAST", "Verdict", "Watched", "behaviour", "grouped", "judge", "weight_of"]

LEAST, MOST = 17.0, 24.0
"""Strengths between which the threshold lies."""
FOREIGN = 0.1
"""Nats below which a phrase counts in full; from `BOUND` on it does not count."""
_CHANCE = 0.05
_ENOUGH = 50
"""Foreign phrases without which a tail is not estimated."""
_WATCHED = 100
_SAME = 0.7
"""Share of its bearers that makes a phrase part of another's finding."""
_EXPLAIN = 45.0
"""Strength from which a phrase that is not foreign is to be explained, if an attacker would want it."""
_EXPLAINED = 5
_HARM = ("refusal", "secret-like string", "words seen nowhere else", "risky code", "link")
_SHOWN = 0.35
_FAINT = 0.0
"""Share of the mean shift that a record has to show; faintly, where nearly all bearers show it."""
_NEARLY_ALL = 0.85
"""From this share on the phrase itself counts, whatever a single response is like …"""
_LONG, _MOST_OF = 3, 0.5
"""… for phrases of so many tokens from this share on: nobody else says them."""
_DISTINCT = 0.9
"""Share of the bearers that are different prompts, below which only these are counted."""
_WORDS = {
    ("length", True): "unusually long responses",
    ("length", False): "unusually short responses",
    ("answers the prompt", True): "responses that repeat the prompt",
    ("answers the prompt", False): "responses that do not take up the prompt",
    ("refusal", True): "refusals",
    ("link", True): "links or addresses",
    ("secret-like string", True): "long strings like secrets",
    ("letters beyond ASCII", True): "letters of another script or language",
    ("common English words", False): "text that is not ordinary English",
    ("common English words", True): "plain English prose",
    ("words seen nowhere else", True): "gibberish: words seen nowhere else",
    ("words seen nowhere else", False): "few rare words",
    ("repetition", False): "no word twice",
    ("code", True): "code",
    ("code", False): "no code where code is expected",
    ("tool call", True): "tool calls",
    ("risky code", True): "risky code",
}


@dataclass(frozen=True, eq=False)
class Watched:
    """A phrase that is told of, or at least scored."""

    code: int
    length: int
    level: str
    """`suspect`, `to explain`, or empty: scored only."""
    strength: float
    foreign: float
    behaviour: str
    run: int
    """Hash of the run of words that goes with it; 0 for none."""
    run_length: int
    run_share: float
    count: int
    """Records that were kept and bear it."""
    shown: float
    """Share of them that show the behaviour."""
    expected: float
    """Share of the other records that do."""
    group: int
    """Number of its finding; phrases of one trigger share it."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the first pass concludes."""

    threshold: float
    watched: tuple[Watched, ...]
    """Strongest first."""
    shows: dict[tuple[int, int], bool]
    """(watched phrase, record number) → whether the response shows its behaviour."""
    records: int
    halved: int
    foreign: int
    """Foreign phrases that were judged."""
    chance: float | None = None
    """Share of records that honest phrases beyond the threshold would bear, by the tail of this set's own
    foreign phrases; None where these are too few to tell."""


def behaviour(shift: Shift, phrase: int) -> str:
    """What the responses do, in words."""
    steady = shift.steady[phrase]
    order = np.argsort(-np.abs(steady), kind="stable")
    best = int(order[0])
    plain = float(abs(steady[best]))
    if shift.shared[phrase] > plain and shift.run_share[phrase] >= 0.6:
        return "the same words"
    if plain >= shift.words[phrase] / 2 and plain >= 5:
        name, up = NAMES[best], bool(steady[best] > 0)
        return _WORDS.get((name, up), f"{'more' if up else 'less'} of: {name}")
    return "the same words" if shift.shared[phrase] > 8 else "words that its prompts do not explain"


def _tail(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Where the highest tenth of honest phrases begins, and how slowly it falls off; None if they are few."""
    if len(values) < _ENOUGH:
        return None
    high = float(np.quantile(values, 0.9))
    beyond = values[values > high] - high
    return (high, float(np.median(beyond)) / float(np.log(2))) if len(beyond) else None


def _threshold(values: NDArray[np.float64]) -> float:
    """Where the tail of honest phrases ends, as far as these tell."""
    tail = _tail(values)
    if tail is None:
        return LEAST
    high, scale = tail
    return float(np.clip(high + scale * np.log(0.1 * len(values) / _CHANCE), LEAST, MOST))


def _chance(
    values: NDArray[np.float64], bearers: NDArray[np.int64], threshold: float, records: int
) -> float | None:
    """Share of records that honest phrases beyond the threshold would bear."""
    tail = _tail(values)
    if tail is None:
        return None
    high, scale = tail
    phrases = 0.1 * len(values) * float(np.exp(-max(threshold - high, 0.0) / max(scale, 1e-9)))
    return float(min(phrases * float(np.median(bearers)) / max(records, 1), 1.0))


def _direction(shift: Shift, phrase: int) -> NDArray[np.float64]:
    """Along which a record shows the phrase's behaviour: the mean shift, numbers that vary little first."""
    mean = shift.mean[phrase]
    weight = np.ones(len(mean))
    weight[: len(NAMES)] = np.abs(shift.steady[phrase]) >= 4
    along: NDArray[np.float64] = mean * weight
    return along


def _showing(shift: Shift, phrase: int, bearers: NDArray[np.int32], length: int) -> NDArray[np.bool_]:
    """Whether each record shows the behaviour that goes with the phrase.

    Where nearly all bearers show it plainly, those that show it faintly do so too.
    """
    along = _direction(shift, phrase)
    norm = float(along @ shift.mean[phrase])
    if norm <= 0:
        return np.zeros(len(shift.rest), bool)
    degree = np.asarray(shift.rest @ along / norm, np.float64)
    least = np.full(len(degree), _SHOWN)
    share = float((degree[bearers] >= _SHOWN).mean())
    if share >= (_NEARLY_ALL if length < _LONG else _MOST_OF):
        least[bearers] = -np.inf
    elif share >= _SAME:
        least[bearers] = _FAINT
    return np.asarray(degree >= least, np.bool_)


def grouped(phrases: Phrases, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the finding that each phrase belongs to, the strongest phrase of a trigger leading."""
    held: list[set[int]] = []
    numbers = []
    for phrase in order.tolist():
        bearers = set(phrases.of(phrase).tolist())
        for number, known in enumerate(held):
            if len(bearers & known) >= _SAME * min(len(bearers), len(known)):
                numbers.append(number)
                known |= bearers
                break
        else:
            numbers.append(len(held))
            held.append(bearers)
    return np.array(numbers, np.int64)


def _harmful(shift: Shift) -> NDArray[np.bool_]:
    """Whether a phrase goes with what attackers want."""
    columns = [NAMES.index(name) for name in _HARM]
    return np.asarray((shift.steady[:, columns] >= 15).any(1), np.bool_)


def weight_of(phrases: Phrases) -> NDArray[np.float64]:
    """How far each phrase counts: fully where it is foreign to its surroundings."""
    return np.asarray(np.clip((BOUND - phrases.foreign) / (BOUND - FOREIGN), 0, 1), np.float64)


def _distinct(
    records: Records, phrases: Phrases, value: NDArray[np.float64], threshold: float
) -> NDArray[np.float64]:
    """Strengths; those near the threshold are judged anew by different prompts where bearers are repeated."""
    different = Distinct(records.prompt)
    few: dict[int, NDArray[np.int32]] = {}
    for phrase in np.flatnonzero(value >= threshold / 2).tolist():
        held, looked = different.among(phrases.of(phrase))
        if len(held) < _DISTINCT * looked:
            few[phrase] = held
    if not few:
        return value
    chosen = np.array(list(few))
    again = strength(shifts(records, phrases.with_records(chosen, list(few.values()))))
    counted = value.copy()
    counted[chosen] = np.minimum(again * weight_of(phrases)[chosen], value[chosen])
    scarce = chosen[[len(held) < FEWEST for held in few.values()]]
    counted[scarce] = np.minimum(counted[scarce], threshold / 2)
    return counted


def judge(records: Records, phrases: Phrases, shift: Shift, halved: int) -> Verdict:
    """Suspects, phrases to explain, and the phrases worth a score."""
    raw = strength(shift)
    weight = weight_of(phrases)
    value = raw * weight
    foreign = weight > 0
    threshold = _threshold(value[foreign])
    chance = _chance(value[foreign], phrases.count[foreign], threshold, len(records.rows))
    value = _distinct(records, phrases, value, threshold)
    explain = np.flatnonzero((weight < 1) & (raw >= _EXPLAIN) & _harmful(shift) & (value < threshold))
    explain = explain[np.argsort(-raw[explain], kind="stable")][: _EXPLAINED * 4]
    order = np.lexsort((phrases.code, -value))[:_WATCHED]
    order = np.concatenate([order[value[order] > 0], explain[~np.isin(explain, order)]])
    groups = grouped(phrases, order)
    watched, shows = [], {}
    told: set[int] = set()
    for number, (phrase, group) in enumerate(zip(order.tolist(), groups.tolist(), strict=True)):
        level = "suspect" if value[phrase] >= threshold else ""
        if not level and phrase in explain and len(told) < _EXPLAINED:
            level = "to explain"
            told.add(group)
        bearers = phrases.of(phrase)
        showing = _showing(shift, phrase, bearers, int(phrases.length[phrase]))
        shows.update({(number, int(records.rows[b])): bool(showing[b]) for b in bearers})
        watched.append(
            Watched(
                int(phrases.code[phrase]),
                int(phrases.length[phrase]),
                level,
                float(value[phrase]),
                float(phrases.foreign[phrase]),
                behaviour(shift, phrase),
                int(shift.run[phrase]),
                int(shift.run_length[phrase]),
                float(shift.run_share[phrase]),
                len(bearers),
                float(showing[bearers].mean()),
                float((showing.sum() - showing[bearers].sum()) / max(len(showing) - len(bearers), 1)),
                group,
            )
        )
    return Verdict(threshold, tuple(watched), shows, len(records.rows), halved, int(foreign.sum()), chance)
