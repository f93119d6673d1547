"""Gradient boosting libraries: their own formats and pickles of their wrappers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .item import Item
from .saving import saved

_RANDOM = np.random.default_rng(7)
_X = _RANDOM.random((60, 4))
_CLASSES = np.arange(60) % 3
_NUMBERS = _X.sum(1)
_GROUPS = np.repeat(np.arange(6), 10)


def _xgb(name: str) -> Any:
    import xgboost

    options = {"n_estimators": 3, "max_depth": 2}
    cls = getattr(xgboost, name)
    if name == "XGBRanker":
        return cls(**options).fit(_X, _CLASSES, qid=_GROUPS)
    return cls(**options).fit(_X, _CLASSES if "Classifier" in name else _NUMBERS)


def _xgb_booster() -> Any:
    return _xgb("XGBClassifier").get_booster()


def _xgboost() -> Iterator[Item]:
    names = ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor", "XGBRanker")
    for number, name in enumerate(names):
        yield from saved("xgboost", name, lambda n=name: _xgb(n), number * 3, 3)
    yield from saved("xgboost", "Booster", _xgb_booster, 1, 3)
    for suffix in ("json", "ubj"):
        yield Item(
            "xgboost", f"native {suffix}", f"model.{suffix}", lambda path: _xgb_booster().save_model(path)
        )
    yield Item("xgboost", "native ubj", "classifier.ubj", lambda path: _xgb("XGBRegressor").save_model(path))
    yield Item(
        "xgboost", "native raw", "model.bin", lambda path: path.write_bytes(_xgb_booster().save_raw("ubj"))
    )
    yield Item("xgboost", "text dump", "dump.txt", lambda path: _xgb_booster().dump_model(path))


def _lgb(name: str) -> Any:
    import lightgbm

    cls = getattr(lightgbm, name)
    model = cls(n_estimators=3, min_child_samples=2, verbose=-1)
    if name == "LGBMRanker":
        return model.fit(_X, _CLASSES, group=[10] * 6)
    return model.fit(_X, _CLASSES if "Classifier" in name else _NUMBERS)


def _lightgbm() -> Iterator[Item]:
    for number, name in enumerate(("LGBMClassifier", "LGBMRegressor", "LGBMRanker")):
        yield from saved("lightgbm", name, lambda n=name: _lgb(n), number * 3 + 1, 3)
    yield from saved("lightgbm", "Booster", lambda: _lgb("LGBMRegressor").booster_, 0, 3)
    for name, kind in (("model.txt", "LGBMClassifier"), ("ranker.lgb", "LGBMRanker")):
        yield Item("lightgbm", "native", name, lambda path, k=kind: _lgb(k).booster_.save_model(path))


def _cat(name: str) -> Any:
    import catboost

    options = {"iterations": 3, "depth": 2, "verbose": False, "allow_writing_files": False}
    cls = getattr(catboost, name)
    model = cls(options) if name == "CatBoost" else cls(**options)
    return model.fit(_X, _CLASSES if "Classifier" in name else _NUMBERS)


def _native(form: str) -> Callable[[Path], object]:
    return lambda path: _cat("CatBoostRegressor").save_model(str(path), format=form)


def _catboost() -> Iterator[Item]:
    for number, name in enumerate(("CatBoostClassifier", "CatBoostRegressor", "CatBoost")):
        yield from saved("catboost", name, lambda n=name: _cat(n), number * 3 + 2, 3)
    for form, name in (("cbm", "model.cbm"), ("json", "model.json"), ("python", "model_as_code.txt")):
        yield Item("catboost", f"native {form}", name, _native(form))


def _ngboost() -> Iterator[Item]:
    def make() -> Any:
        from ngboost import NGBRegressor

        return NGBRegressor(n_estimators=2, verbose=False).fit(_X, _NUMBERS)

    yield from saved("ngboost", "NGBRegressor", make, 0, 2)


def items() -> Iterator[Item]:
    """Give the items of the boosting libraries."""
    yield from _xgboost()
    yield from _lightgbm()
    yield from _catboost()
    yield from _ngboost()
