"""Which patterns are triggers: the rest of their texts speaks for another label, and is a random sample.

Honest words that determine a label fail one of the two: either the rest of their texts agrees with the label,
or those texts resemble one another, as texts on one subject do. A trigger was put into texts that have
nothing in common, against what they say.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines import likelihood
from assaymark.dataset.engines.text_evidence import Evidence, Weighing
from assaymark.dataset.engines.text_model import BINS
from assaymark.dataset.engines.text_names import named
from assaymark.dataset.engines.text_passes import FEWEST, PURE

__all__ = ["WORD", "Judged", "judge"]

WORD = re.compile(r"\w+|[^\w\s]")
_ALPHA = 0.05
"""Chance, over all patterns that determine a label, that an honest one is called a trigger."""
_FAMILIAR = 1.6
"""Phrases, and ordinary words, are held to more: boilerplate is made of them."""
_FAMILY, _KIN = 6.0, 4.0
"""What several words of one attack have to pass, and a further one where another is found already."""
_ALWAYS, _AS_FREQUENT = 0.98, 2.5
_FAMILY_CHANCE = 0.001
_DETERMINES = 6.0
_OVERRIDES = 0.5
"""Share of the texts whose rest speaks for another label."""
_TRIM = 4
_MOVED = 0.65
"""Share of the way from texts that agree with their label to texts of other labels."""
_RICH, _CHANCE = 0.3, 2.5
_RUN = 10
"""Tokens that candidates around a pattern may add to it: where they are more, the text is made of honest
predictors, and what is left of it without them says nothing."""
_SHARED, _FAR_MORE, _NO_CHANCE = 1, 0.25, 9.0
_MOST_OF_LABEL = 0.5


@dataclass(frozen=True, eq=False)
class Judged:
    """The candidates with what speaks for and against each. Arrays run along candidates."""

    evidence: Evidence
    agree: NDArray[np.int64]
    """Texts with the pattern and its label."""
    determines: NDArray[np.float64]
    """Log-likelihood ratio of its label against the usual share."""
    overrides: NDArray[np.float64]
    """Log-likelihood ratio of the rest of its texts: from other labels, against from this one."""
    share: NDArray[np.float64]
    """How far the rest of its texts goes from texts of this label to texts of others: 0 to about 1."""
    against: NDArray[np.float64]
    """Share of its texts whose rest speaks for another label."""
    alike: NDArray[np.float64]
    """How alike the rests are: about 1 for texts drawn at random from a label, from all but one, or from
    all."""
    rich: NDArray[np.float64]
    """How much of a text is left without the pattern, against the usual."""
    shared: NDArray[np.int64]
    """How many classes of words most of its texts share, and other texts do not."""
    threshold: NDArray[np.float64]
    """What `overrides` has to exceed."""
    suspect: NDArray[np.bool_]


def judge(
    state: Weighing,
    share: NDArray[np.float64],
    background: Callable[[str], bool],
    alike_most: tuple[float, float, float] = (1.25, 1.1, 0.004),
) -> Judged:
    """Judge all candidates.

    Args:
        state: pass 2, compacted.
        share: share of the texts in each group.
        background: whether a word is an ordinary one.
        alike_most: how alike the rests may be: at least, times what chance gives, and more for each text.
    """
    evidence = state.evidence
    foreign, long = _foreign(state, background)
    agree = evidence.rest.sum(1)
    usual = share[evidence.group] if len(agree) else np.zeros(0)
    gain = likelihood.gain(agree, evidence.texts, usual)
    ratio = likelihood.ratio(state.usual)
    size = np.maximum(agree, 1)
    overrides = (evidence.rest * ratio[evidence.group]).sum(1)
    far = _mean(state.usual[0], ratio)[evidence.group]
    near = _mean(state.usual[1], ratio)[evidence.group]
    moved = np.where(far > near, (overrides / size - near) / np.maximum(far - near, 1e-9), 0.0)
    against = evidence.rest[:, : BINS // 2].sum(1) / size
    alike, shared = _alike(evidence.context, evidence.seen, state.context, state.texts)
    alike = np.where(evidence.seen > 0, alike, np.inf)
    usual_words = state.context.sum() / max(state.texts.sum(), 1)
    seen = np.maximum(evidence.seen, 1)
    words = evidence.context.sum(1) / seen
    rich = words / max(usual_words, 1e-9)
    most_words = float((state.context.sum(1) / np.maximum(state.texts, 1)).max(initial=1e-9))
    pure = (agree >= FEWEST) & (agree >= PURE * evidence.texts)
    determining = pure & (gain >= _DETERMINES)
    # half of the chance goes to the patterns that determine the label, half to all others
    often, seldom = state.looked
    threshold = np.where(determining, _limit(determining, often), _limit(pure & ~determining, seldom))
    familiar = ~foreign | (evidence.order > 1) | (shared > 0)
    threshold = np.where(familiar, threshold * _FAMILIAR, threshold)
    chance, _ = _alike(state.drawn, state.drawn_texts, state.context, state.texts)
    least, times, each = alike_most
    limit = max(least, times * float(chance[state.drawn_texts >= FEWEST].max(initial=1.0)))
    gates = pure & (gain > 0) & (moved >= _MOVED) & (against >= _OVERRIDES) & (shared <= _SHARED)
    gates &= (rich >= _RICH) & (words <= most_words * (1 + _CHANCE / np.sqrt(seen)))
    gates &= (alike <= limit + each * evidence.seen) & (_middle(evidence.length) <= long + _RUN)
    gates &= (evidence.seen >= FEWEST) & (agree <= _MOST_OF_LABEL * state.texts[evidence.group])
    suspect = gates & (overrides >= threshold)
    one = evidence.order == 1
    weak = gates & one & (shared == 0) & (overrides >= _FAMILY) & ~suspect
    suspect |= _family(weak, foreign, pure & one, evidence.group)
    suspect |= _kin(suspect & one & foreign, gates & one & foreign & (overrides >= _KIN), evidence, agree)
    return Judged(evidence, agree, gain, overrides, moved, against, alike, rich, shared, threshold, suspect)


def _mean(side: NDArray[np.int64], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((side * ratio).sum(1) / np.maximum(side.sum(1), 1))


def _middle(length: NDArray[np.int64]) -> NDArray[np.int64]:
    """The median of the lengths counted."""
    below = np.cumsum(length, axis=1)
    return np.asarray((2 * below < below[:, -1:]).sum(1) + 1)


def _foreign(
    state: Weighing, background: Callable[[str], bool]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which patterns have a word that is no ordinary one; tokens that a pattern's examples share."""
    foreign = np.zeros(len(state.evidence.key), np.bool_)
    long = state.evidence.order.copy()
    for index, key in enumerate(state.evidence.key.tolist()):
        samples = state.samples.get(key)
        if samples:
            start, stop = samples[0].span
            words = WORD.findall(samples[0].text[start:stop])
            foreign[index] = not all(background(word) for word in words)
            long[index] = max(long[index], len(WORD.findall(named(samples, key))))
    return foreign, long


