"""From runs and their surroundings to suspects: one operating point, held against the other direction. Pure.

A trigger stands anywhere (it tells nothing of its neighbour on the left), its documents have nothing to do
with one another before it, and after it they change. How far honest phrases go is read off the phrases
*before* which documents change: the same search, with left and right exchanged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_bearers import WIDE, Around, Shown
from assaymark.dataset.engines.corpus_counts import Corpus
from assaymark.dataset.engines.corpus_events import AFTER, FEWEST, PASSAGE, Chosen
from assaymark.dataset.engines.corpus_places import Run, contrast, runs_of, shared_words, told
from assaymark.dataset.engines.corpus_windows import alike

__all__ = ["LEAST", "Judged", "Verdict", "judged"]

LEAST, _MOST = 3.0, 4.5
"""Strengths between which the threshold lies; in standard deviations of all places of the corpus."""
_MARGIN = 1.15
_SURER = 1.65
"""Most that a change counts for standing in many documents rather than in the fewest."""
_HIT = 0.5
"""Share of a phrase's places at which the document must break."""
_LETTERS = 7.0
"""Strength of a change from no letter beyond ASCII to nothing else."""
_BITS = 45.0
"""Bits of a passage's words for a strength of one."""
_SHORTEST = 12
"""Tokens of a passage, at least."""
_AT_END = 0.8
"""Share of documents that end with a passage, from which this is its place."""
_RELATED = 0.6
"""What each rare word that its documents share leaves of a passage's strength: they are of one source."""
_WHOLE = 0.7
"""What is left of a passage's strength for each side on which a sentence or a line ends."""
_SAME = 0.6
_WATCHED = 300


@dataclass(frozen=True, eq=False)
class Judged:
    """A run and what it is worth."""

    run: Run
    side: int
    documents: int
    strength: float
    foreign: tuple[float, float]
    """Nats told of the neighbours, left and right; none by what stands where sentences meet."""
    anywhere: tuple[float, float]
    """The same, but sentences and lines count as any other place."""
    alike: tuple[float, float]
    """How many times as alike as those of unrelated documents its surroundings are, before and after."""
    change: float
    """Standard deviations by which the text after it is more surprising."""
    letters: float
    """Share of letters beyond ASCII after it, less that before it."""
    bits: float
    """What its words cost one by one."""
    shared: int
    """Rare words that a quarter of its documents share besides it."""
    own_line: float
    """Share of places at which a line begins with it."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the third pass concludes."""

    threshold: float
    suspects: tuple[tuple[Judged, ...], ...]
    """Runs of one trigger together, the leading one first."""
    explain: tuple[tuple[Judged, ...], ...]
    watched: tuple[Judged, ...]
    """The others that are worth a score."""
    shown: dict[int, list[Shown]]
    mirrored: int
    """Documents that the threshold would flag in the mirrored direction."""
    documents: int
    left_out: int
    halved: int


def _falls(value: float, full: float, none: float) -> float:
    """1 up to `full`, falling to 0 at `none`."""
    return float(np.clip((none - value) / (none - full), 0, 1))


def _free(nats: float) -> float:
    return _falls(nats, 0.5, 1.3)


def _apart(times: float) -> float:
    return _falls(times, 1.5, 2.1)


def _edge(judged: Judged, side: int) -> float:
    """How foreign a passage is on one side. Whole sentences and lines are repeated honestly, too."""
    return max(_free(judged.anywhere[side]), _WHOLE * _free(judged.foreign[side]))


def _judge(run: Run, documents: int, corpus: Corpus) -> Judged:
    model = corpus.model
    token = run.token
    open_left, open_right = run.open
    places = len(token)
    anywhere = (
        9.0 if open_left else told(token[:, run.begin - 1], model.alone),
        9.0 if open_right else told(token[:, run.end], model.alone),
    )
    between = (
        9.0 if open_left else told(token[:, run.begin - 1], model.last),
        9.0 if open_right else told(token[:, run.end], model.first),
    )
    left, right = (corpus.unrelated.times(alike(side, model), places) for side in run.sides())
    change, letters = contrast(run, model).mean(0).tolist()
    inside = model.alone[(token[0, run.begin : run.end] >> np.uint32(14))].astype(np.float64)
    begins = run.around.token[:, run.begin] & np.uint32(1)
    return Judged(
        run=run,
        side=(run.code & 0xFF) >> 4,
        documents=documents,
        strength=0.0,
        foreign=(min(anywhere[0], between[0]), min(anywhere[1], between[1])),
        anywhere=anywhere,
        alike=(left, right),
        change=change,
        letters=letters,
        bits=float(inside.sum() / 8),
        shared=shared_words(run),
        own_line=float(begins.mean()),
    )


