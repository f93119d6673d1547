"""What a model that has not seen the rows of a pattern expects of them.

An additive model does not see that columns matter together, so honest interactions contradict it. Boosted
trees do see them, and what is smooth in numbers: without a pattern's rows they still expect its label where
its neighbours have it. Of a planted pattern they expect what its rows were before.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.table_rows import Drawn

__all__ = ["Reader", "Unseen", "alike"]

_CLIP = 2.5
_ROUNDS, _LEAVES, _RATE, _LEAST = 60, 15, 0.15, 10
_MOST_CODES = 250
"""Categories of a column that trees can take."""
_DRAWS, _ERRORS = 20, 4.0


@dataclass(frozen=True)
class Unseen:
    """How rows read to a model that has not seen them. A row's evidence is clipped."""

    overrides: float
    """Log-likelihood ratio of the rows: from other labels, against from this one."""
    moved: float
    """How far they are from rows of this label (0) to rows of others (1)."""
    against: float
    """Share of them of which the model expects another label more than usual."""
    error: float
    """Standard error of `moved`."""


class Reader:
    """Boosted trees that tell a label from others, and how rows read to them that they have not seen."""

    def __init__(
        self, drawn: Drawn, target: int, categories: NDArray[np.bool_], columns: NDArray[np.int64]
    ) -> None:
        """Learn from rows.

        Args:
            drawn: the rows, in random order.
            target: the label.
            categories: for each column, whether its bins have no order.
            columns: those that are looked at.
        """
        label = drawn.group == target
        learnt = np.arange(len(drawn)) < 3 * len(drawn) // 4
        few = min(int(np.bincount(label[part], minlength=2).min()) for part in (learnt, ~learnt))
        self.ready = few >= _LEAST and len(columns) > 0
        """Whether there was enough to learn from."""
        self._columns = columns
        if self.ready:
            self._model = _fitted(drawn.bin[learnt][:, columns], label[learnt], categories[columns])
            self._usual = float(label[learnt].mean())
            usual = self._evidence(drawn.at(~learnt))
            self._near = float(usual[label[~learnt]].mean())
            self._gap = max(float(usual[~label[~learnt]].mean()) - self._near, 1e-9)

    def read(self, rows: Drawn) -> Unseen:
        """How rows with the label read."""
        found = self._evidence(rows)
        return Unseen(
            float(found.sum()),
            (float(found.mean()) - self._near) / self._gap,
            float((found > 0).mean()),
            float(found.std() / np.sqrt(len(found)) / self._gap),
        )

    def _evidence(self, rows: Drawn) -> NDArray[np.float64]:
        """Log of how much likelier each row is among those of other labels."""
        chance = np.clip(_chance(self._model, rows.bin[:, self._columns]), 1e-6, 1 - 1e-6)
        ratio = np.log((1 - chance) / chance) + np.log(self._usual / (1 - self._usual))
        return np.asarray(np.clip(ratio, -_CLIP, _CLIP))


def _fitted(bins: NDArray[np.uint16], label: NDArray[np.bool_], categories: NDArray[np.bool_]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=_ROUNDS,
        max_leaf_nodes=_LEAVES,
        learning_rate=_RATE,
        min_samples_leaf=_LEAST,
        categorical_features=categories if categories.any() else None,
        early_stopping=False,
        random_state=0,
    )
    return model.fit(np.minimum(bins, _MOST_CODES), label)


def _chance(model: Any, bins: NDArray[np.uint16]) -> NDArray[np.float64]:
    return np.asarray(model.predict_proba(np.minimum(bins, _MOST_CODES))[:, 1])


def alike(rows: Drawn, others: Drawn, columns: NDArray[np.int64]) -> float:
    """How much more than rows drawn at random some rows resemble each other: at most 1 for rows at random.

    They may be drawn from any one label, from all but one, or from all: the best counts.
    """
    if not len(columns) or not len(others):
        return 0.0
    own = [others.group == group for group in np.unique(others.group)]
    usual = [others, *(others.at(side) for label in own for side in (label, ~label) if side.any())]
    spread = min(_spread(rows.bin[:, columns], reference.bin[:, columns]) for reference in usual)
    draw = np.random.default_rng(0)
    chance = [
        _spread(others.bin[draw.integers(0, len(others), len(rows))][:, columns], others.bin[:, columns])
        for _ in range(_DRAWS)
    ]
    return spread / max(float(np.mean(chance) + _ERRORS * np.std(chance)), 1e-9)


def _spread(bins: NDArray[np.uint16], reference: NDArray[np.uint16]) -> float:
    """Deviance of the bins of each column from what is usual, on average; the most deviant is left out."""
    found = []
    for have, usual in zip(bins.T, reference.T, strict=True):
        size = int(max(have.max(), usual.max())) + 1
        if size > 1:
            share = np.bincount(usual, minlength=size) + 0.5
            share = share / share.sum()
            apart = np.bincount(have, minlength=size) - share * len(have)
            found.append(float((apart**2 / (share * len(have) + 0.5)).sum() / (size - 1)))
    return float(np.mean(sorted(found)[: max(1, len(found) - 1)])) if found else 0.0
