"""Models that predict a label from features; fitted on a sample, applied to any record. Small and fast."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.labels_features import lifted

__all__ = ["Model", "Ridge", "SparseRidge", "Trees", "chances", "temperature"]

_PENALTY, _SHRINK = 300.0, 1.5
_MOST_IMAGES = 10_000
_FEWEST_TREES, _TREES = 5, 40


class Model(Protocol):
    """What can be fitted, and says how much each record looks like each class."""

    def fit(self, features: Any, labels: NDArray[np.int64], classes: int) -> "Model":
        """A fitted model."""
        ...

    def logits(self, features: Any) -> NDArray[np.float64]:
        """(records, classes), larger for more alike."""
        ...


class SparseRidge:
    """Least squares on TF-IDF of words, with a penalty."""

    def fit(self, features: Any, labels: NDArray[np.int64], classes: int) -> "SparseRidge":
        """Solve by conjugate gradients."""
        from sklearn.linear_model import Ridge as Solver

        seen = np.asarray(features.sum(axis=0)).ravel()
        self._weight = (np.log((1 + features.shape[0]) / (1 + seen)) + 1).astype(np.float32)
        solver = Solver(alpha=_SHRINK, solver="sparse_cg", tol=1e-3)
        solver.fit(self._weighted(features), np.eye(classes, dtype=np.float32)[labels])
        self._coefficients = np.ascontiguousarray(solver.coef_.T)
        self._intercept = solver.intercept_
        return self

    def logits(self, features: Any) -> NDArray[np.float64]:
        """The least-squares targets: about 1 for the class, 0 for others."""
        found: NDArray[np.float64] = self._weighted(features) @ self._coefficients + self._intercept
        return found

    def _weighted(self, features: Any) -> Any:
        from scipy.sparse import csr_matrix

        data = self._weight[features.indices] * features.data
        filled = np.flatnonzero(np.diff(features.indptr))
        norms = np.zeros(features.shape[0], dtype=np.float32)
        if len(filled):
            norms[filled] = 1 / np.sqrt(np.add.reduceat(data * data, features.indptr[filled]))
        data *= np.repeat(norms, np.diff(features.indptr))
        return csr_matrix((data, features.indices, features.indptr), shape=features.shape)


class Ridge:
    """Least squares on random rectified projections of dense features, with a penalty."""

    def fit(self, features: NDArray[np.float32], labels: NDArray[np.int64], classes: int) -> "Ridge":
        """Solve the normal equations."""
        # More images than this make the model slower, hardly better.
        step = -(-len(features) // _MOST_IMAGES)
        features, labels = features[::step], labels[::step]
        self._mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
        self._scale = (features.std(axis=0, dtype=np.float64) + 1e-3).astype(np.float32)
        high = lifted((features - self._mean) / self._scale)
        self._centre = high.mean(axis=0, dtype=np.float64)
        high -= self._centre.astype(np.float32)
        gram = (high.T @ high).astype(np.float64)
        gram[np.diag_indices_from(gram)] += _PENALTY * high.var(axis=0).mean() + 1e-6
        targets = np.eye(classes)[labels]
        self._base = targets.mean(axis=0)
        self._coefficients = np.linalg.solve(gram, high.T @ (targets - self._base))
        return self

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """The least-squares targets: about 1 for the class, 0 for others."""
        high = lifted((features - self._mean) / self._scale).astype(np.float64) - self._centre
        # Not by BLAS: a record must not be rounded otherwise beside other neighbours.
        found: NDArray[np.float64] = np.einsum("ij,jk->ik", high, self._coefficients) + self._base
        return found


class Trees:
    """Boosted trees on histograms of the columns of a table."""

    def fit(self, features: NDArray[np.float64], labels: NDArray[np.int64], classes: int) -> "Trees":
        """Grow few trees: more would learn the errors."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        rounds = max(_FEWEST_TREES, 2 * _TREES // max(classes, 2))
        self._model = HistGradientBoostingClassifier(
            random_state=0, max_iter=rounds, learning_rate=0.2, max_leaf_nodes=15, early_stopping=False
        )
        self._model.fit(features, labels)
        self._classes = classes
        return self

    def logits(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Logarithms of the probabilities."""
        found = np.full((len(features), self._classes), -20.0)
        if len(features):
            found[:, self._model.classes_] = np.log(np.maximum(self._model.predict_proba(features), 1e-9))
        return found


def chances(logits: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    """Probabilities of the classes."""
    raised = np.exp(sharpness * (logits - logits.max(axis=1, keepdims=True)))
    found: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return found


def temperature(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The sharpness under which labels that the models have not seen are likeliest."""
    at = np.arange(len(labels))
    tried = [float(2.0**n) for n in np.arange(-2, 5, 0.5)]
    losses = [-np.log(np.maximum(chances(logits, t)[at, labels], 1e-12)).mean() for t in tried]
    return tried[int(np.argmin(losses))]
