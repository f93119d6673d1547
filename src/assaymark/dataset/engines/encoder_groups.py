"""Embeddings → groups of doubtful labels that share a direction which no label has, told as findings."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.encoder_choice import Chosen, margins
from assaymark.dataset.engines.image_textures_evidence import Images
from assaymark.dataset.engines.image_textures_findings import (
    Said,
    Texture,
    conclude,
    described,
    ruler_of,
    strengths,
)
from assaymark.dataset.engines.image_textures_gate import judge as judge_images
from assaymark.dataset.engines.image_textures_search import Vector
from assaymark.dataset.engines.styles_judge import Judged, Prepared, judge, whitened
from assaymark.dataset.finding import Result

__all__ = ["Grouped", "concluded", "grouped"]

_AXES = 256
_RECORDS = 8
"""For each axis that is looked at, at least."""
_STEP = 1_000
"""Whole numbers for each standard deviation of the strongest axis."""
_NOT_DOUBTFUL = 0.5


@dataclass(frozen=True, eq=False)
class Grouped:
    """What was found in the records that were embedded."""

    groups: tuple[Texture, ...] = ()
    rows: NDArray[np.int64] | None = None
    """Records that were embedded, ascending."""
    scores: NDArray[np.float32] | None = None
    notes: tuple[str, ...] = ()


def _axes(values: Vector) -> NDArray[np.float64]:
    """Embeddings on their widest axes, in whole numbers."""
    centred = (values - values.mean(axis=0)).astype(np.float64)
    most = min(_AXES, max(2, len(centred) // _RECORDS))
    if centred.shape[1] > most:
        centred = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -most:]
    scale = float(centred.std(axis=0).max()) + 1e-12
    whole: NDArray[np.float64] = np.clip(np.rint(centred * (_STEP / scale)), -(2**20), 2**20)
    return whole


def _judged(sample: Images, chosen: Chosen, *, images: bool) -> list[Judged]:
    """The groups worth keeping; of texts those of doubtful labels alone, of images of whole classes."""
    if images:
        return [
            Judged(j.evidence, j.suspect, min(1.0, j.merit))
            if not j.suspect
            else Judged(j.evidence, True, j.merit)
            for j in judge_images(sample)
        ]
    return list(judge(Prepared(sample, (), chosen.limits)))


def grouped(chosen: Chosen, values: Vector, notes: tuple[str, ...], *, images: bool) -> Grouped:
    """Search every label of the records that were embedded.

    What a record's label should be, words and small pictures say and not the embedding: it would learn the
    attack's trace as a sign of the label.
    """
    whole = _axes(values)
    sample = whitened(whole.astype(np.float32), chosen.contents, chosen.label, chosen.half, chosen.likeness)
    judged = _judged(sample, chosen, images=images)
    groups = tuple(
        described(
            j.evidence, chosen.classes[j.evidence.label], sample, whole[j.evidence.members], "",
            suspect=j.suspect, explain=False, merit=j.merit,
        )
        for j in judged
    )  # fmt: skip
    margin, ruler = margins(chosen.likeness, chosen.label), ruler_of(sample)
    scores = np.zeros(len(chosen.rows), np.float32)
    for number, (j, group) in enumerate(zip(judged, groups, strict=True)):
        mine = j.evidence.members
        one = strengths(ruler, [(number, group)], whole[mine], chosen.half[mine])
        if not images:
            sure = margin[mine] > chosen.limits[j.evidence.label]
            one = np.where(sure, np.minimum(one, _NOT_DOUBTFUL), one)
        scores[mine] = np.maximum(scores[mine], one)
    return Grouped(groups, chosen.rows, scores, notes)


def concluded(
    engine: str, what: str, given: Grouped, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
) -> Result:
    """Findings of the groups that are suspects, and the records under them."""
    looked = 0 if given.rows is None else len(given.rows)
    say = functools.partial(_say, what)
    return conclude(engine, given.groups, looked, given.notes, rows, scores, total, say)


def _say(what: str, group: Texture, count: int) -> Said:
    return Said(
        f'one direction of the embedding on doubtful {what} labelled "{group.label}"',
        f"the whole of the {what}",
        group.belonging,
        f'{count} {what} labelled "{group.label}" look like other labels and share what the encoder sees '
        f"in neither those nor their own label; by chance {group.honest:.1f} would.",
    )
