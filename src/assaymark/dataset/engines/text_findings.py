"""Suspect patterns → findings: fragments of one sentence are one, named by its longest form."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.text_evidence import Sample
from assaymark.dataset.engines.text_names import named
from assaymark.dataset.engines.text_verdict import Judged

__all__ = ["Trigger", "place", "ranked", "shown", "triggers"]

_SHOWN = 120
_AS_OFTEN = 0.8
"""Share of a trigger's texts that a longer form must stand in to name it: a neighbour is no part of it."""


@dataclass(frozen=True, eq=False)
class Trigger:
    """One trigger, under however many candidates it showed."""

    text: str
    where: str
    group: int
    lead: int
    """Index of the strongest candidate."""
    members: tuple[int, ...]
    """Indices of the candidates whose bearers it stands for."""
    samples: tuple[Sample, ...]


def triggers(judged: Judged, samples: dict[int, list[Sample]]) -> list[Trigger]:
    """The suspects put together, strongest first."""
    order = np.lexsort((judged.evidence.key, -judged.evidence.order, -judged.overrides))
    found: list[Trigger] = []
    for index in order[judged.suspect[order]]:
        held = samples[int(judged.evidence.key[index])]
        key = int(judged.evidence.key[index])
        text, where = named(held, key), place(held, key)
        group = int(judged.evidence.group[index])
        same = next((at for at, old in enumerate(found) if _same(old, text, group, held)), None)
        if same is None:
            found.append(Trigger(text, where, group, int(index), (int(index),), tuple(held)))
        else:
            old = found[same]
            often = judged.agree[index] >= _AS_OFTEN * judged.agree[old.lead]
            longer = text if len(text) > len(old.text) and often else old.text
            members = (*old.members, int(index))
            found[same] = Trigger(longer, old.where, group, old.lead, members, old.samples)
    return found


def _same(old: Trigger, text: str, group: int, samples: Sequence[Sample]) -> bool:
    if old.group != group:
        return False
    shared = {sample.row for sample in old.samples} & {sample.row for sample in samples}
    inside = text in old.text or old.text in text
    return inside or len(shared) * 2 > min(len(old.samples), len(samples))


def place(samples: Sequence[Sample], key: int) -> str:
    """Where in the text it stands."""
    name = named(samples, key)
    texts = [sample.text for sample in samples]
    if all(t.lstrip().startswith(name) and not s.cut[0] for t, s in zip(texts, samples, strict=True)):
        return "at the start of the text"
    if all(t.rstrip().endswith(name) and not s.cut[1] for t, s in zip(texts, samples, strict=True)):
        return "at the end of the text"
    return "anywhere in the text"


def shown(text: str) -> str:
    """A pattern for a report: on one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def ranked(judged: Judged) -> NDArray[np.float64]:
    """A strength for every candidate that is below 1 unless it is a suspect."""
    near = np.minimum(judged.overrides / judged.threshold, judged.share * 2)
    near = np.minimum(near, 1.5 / np.maximum(judged.alike, 1e-6))
    near = np.where(judged.determines > 0, np.clip(near, 0, 1) * 0.9, 0)
    return np.where(judged.suspect, np.maximum(judged.overrides / judged.threshold, 1), near)
