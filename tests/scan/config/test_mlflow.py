"""MLflow's `MLmodel` files."""

import pytest
from tests.scan.looked_at import looked_at, verdict, words

SKLEARN = """artifact_path: model
flavors:
  python_function:
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
mlflow_version: 2.16.0
model_uuid: 0a1b
"""


def test_an_ordinary_model_is_clean() -> None:
    """What `mlflow.sklearn.log_model` writes, with its flavours told."""
    found = looked_at("model/MLmodel", SKLEARN)

    assert (found.header.format, str(found.verdict)) == ("mlflow", "clean")
    assert ("flavors", "python_function, sklearn") in found.header.metadata


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("loader_module: evil.loader", ("mlflow-loader-module", "unknown", "loader_module:evil.loader")),
        ("loader_module: os", ("mlflow-loader-module", "dangerous", "loader_module:os")),
        ("code: code", ("mlflow-code-path", "unknown", "code:code")),
        ("model_code_path: run.py", ("mlflow-code-path", "unknown", "model_code_path:run.py")),
        ("data: ../../etc", ("config-path-leaves-folder", "dangerous", "../../etc")),
        ("artifacts: {a: {path: /etc/passwd}}", ("config-path-leaves-folder", "dangerous", "/etc/passwd")),
        ("python_model: python_model.pkl", ("mlflow-pickled-model", "note", "python_model:python_model.pkl")),
    ],
)
def test_what_loading_would_run_or_read(line: str, expected: tuple[str, str, str]) -> None:
    """Each key of the Python flavour that decides about code or files."""
    assert words("MLmodel", f"flavors:\n  python_function:\n    {line}\n") == [expected]


def test_odd_files_of_that_name() -> None:
    """A file that only bears the name is nobody's."""
    assert verdict("MLmodel", "hello: 1\n") == "nothing"
    assert verdict("MLmodel", "flavors: [1]\n") == "nothing"
