"""The shape of the code: what CONTRIBUTING.md promises is measured, not hoped for."""

import ast
import statistics
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "assaymark"
FILES = sorted(SOURCE.rglob("*.py"))

LONG_FILES = 400
"""Lines after which a file is split along its nouns; tables of data excepted."""
LONG_FUNCTION = 60
"""Lines of a function, its docstring aside."""
TABLES: dict[str, str] = {}
"""Files that may be longer, with the reason."""


def functions() -> list[tuple[str, int]]:
    """Every function's place and its lines, without its docstring."""
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body
                documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
                start = body[1].lineno if documented and len(body) > 1 else body[0].lineno
                lines = (node.end_lineno or node.lineno) - start + 1
                found.append((f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}", lines))
    return found


def test_files_stay_short() -> None:
    """No file is longer than the limit, and half of them are well below."""
    lengths = {str(p.relative_to(SOURCE)): p.read_text(encoding="utf-8").count("\n") for p in FILES}

    assert {n: c for n, c in lengths.items() if c > LONG_FILES and n not in TABLES} == {}
    assert statistics.median(lengths.values()) <= 130
    assert set(TABLES) <= {n for n, c in lengths.items() if c > LONG_FILES}, (
        "an exception is no longer needed"
    )


def test_functions_stay_short() -> None:
    """No function is longer than the limit; the typical one fits in a glance."""
    lengths = functions()

    assert [f for f in lengths if f[1] > LONG_FUNCTION] == []
    assert statistics.median(n for _, n in lengths) <= 8
    assert statistics.quantiles((n for _, n in lengths), n=20)[-1] <= 40


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_public_name_is_documented(path: Path) -> None:
    """Modules, public classes and public functions say what they are."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    missing = [] if ast.get_docstring(tree) else ["the module"]
    for node in tree.body:
        public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if public and not ast.get_docstring(node):
            missing.append(node.name)

    assert missing == []


CHECKS = [p for p in SOURCE.glob("checks/*/*.py") if not p.name.startswith("_")]
"""A check's file holds one public name, which is the file's; the registry is the list."""


@pytest.mark.parametrize(
    "path", [p for p in FILES if p not in CHECKS], ids=lambda p: str(p.relative_to(SOURCE))
)
def test_every_module_lists_what_is_public(path: Path) -> None:
    """`__all__` stands in each module that defines something public, sorted as a reader looks things up."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = [
        n.name
        for n in tree.body
        if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")
    ]
    listed = [
        ast.literal_eval(n.value)
        for n in tree.body
        if isinstance(n, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in n.targets)
    ]
    if not defined:
        return

    assert listed, f"{path.name} defines {defined} and lists nothing"
    assert set(defined) <= set(listed[0])


def test_nothing_catches_everything_but_two_places() -> None:
    """A broad `except` hides defects in evidence: only the runner and the parsers' entrance have one."""
    broad = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.ExceptHandler)
                and not _raises_again(node)
                and (
                    node.type is None
                    or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
                )
            ):
                broad.add(str(path.relative_to(SOURCE)))

    assert broad == {
        "checks/_runner.py",
        "guard/core/chain.py",  # a step that fails becomes a finding that denies
        "scan/registry.py",  # a stranger's bytes meet a parser
        "scan/inspect.py",  # … or an inspector
        "scan/bundle.py",  # … or a rule about folders
        "dataset/executing/work.py",  # an engine of the data scanner that fails must not end the scan
        "source/remote.py",  # each store has errors of its own; they become OSError
    }


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Cleaning up and passing the exception on hides nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_nothing_is_left_for_later() -> None:
    """No stub and no reminder is shipped."""
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "pragma: no " + "cover")
    found = [
        f"{p.relative_to(SOURCE)}: {m}"
        for p in FILES
        for m in marks
        if any(
            m in line.partition("#")[2] or f"raise {m}" in line
            for line in p.read_text(encoding="utf-8").splitlines()
        )
    ]

    assert found == []
