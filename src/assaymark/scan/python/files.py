"""A source file as a whole."""

from collections.abc import Iterable

from assaymark.scan.facts import CodeFile, Fact
from assaymark.scan.paths import is_test_path
from assaymark.scan.python._module import Module

__all__ = ["code_file"]


def code_file(module: Module, *, lines: int, notebook: bool, outputs: int) -> Iterable[Fact]:
    """The file's size, language and whether it is a test."""
    yield CodeFile(
        at=module.at(0),
        language="notebook" if notebook else "python",
        lines=lines,
        is_test=is_test_path(module.path) or _looks_like_test(module),
        outputs=outputs,
    )


def _looks_like_test(module: Module) -> bool:
    framework = module.uses("pytest", "unittest", "hypothesis")
    return framework and any(f.name.startswith("test_") for f in module.functions)
