"""MLflow's `MLmodel`: the module that loads the model, code that goes on the path, and where files lie."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.inspection import Hazard, Header, Level
from assaymark.scan.config.hazards import hazard, plain
from assaymark.scan.config.json_text import excerpt
from assaymark.scan.config.names import judge_name

__all__ = ["is_mlmodel", "judge_mlmodel", "mlmodel_header"]

_FLAVOURS = re.compile(r"mlflow(?:\.[a-z_0-9]+){1,3}\Z")
_PATHS = (
    "code",
    "data",
    "python_model",
    "pickled_model",
    "model_code_path",
    "model_path",
    "model_data",
    "loader_path",
)


def is_mlmodel(value: Any) -> bool:
    """Whether a YAML value is an `MLmodel` file."""
    return isinstance(value, dict) and isinstance(value.get("flavors"), dict)


def mlmodel_header(value: dict[str, Any]) -> Header:
    """Its flavours and versions."""
    facts = [("flavors", plain(", ".join(map(str, value["flavors"]))))]
    facts += [(k, plain(str(value[k]), 80)) for k in ("mlflow_version", "model_uuid", "run_id") if k in value]
    return Header(format="mlflow", metadata=tuple(facts))


def judge_mlmodel(value: dict[str, Any]) -> Iterator[Hazard]:
    """What `mlflow.<flavour>.load_model` would import, run and read outside the folder."""
    for flavour, told in value["flavors"].items():
        if not isinstance(told, dict):
            continue
        yield from _loader(str(flavour), told)
        yield from _code(str(flavour), told)
        for key, path in _paths(told):
            if path.startswith(("/", "~")) or ".." in path.replace("\\", "/").split("/"):
                message = f"Loading reads {key} outside the model's folder: {path[:200]}."
                yield _hazard("config-path-leaves-folder", Level.DANGEROUS, path, message, told)


def _loader(flavour: str, told: dict[str, Any]) -> Iterator[Hazard]:
    module = told.get("loader_module")
    if not isinstance(module, str) or _FLAVOURS.match(module):
        return
    level = judge_name(f"{module}._load_pyfunc") or Level.UNKNOWN
    message = f"Loading imports the module {module[:150]} and calls its _load_pyfunc ({flavour})."
    yield _hazard("mlflow-loader-module", level, f"loader_module:{module}", message, told)


def _code(flavour: str, told: dict[str, Any]) -> Iterator[Hazard]:
    if isinstance(told.get("code"), str) and told["code"]:
        message = f"Loading puts the model's folder {told['code'][:100]} on the import path, before all else."
        yield _hazard("mlflow-code-path", Level.UNKNOWN, f"code:{told['code']}", message, told)
    if isinstance(told.get("model_code_path"), str):
        message = f"Loading runs the Python file {told['model_code_path'][:100]}."
        yield _hazard(
            "mlflow-code-path", Level.UNKNOWN, f"model_code_path:{told['model_code_path']}", message, told
        )
    if isinstance(told.get("python_model"), str):
        message = f"Loading unpickles {told['python_model'][:100]} ({flavour})."
        yield _hazard(
            "mlflow-pickled-model", Level.NOTE, f"python_model:{told['python_model']}", message, told
        )


def _paths(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _PATHS:
        if isinstance(told.get(key), str):
            yield key, told[key]
    artifacts = told.get("artifacts")
    for name, one in artifacts.items() if isinstance(artifacts, dict) else ():
        path = one.get("path") if isinstance(one, dict) else None
        if isinstance(path, str):
            yield f"artifact {str(name)[:60]}", path


def _hazard(rule: str, level: Level, subject: str, message: str, told: dict[str, Any]) -> Hazard:
    return hazard(rule, level, subject, message, evidence=excerpt(told))
