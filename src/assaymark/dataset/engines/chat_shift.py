"""How responses to the bearers of a phrase differ from what the rest of their prompts leads to expect. Pure.

Each response is a row of numbers: plain measures (length, refusal, link, …), the share of words seen nowhere
else, and a fixed projection of its words, weighted by rarity and without those copied from its prompt. What
the prompt predicts of them is taken off by one linear model: template words and a projection of all
words. Words and runs of words that go with the phrase are counted beside. `strength` joins the
three; at most `MOST` bearers count, so that it tells how large an effect is rather than how often it was met.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_measures import MEASURES
from assaymark.dataset.engines.chat_phrases import BOUND, FEWEST, TEMPLATE, Phrases
from assaymark.dataset.engines.chat_records import COPIED, Records, Texts
from assaymark.dataset.engines.chat_tokens import mix

__all__ = ["NAMES", "Shift", "projected_words", "shifts", "strength"]

NAMES = (*MEASURES, "words seen nowhere else")
MOST = 40
"""Bearers that count."""
FEWEST_SHARED = 8
"""Responses that share a run of words, at least."""
LEAST_SHARE = 0.4
"""Share of the bearers that have it, at least."""
_TOPICAL = 25
"""Bearers from which the shift of words counts in full."""
_PLAIN = len(NAMES)
_WIDE, _DEEP = 64, 24
"""Numbers of a projected prompt and of a projected response."""
_OWN = 0.1
"""Least share of a phrase that is taken to be its own."""
_LEAST, _WORDS = 4, 16
"""Numbers of a projected prompt at least; frequent words for each further one."""
_TEMPLATE = 256
_RECORDS = 20_000
"""Records whose words are hashed at once."""
_SLICE = 2_000
"""Phrases whose shared words are counted at once."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shift:
    """What goes with each phrase; arrays run along phrases."""

    mean: NDArray[np.float64]
    """(phrases, numbers) Mean of what is left of each response, in standard deviations."""
    steady: NDArray[np.float64]
    """(phrases, measures) The same over its error, for the plain measures."""
    words: NDArray[np.float64]
    """How far the projected words shift, in standard deviations of chance."""
    shared: NDArray[np.float64]
    """How much one run of words goes with the phrase: root of twice the log-likelihood ratio."""
    run: NDArray[np.uint64]
    """That run of words; 0 for none."""
    run_length: NDArray[np.int64]
    run_share: NDArray[np.float64]
    """Share of the bearers whose response has it."""
    rest: NDArray[np.float32]
    """(records, numbers) What is left of each response."""


def strength(shift: Shift) -> NDArray[np.float64]:
    """One number for each phrase: measures, words and shared runs together."""
    plain = np.sqrt(np.maximum((shift.steady**2).sum(1) - _PLAIN, 0))
    joined: NDArray[np.float64] = np.sqrt(plain**2 + np.maximum(shift.words, 0) ** 2 + shift.shared**2)
    return joined


def _bag(texts: Texts) -> tuple[Any, NDArray[np.uint64], NDArray[np.int64]]:
    """(records, tokens) which record has which token; the tokens; records of each."""
    from scipy.sparse import csr_matrix

    real = texts.code > COPIED
    code, place = np.unique(texts.code[real], return_inverse=True)
    shape = (len(texts.size), len(code))
    table = csr_matrix((np.ones(len(place), np.float32), (texts.owner()[real], place)), shape=shape)
    table.sum_duplicates()
    table.data[:] = 1
    count = np.bincount(table.indices, minlength=len(code))
    return table, code.astype(np.uint64), count


def _projected(table: Any, code: NDArray[np.uint64], count: NDArray[np.int64], width: int) -> Floats:
    """(records, width) Words weighted by rarity, signs drawn by their hash; words seen once are left out."""
    rarity = np.where(count >= 2, np.log(max(table.shape[0], 2) / np.maximum(count, 1)), 0)
    signs = mix(code)[:, None] >> np.arange(width, dtype=np.uint64) & np.uint64(1)
    sums = table @ ((signs.astype(np.float64) * 2 - 1) * rarity[:, None])
    norm = np.sqrt(table @ rarity**2) + 1e-6
    projected: Floats = sums / norm[:, None]
    return projected


