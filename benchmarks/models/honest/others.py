"""Libraries whose models travel as pickles, joblib files or formats of their own."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .item import Item
from .saving import pickled, saved

_RANDOM = np.random.default_rng(9)
_X = _RANDOM.random((60, 4))
_CLASSES = np.arange(60) % 3
_NUMBERS = _X.sum(1) + _RANDOM.random(60) / 10
_FRAME = pd.DataFrame(_X, columns=list("abcd"))
_FRAME["town"] = ["Ely", "Bath", "York"] * 20
_SENTENCES = [["the", "model", "loads", "weights"], ["eval", "os", "system", "the"]] * 20


def _estimators(library: str, module: str, *names: str, supervised: bool = True) -> Iterator[Item]:
    """Fit classes with scikit-learn's interface and save them."""
    for number, name in enumerate(names):

        def make(name: str = name) -> Any:
            import importlib

            cls = getattr(importlib.import_module(module), name)
            return cls().fit(_X, _CLASSES) if supervised else cls().fit(_X)

        yield from saved(library, name, make, number * 3 + len(library))


def _statsmodels() -> Iterator[Item]:
    def fitted(kind: str) -> Any:
        import statsmodels.api as sm

        if kind == "arima":
            from statsmodels.tsa.arima.model import ARIMA

            return ARIMA(_NUMBERS, order=(1, 0, 0)).fit()
        if kind == "smoothing":
            from statsmodels.tsa.holtwinters import ExponentialSmoothing

            return ExponentialSmoothing(_NUMBERS).fit()
        cls = {"ols": sm.OLS, "logit": sm.Logit, "glm": sm.GLM}[kind]
        target = (_CLASSES > 0).astype(float) if kind == "logit" else _NUMBERS
        return cls(target, sm.add_constant(_X[:, :1])).fit()

    for number, kind in enumerate(("ols", "logit", "glm", "arima", "smoothing")):
        yield from saved("statsmodels", kind, lambda k=kind: fitted(k), number)


def _gensim() -> Iterator[Item]:
    def write(kind: str) -> Callable[[Path], None]:
        def save(path: Path) -> None:
            from gensim import corpora, models

            if kind == "word2vec":
                models.Word2Vec(_SENTENCES, vector_size=8, min_count=1).save(str(path))
            elif kind == "vectors":
                models.Word2Vec(_SENTENCES, vector_size=8, min_count=1).wv.save(str(path))
            elif kind == "fasttext":
                models.FastText(_SENTENCES, vector_size=8, min_count=1, bucket=50).save(str(path))
            elif kind == "doc2vec":
                tagged = [models.doc2vec.TaggedDocument(s, [i]) for i, s in enumerate(_SENTENCES)]
                models.Doc2Vec(tagged, vector_size=8, min_count=1).save(str(path))
            elif kind == "dictionary":
                corpora.Dictionary(_SENTENCES).save(str(path))
            else:
                words = corpora.Dictionary(_SENTENCES)
                models.LdaModel([words.doc2bow(s) for s in _SENTENCES], 2, words).save(str(path))

        return save

    for kind in ("word2vec", "vectors", "fasttext", "doc2vec", "dictionary", "lda"):
        yield Item("gensim", kind, f"{kind}.model", write(kind))


def _lifelines() -> Iterator[Item]:
    def make(kind: str) -> Any:
        import lifelines

        if kind == "km":
            return lifelines.KaplanMeierFitter().fit(_NUMBERS, _CLASSES > 0)
        frame = _FRAME[["a", "b"]].assign(t=_NUMBERS, e=_CLASSES > 0)
        return lifelines.CoxPHFitter().fit(frame, "t", "e")

    for number, kind in enumerate(("km", "cox")):
        yield from saved("lifelines", kind, lambda k=kind: make(k), number)


def _prophet() -> Iterator[Item]:
    def write(path: Path) -> None:
        from prophet import Prophet
        from prophet.serialize import model_to_json

        frame = pd.DataFrame({"ds": pd.date_range("2026-01-01", periods=60), "y": _NUMBERS})
        path.write_text(model_to_json(Prophet().fit(frame)))

    def make() -> Any:
        from prophet import Prophet

        return Prophet()

    yield Item("prophet", "json", "prophet.json", write)
    yield from saved("prophet", "pickled", make, 2)


def _optuna() -> Iterator[Item]:
    def make() -> Any:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study()
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
        return study

    yield from saved("optuna", "study", make, 1)