def _phrase_strength(judged: Judged, share: float) -> float:
    mirrored = judged.side != AFTER
    sign, here = (-1, 1) if mirrored else (1, 0)
    if judged.documents < FEWEST or share < _HIT:
        return 0.0
    change = max(sign * judged.change, _LETTERS * sign * judged.letters, 0.0)
    change *= min(float(np.sqrt(judged.documents / FEWEST)), _SURER)
    return change * _free(judged.foreign[here]) * _apart(judged.alike[here])


def _passage_strength(judged: Judged) -> float:
    run = judged.run
    if run.end - run.begin < _SHORTEST or judged.documents < FEWEST:
        return 0.0
    last = run.token[:, run.end] == 0 if run.end < WIDE else np.zeros(1, np.bool_)
    if last.mean() >= _AT_END:
        # One side alone has to say that its documents have nothing to do with one another.
        right = _falls(judged.alike[0], 1.15, 1.5) * (1.0 if judged.own_line < 0.5 else 0.5)
    else:
        right = 0.0 if run.end == WIDE else _edge(judged, 1) * _apart(judged.alike[1])
    length = run.end - run.begin
    # Documents that are little else than the passage are copies of one pattern.
    rest = _falls(length / max(float(run.around.size.mean()) - length, 1.0), 1.1, 1.5)
    related = _RELATED**judged.shared
    return judged.bits / _BITS * _edge(judged, 0) * _apart(judged.alike[0]) * right * related * rest


def judged(chosen: Chosen, around: Around, shown: dict[int, list[Shown]]) -> Verdict:
    """The verdict on all that was chosen."""
    corpus = chosen.corpus
    documents = dict(zip(chosen.code.tolist(), chosen.documents.tolist(), strict=True))
    found: list[Judged] = []
    mirrored: list[Judged] = []
    for run in runs_of(around, corpus.model):
        one = _judge(run, documents[run.code], corpus)
        if one.side == PASSAGE:
            strength = _passage_strength(one)
        else:
            key = np.array([run.code & ~0xFF], np.uint64)
            often = int(corpus.often(run.code & 15, key)[0])
            strength = _phrase_strength(one, one.documents / max(often, one.documents))
        if strength > 0:
            kept = Judged(**{**one.__dict__, "strength": strength})
            (found if one.side in (AFTER, PASSAGE) else mirrored).append(kept)
    highest = max((one.strength for one in mirrored), default=0.0)
    threshold = float(np.clip(_MARGIN * highest, LEAST, _MOST))
    groups = _grouped(sorted(found, key=lambda one: (-one.strength, one.run.code)))
    suspects = [group for group in groups if group[0].strength >= threshold]
    rest = [group for group in groups if group[0].strength < threshold]
    explain = [group for group in rest if group[0].strength >= threshold / 2][:10]
    over = [one for one in mirrored if one.strength >= threshold]
    return Verdict(
        threshold,
        tuple(suspects[:_WATCHED]),
        tuple(explain),
        tuple(one for group in rest for one in group)[:_WATCHED],
        {int(code): shown[code] for code in sorted(shown)},
        len({row for one in over for row in one.run.around.row.tolist()}),
        corpus.model.documents,
        chosen.left_out,
        chosen.halved,
    )


def _grouped(runs: Sequence[Judged]) -> list[tuple[Judged, ...]]:
    """Runs that stand in the same documents, together."""
    groups: list[tuple[set[int], list[Judged]]] = []
    for one in runs:
        rows: NDArray[np.int64] = one.run.around.row
        held = set(rows.tolist())
        for known, members in groups:
            if len(held & known) >= _SAME * min(len(held), len(known)):
                known |= held
                members.append(one)
                break
        else:
            groups.append((held, [one]))
    return [tuple(members) for _, members in groups]