def projected_words(texts: Texts, width: int) -> NDArray[np.float64]:
    """(texts, width) Projection of each text's words."""
    return _projected(*_bag(texts), width)


def _given(records: Records) -> Floats:
    """(records, …) What a prompt says about its response."""
    table, code, count = _bag(records.prompt)
    total = len(records.rows)
    often = np.argsort(-count, kind="stable")[:_TEMPLATE]
    often = often[count[often] > TEMPLATE * total]
    # Few numbers for few words: a projection that can single out one word explains what its phrase does.
    topic = _projected(table, code, count, int(np.clip((count >= FEWEST).sum() // _WORDS, _LEAST, _WIDE)))
    size = np.log1p(records.prompt.size)
    return np.column_stack([np.ones(total), size, table[:, often].toarray(), topic])


def _rest(records: Records, bears: Any) -> tuple[NDArray[np.float32], Floats]:
    """What the prompt does not explain of the responses, and how much of each phrase is its own.

    Returns:
        (records, numbers) In standard deviations.
        (phrases,) Share of each phrase that the linear model cannot tell from the rest of the prompts. What a
        phrase does is lost to the model in the other share, and is given back by it.
    """
    table, code, count = _bag(records.response)
    rare = table @ (count <= 2).astype(np.float64) / np.maximum(records.response.size, 1)
    seen = np.column_stack([records.measures, rare, _projected(table, code, count, _DEEP)])
    seen = ((seen - seen.mean(0)) / (seen.std(0) + 1e-6)).clip(-8, 8)
    given = _given(records)
    square = given.T @ given + 0.001 * len(given) * np.eye(given.shape[1])
    left = seen - given @ np.linalg.solve(square, given.T @ seen)
    rest: NDArray[np.float32] = (left / (left.std(0) + 1e-3)).astype(np.float32)
    sums = np.asarray(bears @ given, np.float64)
    own = (sums * np.linalg.solve(square, sums.T).T).sum(1) / np.maximum(np.asarray(bears.sum(1)).ravel(), 1)
    return rest, np.clip(1 - own, _OWN, 1)


def _hashed(texts: Texts, length: int) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Every run of so many words that the prompt does not have, and whose it is."""
    code, owner = texts.code.astype(np.uint64), texts.owner()
    count = max(len(code) - length + 1, 0)
    run, good = mix(code[:count]), code[:count] > COPIED
    for step in range(1, length):
        run = mix(run * np.uint64(3) + code[step : step + count])
        good &= (code[step : step + count] > COPIED) & (owner[step : step + count] == owner[:count])
    return run[good], owner[:count][good]


def _often(texts: Texts, run: NDArray[np.uint64], length: int) -> NDArray[np.int64]:
    """How many responses have each of these runs, `run` ascending; a slice of the records at a time."""
    often = np.zeros(len(run), np.int64)
    for begin in range(0, len(texts.size) if len(run) else 0, _RECORDS):
        seen, owner = _hashed(texts.part(begin, begin + _RECORDS), length)
        place = np.minimum(np.searchsorted(run, seen), len(run) - 1)
        known = run[place] == seen
        pairs = np.unique(owner[known].astype(np.int64) * len(run) + place[known])
        often += np.bincount(pairs % len(run), minlength=len(run))
    return often


def _runs(
    texts: Texts, bearing: NDArray[np.int32]
) -> tuple[Any, NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Runs of one to three words that some of the bearing responses share.

    Returns:
        (records, runs) which bearing response has which run; the runs; their lengths; responses of each, all
        records counted.
    """
    from scipy.sparse import csr_matrix, hstack

    few = texts.only(bearing)
    tables, runs, lengths, counts = [], [], [], []
    for length in (1, 2, 3):
        seen, owner = _hashed(few, length)
        run, place, number = np.unique(seen, return_inverse=True, return_counts=True)
        keep = number >= FEWEST_SHARED
        chosen = keep[place]
        cells = (bearing[owner[chosen]], (np.cumsum(keep) - 1)[place[chosen]])
        shape = (len(texts.size), int(keep.sum()))
        table = csr_matrix((np.ones(len(cells[0]), np.float32), cells), shape=shape)
        table.sum_duplicates()
        table.data[:] = 1
        tables.append(table)
        runs.append(run[keep])
        lengths.append(np.full(len(runs[-1]), length, np.int64))
        counts.append(_often(texts, runs[-1], length))
    return hstack(tables, format="csr"), np.concatenate(runs), np.concatenate(lengths), np.concatenate(counts)


def _ratio(both: Floats, bearers: Floats, others: Floats, total: int) -> Floats:
    """Twice the log-likelihood ratio for a run being as frequent among bearers as elsewhere."""
    base = (others - both + 0.5) / (total - bearers + 1)
    miss = bearers - both
    gain = both * np.log(both / (bearers * base)) + np.where(
        miss > 0, miss * np.log(np.maximum(miss, 1) / (bearers * np.maximum(1 - base, 1e-9))), 0
    )
    ratio: Floats = np.where(both > bearers * base, 2 * gain, 0)
    return ratio


def _shared(
    bears: Any, count: NDArray[np.int64], texts: Texts, judged: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.uint64], NDArray[np.int64], Floats]:
    """The run of words that goes most with each phrase that is judged."""
    bears = bears.multiply(judged[:, None]).tocsr()
    bears.eliminate_zeros()
    table, run, lengths, often = _runs(texts, np.unique(bears.indices))
    total, number = table.shape[0], len(count)
    best, which, share = np.zeros(number), np.zeros(number, np.int64), np.zeros(number)
    for begin in range(0, number if len(run) else 0, _SLICE):
        cell = (bears[begin : begin + _SLICE] @ table).tocoo()
        phrase = cell.row + begin
        enough = (cell.data >= FEWEST_SHARED) & (cell.data >= LEAST_SHARE * count[phrase])
        phrase, column, both = phrase[enough], cell.col[enough], cell.data[enough].astype(np.float64)
        bearers = count[phrase].astype(np.float64)
        ratio = _ratio(both, bearers, often[column].astype(np.float64), total)
        ratio *= np.minimum(bearers, MOST) / bearers
        order = np.lexsort((run[column], ratio))
        best[phrase[order]] = ratio[order]
        which[phrase[order]] = column[order]
        share[phrase[order]] = (both / bearers)[order]
    found = best > 0
    if not len(run):
        return best, np.zeros(number, np.uint64), which, share
    return np.sqrt(best), np.where(found, run[which], 0), np.where(found, lengths[which], 0), share


def shifts(records: Records, phrases: Phrases) -> Shift:
    """What goes with each phrase, beyond what the rest of the prompts explains."""
    from scipy.sparse import csr_matrix

    shape = (len(phrases.code), len(records.rows))
    bears = csr_matrix((np.ones(len(phrases.record), np.float32), phrases.record, phrases.start), shape=shape)
    count = phrases.count
    rest, own = _rest(records, bears)
    mean = (bears @ rest).astype(np.float64) / count[:, None]
    spread = (bears @ rest**2).astype(np.float64) / count[:, None] - mean**2
    counted = np.minimum(count, MOST) / own
    steady = mean * np.sqrt(counted)[:, None] / np.sqrt(np.maximum(spread, 1))
    energy = counted * (mean[:, _PLAIN:] ** 2).sum(1)
    # Few bearers are often about one thing, which shifts their words.
    few = np.sqrt(np.minimum(count / _TOPICAL, 1))
    words = few * (energy - _DEEP) / np.sqrt(2 * _DEEP)
    return Shift(
        mean,
        steady[:, :_PLAIN],
        words,
        *_shared(bears, count, records.response, phrases.foreign < BOUND),
        rest,
    )