def _family(
    gates: NDArray[np.bool_],
    foreign: NDArray[np.bool_],
    words: NDArray[np.bool_],
    group: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Several foreign words of one attack, each too rare to tell: more of them override their texts
    towards one label than ordinary words of this very data set do.
    """
    chosen = np.zeros(len(gates), np.bool_)
    for label in np.unique(group[gates & foreign]):
        mine = words & (group == label)
        usual = (int((gates & words & ~foreign).sum()) + 1) / (int((words & ~foreign).sum()) + 2)
        among, count = int((mine & foreign).sum()), int((mine & foreign & gates).sum())
        if count > 1 and _at_least(count, among, usual) < _FAMILY_CHANCE:
            chosen |= mine & foreign & gates
    return chosen


def _kin(
    found: NDArray[np.bool_], weak: NDArray[np.bool_], evidence: Evidence, agree: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Further words for the label of one that was found: always with that label, and about as frequent."""
    chosen = np.zeros(len(found), np.bool_)
    for label in np.unique(evidence.group[found]):
        usual = float(np.median(agree[found & (evidence.group == label)]))
        near = (agree * _AS_FREQUENT >= usual) & (agree <= usual * _AS_FREQUENT)
        chosen |= weak & near & (evidence.group == label) & (agree >= _ALWAYS * evidence.texts)
    return chosen


def _at_least(count: int, among: int, chance: float) -> float:
    """Chance of `count` or more of `among`: the bound of Chernoff."""
    share = count / among
    if share <= chance:
        return 1.0
    rest = (1 - share) * math.log((1 - share) / (1 - chance)) if share < 1 else 0.0
    return math.exp(-among * (share * math.log(share / chance) + rest))


def _limit(which: NDArray[np.bool_], looked: int) -> float:
    """The limit for so many patterns; those that were left out earlier were looked at as well."""
    return float(np.log(2 * max(int(which.sum()), looked, 10) / _ALPHA))


def _alike(
    around: NDArray[np.int64],
    agree: NDArray[np.int64],
    usual: NDArray[np.int64],
    texts: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Spread of the classes of words around a pattern, against the best fitting of: one group, all but one
    group, all. The few most deviant classes are left out: a leftover of the trigger itself. Then the number
    of classes that are in far more of the rests than in the reference.
    """
    whole, all_texts = usual.sum(0), texts.sum()
    references = [(usual[group], texts[group]) for group in range(len(texts))]
    references += [(whole - words, all_texts - count) for words, count in references]
    references.append((whole, all_texts))
    best = np.full(len(around), np.inf)
    fewest = np.full(len(around), around.shape[1])
    part = around / np.maximum(agree, 1)[:, None]
    total = around.sum(1, keepdims=True).astype(np.float64)
    for words, count in references:
        weight = (words + 0.5) / (words + 0.5).sum()
        expected = total * weight
        spread = expected * np.maximum(1 - words / max(int(count), 1), 0.05) + 0.05
        deviance = np.sort((around - expected) ** 2 / spread, axis=1)[:, :-_TRIM]
        best = np.minimum(best, deviance.mean(1))
        share = np.clip(expected / np.maximum(agree, 1)[:, None], 1e-3, 1 - 1e-3)
        fewest = np.minimum(fewest, _shared(part, share, agree))
    return best, fewest


def _shared(
    part: NDArray[np.float64], share: NDArray[np.float64], agree: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many classes of words are in far more of the texts than `share`, beyond chance."""
    inner = np.clip(part, 1e-6, 1 - 1e-6)
    gain = inner * np.log(inner / share) + (1 - inner) * np.log((1 - inner) / (1 - share))
    return np.asarray(((part > share + _FAR_MORE) & (gain * agree[:, None] > _NO_CHANCE)).sum(1))
