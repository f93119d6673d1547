"""Every check keeps one contract: pure, total on hostile input, documented, right on its examples."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest
from tests.trees import Files, check_named, inputs_of, outcomes

import assaymark.checks
from assaymark.checks import all_checks
from assaymark.checks._check import Check
from assaymark.checks._runner import run
from assaymark.observation import Outcome, canonical
from assaymark.system.system import System

CHECKS = {c.info.id: c for c in all_checks()}

HOSTILE: Files = {
    "app.py": b"\x00\xff\xfe import os\n" + b"(" * 5_000,
    "deep.json": "[" * 100_000,
    "deep.yaml": "- " * 20_000,
    "bomb.yaml": "a: &a [x,x]\n"
    + "".join(f"k{i}: &k{i} [*{'a' if i == 0 else f'k{i - 1}'}]\n" for i in range(60)),
    "package.json": '{"dependencies": 7, "scripts": ["x"]}',
    "pyproject.toml": "[project]\ndependencies = 'no'\n[project\n",
    "requirements.txt": "==\n@@@\n-r ../../../etc/passwd\n",
    "Dockerfile": "FROM\nCOPY\nRUN " + "\\\n" * 5_000,
    "docker-compose.yml": "services: 3\n",
    ".github/workflows/ci.yml": "on: [push]\njobs: nothing\n",
    "model.safetensors": b"\xff" * 64,
    "model.pkl": b"\x80\x05\x95" + b"\xff" * 200,
    "model.onnx": b"\x08" * 300,
    "model.gguf": b"GGUF" + b"\xff" * 60,
    "data.csv": b'a,"b\n' * 500,
    "data.parquet": b"PAR1" + b"\xff" * 100 + b"PAR1",
    "SECURITY.md": "# \u202egnp.exe\n\x1b[31m" + "#" * 10_000,
    "prompts/system.txt": "\u200b{{{{{{" * 2_000,
    "book.ipynb": '{"cells": [{"cell_type": "code", "source": 5}]}',
    "app.ts": "{" * 20_000,
    "assets/\u202ecod.md": "Expires: never",
}
"""A project in which every file is broken in its own way."""


def fixture_of(name: str) -> ModuleType:
    """The test module of the check called `name`."""
    subject = CHECKS[name].run.__module__.split(".")[-2]
    return importlib.import_module(f"tests.checks.{subject}.test_{name}")


@pytest.fixture(params=sorted(CHECKS))
def check(request: pytest.FixtureRequest) -> Check:
    """Each registered check in turn."""
    return check_named(str(request.param))


def test_the_list_names_every_file() -> None:
    """No check lies in the tree without standing in its subject's list, and none stands there twice."""
    files = {
        m.name.rpartition(".")[2]
        for m in pkgutil.walk_packages(assaymark.checks.__path__, "assaymark.checks.")
        if not m.ispkg and not m.name.rpartition(".")[2].startswith("_")
    }

    assert sorted(files) == [c.info.id for c in sorted(all_checks(), key=lambda c: c.info.id)]


def test_a_check_has_one_name(check: Check) -> None:
    """The id is the function's name, the file's name and the test's name."""
    assert check.run.__name__ == check.info.id
    assert Path(inspect.getfile(check.run)).stem == check.info.id
    assert Path(str(fixture_of(check.info.id).__file__)).stem == f"test_{check.info.id}"


def test_a_check_speaks_plainly(check: Check) -> None:
    """Its words never promise what a self-assessment cannot give, and fit a reader's screen."""
    text = " ".join((check.info.title, check.info.why, check.info.fix, check.info.blind_spots)).lower()

    for word in ("certified", "compliant", "presumption of conformity", "approved by etsi"):
        assert word not in text
    assert len(check.info.title) <= 160
    assert "http" not in check.info.title


def test_a_check_is_short(check: Check) -> None:
    """A check's file stays under 200 lines; past that its parsing belongs in `scan`."""
    source = Path(inspect.getfile(check.run)).read_text(encoding="utf-8")

    assert source.count("\n") <= 200
    assert ast.get_docstring(ast.parse(source)), "the module says what it is"


def test_a_check_is_deterministic_and_leaves_its_inputs_alone(check: Check) -> None:
    """Two runs over the same inputs say the same, and the inputs' digests stay."""
    module = fixture_of(check.info.id)
    inputs = inputs_of(module.NOT_MET, system=_system(module), extra=getattr(module, "EXTRA_NOT_MET", ()))
    before = [inputs.digest(kind) for _, kind in check.inputs]

    first, second = run([check], inputs), run([check], inputs)

    assert canonical(first) == canonical(second)
    assert before == [inputs.digest(kind) for _, kind in check.inputs]


def test_a_check_always_says_something(check: Check) -> None:
    """On an empty project it speaks, and it does not say that all is well."""
    seen = run([check], inputs_of({"notes.txt": "nothing here"}))

    assert seen
    assert Outcome.ERROR not in outcomes(seen)
    assert Outcome.MET not in outcomes(seen)


def test_a_check_is_total_on_hostile_input(check: Check) -> None:
    """Broken files never break it, and it never calls such a project good on firm grounds by accident."""
    seen = run([check], inputs_of(HOSTILE))

    assert seen
    assert Outcome.ERROR not in outcomes(seen), [o.summary for o in seen]


def test_a_check_is_met_by_its_good_example(check: Check) -> None:
    """Its `MET` project is met and shows no fault."""
    module = fixture_of(check.info.id)

    seen = run([check], inputs_of(module.MET, system=_system(module), extra=getattr(module, "EXTRA_MET", ())))

    wanted = getattr(module, "MET_OUTCOME", Outcome.MET)
    assert wanted in outcomes(seen), [(o.outcome, o.summary) for o in seen]
    assert Outcome.NOT_MET not in outcomes(seen), [o.summary for o in seen]


def test_a_check_is_not_met_by_its_bad_example(check: Check) -> None:
    """Its `NOT_MET` project shows the fault, with a place to look at and a next step."""
    module = fixture_of(check.info.id)
    wanted = getattr(module, "NOT_MET_OUTCOME", Outcome.NOT_MET)

    seen = run(
        [check], inputs_of(module.NOT_MET, system=_system(module), extra=getattr(module, "EXTRA_NOT_MET", ()))
    )

    faults = [o for o in seen if o.outcome is wanted]
    assert faults, [(o.outcome, o.summary) for o in seen]
    assert all(o.fix for o in faults)


def _system(module: ModuleType) -> System | None:
    system: System | None = getattr(module, "SYSTEM", None)
    return system
