"""skops schemas: files that skops writes, and nodes that reach further."""

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from tests.scan.looked_at import looked_at, verdict, words

X = np.random.default_rng(0).random((40, 3))
Y = (X[:, 0] > 0.5).astype(int)


def node(name: str, module: str, loader: str, **more: Any) -> dict[str, Any]:
    """One node of a schema."""
    return {"__class__": name, "__module__": module, "__loader__": loader, **more}


def schema(inner: dict[str, Any]) -> dict[str, Any]:
    """A schema whose pipeline holds a node."""
    content = node("dict", "builtins", "DictNode", content={"step": inner})
    return node(
        "Pipeline", "sklearn.pipeline", "ObjectNode", content=content, protocol=2, _skops_version="0.16.0"
    )


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression()),
        RandomForestClassifier(3),
        GradientBoostingClassifier(n_estimators=3),
        HistGradientBoostingRegressor(max_iter=3),
    ],
    ids=lambda e: type(e).__name__,
)
def test_what_skops_writes_is_clean(estimator: Any) -> None:
    """Estimators of scikit-learn, as skops dumps them."""
    content = skops.io.dumps(estimator.fit(X, Y))
    found = looked_at("model.skops", content)

    assert str(found.verdict) == "clean"
    assert found.holes == ()


def test_a_schema_inside_the_archive_is_judged() -> None:
    """The real file with one node exchanged."""
    content = skops.io.dumps(make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()).fit(X, Y))
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "schema.json":
                data = data.replace(b'"__class__": "log1p"', b'"__class__": "system"').replace(
                    b'"__module__": "numpy",\n                      "__loader__": "FunctionNode"',
                    b'"__module__": "os",\n                      "__loader__": "FunctionNode"',
                )
            new.writestr(name, data)

    assert ("skops-foreign-type", "dangerous", "os.system") in words("model.skops", changed.getvalue())


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (node("system", "os", "FunctionNode"), ("skops-foreign-type", "dangerous", "os.system")),
        (node("Own", "my.package", "ObjectNode"), ("skops-foreign-type", "unknown", "my.package.Own")),
        (
            node(
                "partial",
                "functools",
                "PartialNode",
                content={"func": node("exec", "builtins", "FunctionNode")},
            ),
            ("skops-foreign-type", "dangerous", "builtins.exec"),
        ),
        (node("Popen", "subprocess", "TypeNode"), ("skops-foreign-type", "dangerous", "subprocess.Popen")),
        (
            node("methodcaller", "operator", "OperatorFuncNode", attrs=[]),
            ("skops-operator", "dangerous", "operator.methodcaller"),
        ),
        (
            node("call", "operator", "OperatorFuncNode", attrs=[]),
            ("skops-operator", "dangerous", "operator.call"),
        ),
        (
            node("itemgetter", "operator", "OperatorFuncNode", attrs=[]),
            ("skops-operator", "unknown", "operator.itemgetter"),
        ),
        (
            node(
                "SVC",
                "sklearn.svm._classes",
                "MethodNode",
                content={"func": "predict", "obj": node("Evil", "evil", "ObjectNode")},
            ),
            ("skops-mismatch", "dangerous", "evil.Evil.predict"),
        ),
    ],
)
def test_nodes_that_reach_further(inner: dict[str, Any], expected: tuple[str, str, str]) -> None:
    """Every kind of node that names a type or function (CVE-2025-54412, -54413, -54886)."""
    assert expected in words("schema.json", schema(inner))


def test_numpy_functions_are_known() -> None:
    """A ufunc by name is what skops itself trusts."""
    assert verdict("schema.json", json.dumps(schema(node("exp", "numpy", "FunctionNode")))) == "clean"


@pytest.mark.parametrize(("method", "level"), [("__reduce__", "dangerous"), ("_fit", "unknown")])
def test_methods_that_are_not_public(method: str, level: str) -> None:
    """A method by a private name reaches further than an estimator's own use of it."""
    owner = node("LogisticRegression", "sklearn.linear_model._logistic", "ObjectNode")
    inner = node(
        "LogisticRegression", owner["__module__"], "MethodNode", content={"func": method, "obj": owner}
    )

    subject = f"sklearn.linear_model._logistic.LogisticRegression.{method}"
    assert words("schema.json", schema(inner)) == [("skops-foreign-type", level, subject)]


def test_a_public_method_of_a_known_type_is_clean() -> None:
    """`predict` of an estimator that is in the file."""
    owner = node("LogisticRegression", "sklearn.linear_model._logistic", "ObjectNode")
    inner = node(
        "LogisticRegression", owner["__module__"], "MethodNode", content={"func": "predict", "obj": owner}
    )

    assert verdict("schema.json", schema(inner)) == "clean"
