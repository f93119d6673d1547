"""Texts with a wrong label that share a way of writing: a style, a sentence pattern, a paraphraser's hand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.image_grid import draw
from assaymark.dataset.engines.image_textures_findings import (
    Ruler,
    Texture,
    conclude,
    described,
    ruler_of,
    strengths,
)
from assaymark.dataset.engines.styles_features import LONGEST, frequent, names, styles
from assaymark.dataset.engines.styles_findings import say, words_of
from assaymark.dataset.engines.styles_judge import FEWEST_IN_CLASS, Judged, Prepared, judge, prepare
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "Learnt", "TextSample", "TextStyles"]

SAMPLE = 20_000
"""Texts that are searched; under a suspect's label all are measured."""
MOST_CLASSES = 50
_SALT, _HALVES = 7, 6
_NOT_DOUBTFUL = 0.5
"""Most that a text scores whose words speak for its label."""


class TextSample:
    """The texts whose record numbers draw the least."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.seen = 0
        self.held: list[tuple[int, int, str, str]] = []
        """Draw, record number, label, text; at most a quarter more than `most`."""
        self._highest = 2**64

    def take(self, batch: Batch) -> None:
        """Take in a batch; texts without a label are left out."""
        drawn = draw(batch.rows, _SALT)
        for k, label in enumerate(batch.label):
            if label is not None:
                self.seen += 1
                if int(drawn[k]) < self._highest:
                    text = batch.text[k][:LONGEST]
                    self.held.append((int(drawn[k]), int(batch.rows[k]), label, text))
        self._trim(self.most + self.most // 4)

    def absorb(self, other: "TextSample") -> None:
        """Take in another sample."""
        self.seen += other.seen
        self.held += other.held
        self._trim(self.most + self.most // 4)

    def _trim(self, limit: int) -> None:
        if len(self.held) > limit:
            self.held = sorted(self.held)[: self.most]
            self._highest = self.held[-1][0]

    def drawn(self) -> list[tuple[int, str, str]]:
        """Record number, label and text of the sample, by record number."""
        return sorted(item[1:] for item in sorted(self.held)[: self.most])


@dataclass(frozen=True, eq=False)
class Learnt:
    """What scoring needs."""

    found: tuple[Texture, ...] = ()
    classes: tuple[str, ...] = ()
    rows: NDArray[np.int64] | None = None
    """Records of the sample, ascending, with their scores."""
    scores: NDArray[np.float32] | None = None
    known: tuple[str, ...] = ()
    """Words and marks whose rates are a style."""
    ruler: Ruler | None = None
    prepared: Any = None
    """Models and limits; None where no text outside the sample has to be scored."""
    judged: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextStyles:
    """Doubtful labels on texts that are written in one way.

    Out-of-fold models of the words say which label a text should have. Among the texts of a label that look
    like another, half propose a direction of style (rates of the set's most frequent words and marks, their
    order, openings, endings, lengths, capitals), in which the labels themselves do not differ; the other half
    is measured. A suspect is a group that neither the label nor the others have, as varied in what it speaks
    of as all the texts, and whose words speak for other labels. No encoder is needed.

    Misses: a style in few words of short texts, fewer than 20 bearers, paraphrases without a common style,
    texts that keep their honest label, poison so much of a label that models learn its words, over 50 labels.
    """

    sample: int = SAMPLE

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return EngineInfo(
            id="text_styles",
            version=1,
            kinds=(Kind.TEXT,),
            looks_for="Texts whose words speak for another label and that share a way of writing.",
            misses=(
                "Fewer than 20 bearers, paraphrases without a common style, texts that keep their honest "
                "label, labels that words do not tell apart."
            ),
            needs="pip install 'assaymark[data]'",
        )

    @property
    def passes(self) -> int:
        """One: a sample that merges exactly is all that learning needs."""
        return 1

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set."""
        if layout.kind != Kind.TEXT:
            return "not a set of texts"
        return "" if layout.roles.label else "the texts have no labels"

    def start(self, step: int, given: Any, layout: Layout) -> TextSample:
        """An empty sample."""
        return TextSample(self.sample)

    def update(self, state: TextSample, batch: Batch) -> TextSample:
        """The sample with a batch taken in."""
        state.take(batch)
        return state

    def merge(self, state: TextSample, other: TextSample) -> TextSample:
        """Both samples as one."""
        state.absorb(other)
        return state

    def finish(self, step: int, state: TextSample) -> Learnt:
        """Search every label of the sample."""
        drawn = state.drawn()
        half = (draw(np.array([d[0] for d in drawn], np.int64), _HALVES) & np.uint64(1)).astype(bool)
        classes = _classes([d[1] for d in drawn], half)
        if not 2 <= len(classes) <= MOST_CLASSES:
            reason = (
                f"there are {len(classes)} labels with {FEWEST_IN_CLASS} texts or more, so none was searched"
            )
            return Learnt(notes=(reason,))
        number = {name: k for k, name in enumerate(classes)}
        kept = [k for k, d in enumerate(drawn) if d[1] in number]
        return self._learnt([drawn[k] for k in kept], half[kept], number, state.seen)

    def _learnt(
        self, drawn: list[tuple[int, str, str]], half: NDArray[np.bool_], number: dict[str, int], seen: int
    ) -> Learnt:
        texts = [d[2] for d in drawn]
        label = np.array([number[d[1]] for d in drawn], np.int64)
        known = frequent(texts)
        ways = styles(texts, known)
        given = prepare(texts, ways, label, half)
        classes = tuple(number)
        found = tuple(
            _described(j, classes[j.evidence.label], given, ways, names(known)) for j in judge(given)
        )
        ruler = ruler_of(given.sample)
        margins = np.empty(len(texts))
        for k in range(len(classes)):
            margins[label == k] = given.sample.margin(k)[0][label == k]
        scores = _scores(found, ruler, classes, given, label, ways.astype(np.float64), half, margins)
        note = f"{len(texts)} of {seen} texts were searched" if len(texts) < seen else ""
        return Learnt(
            found=found,
            classes=classes,
            rows=np.array([d[0] for d in drawn], np.int64),
            scores=scores,
            known=known,
            ruler=ruler,
            prepared=given if note and any(f.suspect for f in found) else None,
            judged=len(texts),
            notes=(note,) if note else (),
        )

    def score(self, given: Learnt, batch: Batch) -> NDArray[np.float32]:
        """Strength of the label's style in each doubtful text, in units of the strength that flags it."""
        out = np.zeros(len(batch), np.float32)
        if given.rows is None or given.scores is None or not len(given.rows):
            return out
        at = np.searchsorted(given.rows, batch.rows)
        known = given.rows[np.minimum(at, len(given.rows) - 1)] == batch.rows
        out[known] = given.scores[at[known]]
        wanted = {f.label for f in given.found if f.suspect}
        fresh = [k for k in map(int, np.flatnonzero(~known)) if batch.label and batch.label[k] in wanted]
        if given.prepared is not None and fresh:
            half = (draw(batch.rows[fresh], _HALVES) & np.uint64(1)).astype(bool)
            labels = [str(batch.label[k]) for k in fresh]
            out[fresh] = _fresh(given, [batch.text[k][:LONGEST] for k in fresh], labels, half)
        return out

    def conclude(
        self, given: Learnt, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Findings, and the records under them."""
        return conclude(self.info.id, given.found, given.judged, given.notes, rows, scores, total, say)


def _classes(labels: Sequence[str], half: NDArray[np.bool_]) -> list[str]:
    """Labels of which each half has enough texts."""
    one = Counter(label for label, side in zip(labels, half, strict=True) if side)
    two = Counter(label for label, side in zip(labels, half, strict=True) if not side)
    least = FEWEST_IN_CLASS // 4
    return sorted(n for n in one if one[n] + two[n] >= FEWEST_IN_CLASS and min(one[n], two[n]) >= least)


def _described(
    judged: Judged, name: str, given: Prepared, ways: NDArray[np.int32], said: list[str]
) -> Texture:
    e = judged.evidence
    mine = ways[e.members].astype(np.float64)
    words = words_of(mine[e.bearing], mine[~e.bearing], ways[given.sample.label != e.label], said)
    return described(
        e, name, given.sample, mine, words, suspect=judged.suspect, explain=False, merit=judged.merit
    )


def _scores(
    found: tuple[Texture, ...],
    ruler: Ruler,
    classes: tuple[str, ...],
    given: Prepared,
    label: NDArray[np.int64],
    ways: NDArray[np.float64],
    half: NDArray[np.bool_],
    margins: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Of texts that were measured."""
    out = np.zeros(len(label), np.float32)
    for number, texture in enumerate(found):
        k = classes.index(texture.label)
        mine = np.flatnonzero(label == k)
        one = strengths(ruler, [(number, texture)], ways[mine], half[mine])
        sure = margins[mine] > given.limits[k]
        out[mine] = np.where(sure, np.minimum(one, _NOT_DOUBTFUL), one)
    return out


def _fresh(
    given: Learnt, texts: list[str], labels: list[str], half: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Of texts outside the sample."""
    from assaymark.dataset.engines.labels_features import text_features

    assert given.ruler is not None
    label = np.array([given.classes.index(name) for name in labels], np.int64)
    words = text_features(texts)
    likeness = np.empty((len(texts), len(given.classes)), np.float32)
    for side, model in zip((~half, half), given.prepared.models, strict=True):
        if side.any():
            likeness[side] = model.logits(words[np.flatnonzero(side)])
    own = likeness[np.arange(len(label)), label].copy()
    likeness[np.arange(len(label)), label] = -np.inf
    margins = (own - likeness.max(axis=1)).astype(np.float64)
    ways = styles(texts, given.known).astype(np.float64)
    return _scores(given.found, given.ruler, given.classes, given.prepared, label, ways, half, margins)


ENGINES: tuple[Engine, ...] = (TextStyles(),)
