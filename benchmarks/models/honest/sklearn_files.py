"""scikit-learn: every estimator that fits on toy data, pipelines, searches, results."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
from scipy import sparse

from .item import Item
from .saving import saved

_RANDOM = np.random.default_rng(3)
_X = _RANDOM.random((60, 4)) + 0.1
_CLASSES = np.arange(60) % 3
_NUMBERS = _X @ np.array([1.0, 2.0, 0.5, 0.1]) + 0.5
_TEXTS = [f"word{i % 7} word{i % 5} model weights" for i in range(60)]
_TRIALS: tuple[tuple[Any, Any], ...] = (
    (_X, _CLASSES),
    (_X, _NUMBERS),
    (_X, np.c_[_CLASSES, 1 - _CLASSES % 2]),
    (_X, np.c_[_NUMBERS, _NUMBERS]),
    (_TEXTS, _CLASSES),
    (_X[:, 0], _NUMBERS),
    ([{"a": 1.0, "b": float(i)} for i in range(60)], _CLASSES),
    (_X, _CLASSES % 2),
    (_X @ _X.T, None),
    (_CLASSES, None),
    ([[1, 2], [2]] * 30, None),
)


@cache
def _fitted(name: str) -> Any:
    from sklearn.utils import all_estimators
    from sklearn.utils._test_common.instance_generator import _construct_instances

    cls = dict(all_estimators())[name]
    error: Exception | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for features, target in _TRIALS:
            try:
                estimator = next(iter(_construct_instances(cls)))
                return estimator.fit(features) if target is None else estimator.fit(features, target)
            except Exception as problem:
                error = problem
    raise RuntimeError(f"{name} fits none of our toy data: {error}")


def _estimators() -> Iterator[Item]:
    from sklearn.utils import all_estimators

    for number, (name, _) in enumerate(all_estimators()):
        yield from saved("sklearn", name, partial(_fitted, name), number * 2)


def _pipeline(*steps: Any) -> Any:
    from sklearn.pipeline import make_pipeline

    return make_pipeline(*steps).fit(_X, _CLASSES)


def _columns() -> Any:
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = pd.DataFrame({"a": _X[:, 0], "b": _X[:, 1], "town": ["Bath", "Ely", "York"] * 20})
    prepare = ColumnTransformer(
        [
            ("number", make_pipeline(SimpleImputer(), StandardScaler()), ["a", "b"]),
            ("category", OneHotEncoder(handle_unknown="ignore"), ["town"]),
        ]
    )
    return Pipeline([("prepare", prepare), ("model", LogisticRegression())]).fit(frame, _CLASSES)


def _search(kind: str) -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, StratifiedKFold

    model = RandomForestClassifier(n_estimators=3, random_state=0)
    if kind == "grid":
        return GridSearchCV(model, {"max_depth": [1, 2]}, cv=StratifiedKFold(2)).fit(_X, _CLASSES)
    from scipy.stats import randint, uniform

    space = {"max_depth": randint(1, 4), "min_impurity_decrease": uniform(0, 0.1)}
    return RandomizedSearchCV(model, space, n_iter=2, cv=2, random_state=0).fit(_X, _CLASSES)


def _function_transformer() -> Any:
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(np.log1p, inverse_func=np.expm1).fit(_X)


def _scorers() -> Any:
    from sklearn.metrics import f1_score, make_scorer

    return {"f1": make_scorer(f1_score, average="macro")}


def _gaussian() -> Any:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

    kernel = ConstantKernel() * RBF() + Matern() + WhiteKernel()
    return GaussianProcessRegressor(kernel, optimizer=None).fit(_X, _NUMBERS)


def _text_model() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    words = [*_TEXTS[:-2], "os.system eval exec subprocess", "__import__ builtins pickle"]
    return make_pipeline(TfidfVectorizer(stop_words="english"), SGDClassifier()).fit(words, _CLASSES)


def _bundle() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import LabelEncoder, StandardScaler

    return {
        "model": LogisticRegression().fit(_X, _CLASSES),
        "scaler": StandardScaler().fit(_X),
        "labels": LabelEncoder().fit(["a", "b"]),
        "features": ["a", "b", "c", "d"],
        "metrics": {"accuracy": np.float64(0.9), "confusion": np.eye(3, dtype=int)},
    }


def _neighbours(kind: str) -> Any:
    from sklearn.neighbors import BallTree, KDTree, KernelDensity

    return {"ball": BallTree, "kd": KDTree}[kind](_X) if kind != "density" else KernelDensity().fit(_X)


def _compositions() -> Iterator[tuple[str, Callable[[], Any]]]:
    from sklearn.decomposition import PCA
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler
    from sklearn.svm import SVC

    yield "pipeline svc", lambda: _pipeline(StandardScaler(), PCA(2), SVC(probability=False))
    yield (
        "pipeline boosting",
        lambda: _pipeline(PolynomialFeatures(), HistGradientBoostingClassifier(max_iter=3)),
    )
    yield "pipeline scaler", lambda: _pipeline(MinMaxScaler(), SVC())
    yield "column transformer", _columns
    yield "grid search", lambda: _search("grid")
    yield "random search", lambda: _search("random")
    yield "function transformer", _function_transformer
    yield "scorer", _scorers
    yield "gaussian process", _gaussian
    yield "text model", _text_model
    yield "bundle", _bundle
    yield "ball tree", lambda: _neighbours("ball")
    yield "kd tree", lambda: _neighbours("kd")
    yield "sparse result", lambda: {"x": sparse.csr_matrix(_X), "y": sparse.coo_array(_X)}


def items() -> Iterator[Item]:
    """Give all of scikit-learn's items."""
    yield from _estimators()
    for number, (subject, make) in enumerate(_compositions()):
        yield from saved("sklearn", subject, make, number * 3, 3)