def _encoders() -> Iterator[Item]:
    def make(name: str) -> Any:
        import category_encoders

        return getattr(category_encoders, name)(cols=["town"]).fit(_FRAME, _NUMBERS)

    for number, name in enumerate(("TargetEncoder", "OrdinalEncoder", "BinaryEncoder", "WOEEncoder")):
        if name != "WOEEncoder":
            yield from saved("category_encoders", name, lambda n=name: make(n), number * 2)


def _imblearn() -> Iterator[Item]:
    def make(kind: str) -> Any:
        from imblearn.ensemble import BalancedRandomForestClassifier
        from imblearn.over_sampling import SMOTE
        from imblearn.pipeline import make_pipeline
        from sklearn.linear_model import LogisticRegression

        if kind == "forest":
            return BalancedRandomForestClassifier(3).fit(_X, _CLASSES)
        return make_pipeline(SMOTE(), LogisticRegression()).fit(_X, _CLASSES)

    for number, kind in enumerate(("forest", "pipeline")):
        yield from saved("imblearn", kind, lambda k=kind: make(k), number * 4)


def _skops() -> Iterator[Item]:
    def write(kind: str) -> Callable[[Path], None]:
        def save(path: Path) -> None:
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from skops.io import dump

            made = {
                "forest": RandomForestClassifier(3),
                "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
            }
            dump(made[kind].fit(_X, _CLASSES), path)

        return save

    for kind in ("forest", "pipeline"):
        yield Item("skops", kind, f"{kind}.skops", write(kind))


def _spacy(path: Path) -> None:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(path)


def _lightning(path: Path) -> None:
    import lightning
    import torch

    class Net(lightning.LightningModule):
        def __init__(self, width: int = 4) -> None:
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(width, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            return self.layer(batch[0]).sum()

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(4, 4)))
    trainer = lightning.Trainer(max_epochs=1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
                                enable_model_summary=False, accelerator="cpu")  # fmt: skip
    trainer.fit(Net(), data)
    trainer.save_checkpoint(path)


def _skorch() -> Any:
    import torch
    from skorch import NeuralNetRegressor

    net = NeuralNetRegressor(
        torch.nn.Linear, module__in_features=4, module__out_features=1, max_epochs=1, verbose=0
    )
    return net.fit(_X.astype("f4"), _NUMBERS.astype("f4").reshape(-1, 1))


def _graph() -> Any:
    import networkx as nx

    graph = nx.karate_club_graph()
    graph.graph["name"] = "club"
    return graph


def _polars() -> Any:
    import polars as pl

    return pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def _arrow() -> Any:
    import pyarrow as pa

    return pa.table({"a": [1, 2], "b": ["x", None]})


def _sympy() -> Any:
    import sympy

    return sympy.sin(sympy.Symbol("x")) ** 2


def _xarray() -> Any:
    import xarray

    return xarray.DataArray(np.eye(3), dims=("x", "y"))


def _timm() -> Any:
    import timm

    return timm.create_model("resnet10t", pretrained=False, num_classes=2)


def _vision(whole: bool) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import torch
        import torchvision

        model = torchvision.models.squeezenet1_1(num_classes=2)
        torch.save(model if whole else model.state_dict(), path)

    return write


def _geometric(path: Path) -> None:
    import torch
    from torch_geometric.data import Data

    torch.save(Data(x=torch.ones(3, 2), edge_index=torch.tensor([[0, 1], [1, 2]])), path)


def _mlflow(path: Path) -> None:
    """The layout `mlflow.sklearn.save_model` leaves, in its pickle form."""
    import cloudpickle
    from sklearn.linear_model import LogisticRegression

    path.mkdir(parents=True)
    (path / "model.pkl").write_bytes(cloudpickle.dumps(LogisticRegression().fit(_X, _CLASSES)))
    (path / "MLmodel").write_text(
        "artifact_path: model\nflavors:\n  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n"
        "    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    predict_fn: predict\n    python_version: 3.11.7\n"
        "  sklearn:\n    code: null\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n    sklearn_version: 1.9.1\n"
        "mlflow_version: 3.1.0\nmodel_uuid: 0f0f0f0f0f0f4f0f8f0f0f0f0f0f0f0f\nutc_time_created: '2026-01-01 00:00:00.000000'\n"
    )
    (path / "requirements.txt").write_text("mlflow==3.1.0\ncloudpickle==3.1.1\nscikit-learn==1.9.1\n")
    (path / "conda.yaml").write_text(
        "channels: [conda-forge]\ndependencies: [python=3.11.7, pip, {pip: [mlflow==3.1.0]}]\n"
    )
    (path / "python_env.yaml").write_text(
        "python: 3.11.7\nbuild_dependencies: [pip]\ndependencies: [-r requirements.txt]\n"
    )


