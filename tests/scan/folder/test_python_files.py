"""Python beside weights: asked for, in another's place, or run at start-up."""

import numpy as np
import pytest
from tests.scan.folder.side_by_side import CONFIG, WEIGHTS, findings, rules
from tests.scan.payloads import CLEAN

SCRIPT = "import os\nos.system('x')\n"
AUTO = {**CONFIG, "auto_map": {"AutoModel": "modeling_x.XModel"}}


def test_code_that_a_configuration_asks_for() -> None:
    """Harmless code is a note beside the configuration's own hazard."""
    found = rules({"config.json": AUTO, "model.safetensors": WEIGHTS, "modeling_x.py": "import torch\n"})

    assert found == {("modeling_x.py", "folder-code-beside", "note")}


def test_code_that_acts_when_it_is_asked_for() -> None:
    """Also in a file that the named one imports."""
    files = {
        "m/config.json": AUTO,
        "m/model.safetensors": WEIGHTS,
        "m/modeling_x.py": "from .inner import y\n",
        "m/inner.py": SCRIPT,
    }

    assert ("m/inner.py", "code-acts-on-load", "dangerous") in rules(files)


def test_code_that_nothing_asks_for() -> None:
    """A script that would act is unknown, one that is plain is a note."""
    assert ("train.py", "code-may-act", "unknown") in rules(
        {"model.safetensors": WEIGHTS, "train.py": SCRIPT}
    )
    assert rules({"model.safetensors": WEIGHTS, "train.py": "print(1)\n"}) == {
        ("train.py", "folder-code-beside", "note")
    }


@pytest.mark.parametrize(
    "name", ["handler.py", "modeling_llama.py", "custom_generate/generate.py", "pipeline.py"]
)
def test_files_that_are_run_by_name(name: str) -> None:
    """Servers and loaders look for these names themselves."""
    assert (name, "code-acts-on-load", "dangerous") in rules({"model.safetensors": WEIGHTS, name: SCRIPT})


def test_code_on_the_import_path_of_mlflow() -> None:
    """The whole folder that MLmodel puts on the path is what loading may import."""
    files = {
        "MLmodel": "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    code: code\n",
        "code/deep/er/own.py": SCRIPT,
    }

    assert ("code/deep/er/own.py", "code-acts-on-load", "dangerous") in rules(files)


def test_code_that_is_missing() -> None:
    """What a configuration names and the folder lacks was not read."""
    found = findings({"config.json": AUTO, "model.safetensors": WEIGHTS})

    assert [(p, h.rule, h.subject) for p, h in found] == [
        ("config.json", "folder-code-missing", "modeling_x.py")
    ]


def test_more_code_than_is_read_is_a_gap() -> None:
    """Files that a loader would import and that were not judged are told one by one."""
    files = {f"modeling_{n}.py": "x = 1\n" for n in range(303)}

    gaps = [r for r in rules({"model.safetensors": WEIGHTS, **files}) if r[1] == "hole"]

    assert len(gaps) == 3


def test_code_without_a_model_is_nobodys() -> None:
    """A Python project without weights is not judged here."""
    assert rules({"setup.py": SCRIPT, "collections.py": SCRIPT, "src/x.py": SCRIPT}) == set()


@pytest.mark.parametrize(
    "name", ["collections.py", "collections/__init__.py", "numpy.py", "sklearn/linear_model/_base.py"]
)
def test_modules_in_the_place_of_others(name: str) -> None:
    """Beside a pickle they become what its harmless names mean."""
    found = rules({"model.pkl": CLEAN, name: SCRIPT})

    assert (name, "folder-shadow-module", "dangerous") in found
    assert (name, "folder-shadow-module", "unknown") in rules({"model.pkl": CLEAN, name: "x = 1\n"})


def test_compiled_modules_in_the_place_of_others() -> None:
    """A library that the pickle names, as machine code: nobody can read what it does."""
    import pickle

    files = {"model.pkl": pickle.dumps(np.zeros(2)), "numpy.so": b"\x7fELF" + bytes(60)}

    assert ("numpy.so", "folder-shadow-module", "dangerous") in rules(files)


def test_names_of_ones_own_shadow_nothing() -> None:
    """`utils.py` beside a pickle is nobody's name."""
    assert not [r for r in rules({"model.pkl": CLEAN, "utils.py": "x = 1\n"}) if "shadow" in r[1]]


@pytest.mark.parametrize(
    "name", ["sitecustomize.py", "usercustomize.py", "pyvenv.cfg", "code/sitecustomize.py"]
)
def test_files_that_python_runs(name: str) -> None:
    """A model needs none of them."""
    assert (name, "folder-startup-file", "unknown") in rules({"model.safetensors": WEIGHTS, name: "x = 1\n"})


def test_path_files() -> None:
    """A `.pth` of text with an import line is dangerous; one with weights is weights."""
    files = {
        "model.safetensors": WEIGHTS,
        "x.pth": "# " * 900 + "\nimport os; os.system('x')\n",
        "y.pth": CLEAN,
    }

    assert [r for r in rules(files) if r[1] == "folder-path-file"] == [
        ("x.pth", "folder-path-file", "dangerous")
    ]
    assert not [r for r in rules({**files, "x.pth": "./lib\n"}) if r[1] == "folder-path-file"]


def test_packages_and_compiled_code() -> None:
    """Noted; a package in the name of a library is unknown."""
    files = {
        "model.safetensors": WEIGHTS,
        "tool-1.0-py3-none-any.whl": b"PK\x05\x06" + bytes(18),
        "torch-9.0-py3-none-any.whl": b"PK\x05\x06" + bytes(18),
        "ops.so": b"\x7fELF" + bytes(60),
        "x.pyc": b"\xa7\r\r\n" + bytes(30),
    }

    assert rules(files) == {
        ("tool-1.0-py3-none-any.whl", "folder-package-beside", "note"),
        ("torch-9.0-py3-none-any.whl", "folder-package-beside", "unknown"),
        ("ops.so", "folder-compiled-code", "note"),
        ("x.pyc", "folder-compiled-code", "unknown"),
    }