def _nltk() -> Any:
    from nltk.classify import NaiveBayesClassifier

    return NaiveBayesClassifier.train([({"a": 1}, "x"), ({"a": 0}, "y")] * 5)


def _from_script() -> types.ModuleType:
    """A module as a user's own script would be, importable while it is saved."""
    name = "train_fraud_model"
    if name not in sys.modules:
        module = types.ModuleType(name)
        source = (
            "import enum, dataclasses, torch\n"
            "class Kind(enum.Enum):\n    GOOD = 1\n    BAD = 2\n"
            "@dataclasses.dataclass\nclass Settings:\n    lr: float = 0.1\n    layers: tuple = (1, 2)\n"
            "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.layer = torch.nn.Linear(2, 2)\n"
            "class Vocabulary(dict):\n    pass\n"
        )
        sys.modules[name] = module
        exec(compile(source, name, "exec"), module.__dict__)
    return sys.modules[name]


_OWN = "a class of the author's own script"
_BY_VALUE = "a function saved by value: its code is in the file"


def _own() -> Iterator[Item]:
    import torch

    makers: dict[str, Callable[[], Any]] = {
        "data class": lambda: _from_script().Settings(),
        "enumeration": lambda: {"label": _from_script().Kind.BAD},
        "dictionary class": lambda: _from_script().Vocabulary(a=1),
    }
    for subject, make in makers.items():
        yield from pickled("own", subject, make, (2, 4), _OWN)
    yield Item("own", "module", "net.pt", lambda path: torch.save(_from_script().Net(), path), _OWN)


def _by_value() -> Iterator[Item]:
    import cloudpickle
    import dill

    def function(x: float) -> float:
        return x * 2

    for library, dump in (("dill", dill.dumps), ("cloudpickle", cloudpickle.dumps)):
        things = {"lambda": lambda x: x + 1, "function": function, "closure": lambda x: function(x) + 1}
        for subject, thing in things.items():
            write = lambda path, d=dump, t=thing: path.write_bytes(d(t))  # noqa: E731
            yield Item(library, f"by value {subject}", f"{library}_{subject}.pkl", write, _BY_VALUE)
        plain = {
            "dictionary": lambda: {"a": [1, 2], "b": (None, 1.5)},
            "array": lambda: {"w": np.eye(3)},
            "frame": lambda: _FRAME.head(3),
            "partial": lambda: __import__("functools").partial(np.clip, a_min=0, a_max=1),
            "builtin": lambda: [len, np.mean, dict, float],
        }
        for subject, make in plain.items():
            for protocol in (2, 4):
                write = lambda path, d=dump, m=make, p=protocol: path.write_bytes(d(m(), p))  # noqa: E731
                yield Item(library, f"plain {subject}", f"data.p{protocol}.pkl", write)


def items() -> Iterator[Item]:
    """Give the items of all other libraries."""
    for part in (
        _statsmodels,
        _gensim,
        _lifelines,
        _prophet,
        _optuna,
        _encoders,
        _imblearn,
        _skops,
        _own,
        _by_value,
    ):
        yield from part()
    yield from _estimators("umap", "umap", "UMAP", supervised=False)
    yield from _estimators("hdbscan", "hdbscan", "HDBSCAN", supervised=False)
    yield from _estimators("pyod", "pyod.models.iforest", "IForest", supervised=False)
    yield from _estimators("pyod", "pyod.models.knn", "KNN", supervised=False)
    for number, (library, subject, make) in enumerate(
        [
            ("skorch", "regressor", _skorch),
            ("networkx", "graph", _graph),
            ("polars", "frame", _polars),
            ("pyarrow", "table", _arrow),
            ("sympy", "expression", _sympy),
            ("xarray", "array", _xarray),
            ("nltk", "bayes", _nltk),
        ]
    ):
        yield from saved(library, subject, make, number * 3)
    yield Item("spacy", "blank", "en_blank", _spacy)
    yield Item("lightning", "checkpoint", "epoch=0.ckpt", _lightning)
    yield Item("torchvision", "state", "squeezenet.pth", _vision(whole=False))
    yield Item("torchvision", "module", "squeezenet_full.pth", _vision(whole=True))
    yield Item(
        "timm", "state", "resnet.pt", lambda path: __import__("torch").save(_timm().state_dict(), path)
    )
    yield Item("timm", "module", "resnet_full.pt", lambda path: __import__("torch").save(_timm(), path))
    yield Item("torch_geometric", "data", "graph.pt", _geometric)
    yield Item("mlflow", "sklearn", "mlflow-model", _mlflow)
