"""Notebooks → one Python source, cell after cell, with shell lines set aside."""

import ast
import json
import re
import warnings
from typing import Any

from msgspec import Struct

__all__ = ["Notebook", "read_notebook"]

_SHELL = re.compile(r"^\s*(?:[A-Za-z_]\w*\s*=\s*)?[!%](?!=)")
_CELLS = 5_000


class Notebook(Struct, frozen=True):
    """What the cells of a notebook hold, put together."""

    source: str
    """Code cells joined; each shell or magic line is blanked, so that lines keep their numbers."""
    cells: tuple[int, ...]
    """Line at which each code cell starts."""
    shell: tuple[tuple[int, str], ...]
    """Line and text of each `!` or `%` line."""
    outputs: int
    """Code cells that carry stored output."""
    broken: tuple[int, ...]
    """Numbers of cells whose code does not parse, counted from 1."""


def read_notebook(data: bytes) -> Notebook:
    """Read nbformat 3 and 4.

    Raises:
        ValueError: not JSON, or not a notebook.
    """
    document = json.loads(data.decode("utf-8-sig"))
    cells = _cells(document)[:_CELLS]
    lines: list[str] = []
    starts, shell, broken = [], [], []
    for number, cell in enumerate(cells, 1):
        starts.append(len(lines) + 1)
        code, commands = _split(_text(cell.get("source", cell.get("input", ""))), len(lines) + 1)
        shell += commands
        if not _parses(code):
            broken.append(number)
            code = "\n" * code.count("\n")
        lines += code.split("\n")
    outputs = sum(1 for cell in cells if cell.get("outputs"))
    return Notebook("\n".join(lines), tuple(starts), tuple(shell), outputs, tuple(broken))


def _cells(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        raise ValueError("not a notebook")  # noqa: TRY004 - callers expect one kind of error
    sheets = document.get("worksheets")
    holder = sheets[0] if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else document
    cells = holder.get("cells")
    if not isinstance(cells, list):
        raise ValueError("not a notebook")  # noqa: TRY004 - callers expect one kind of error
    return [c for c in cells if isinstance(c, dict) and c.get("cell_type") == "code"]


def _text(source: Any) -> str:
    if isinstance(source, list):
        return "".join(s for s in source if isinstance(s, str))
    return source if isinstance(source, str) else ""


def _split(source: str, first: int) -> tuple[str, list[tuple[int, str]]]:
    """Blank magics and shell lines; give them back with their line numbers."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", " ")
    lines = source.split("\n")
    if lines[0].lstrip().startswith("%%") and not lines[0].lstrip().startswith(
        ("%%time", "%%capture", "%%timeit")
    ):
        return "\n" * (len(lines) - 1), [(first + n, line) for n, line in enumerate(lines)]
    kept: list[str] = []
    commands: list[tuple[int, str]] = []
    for n, line in enumerate(lines):
        if _SHELL.match(line) or line.rstrip().endswith("?"):
            commands.append((first + n, line.strip()))
            # `pass` keeps an indented block whole where the shell line was its only statement.
            line = line[: len(line) - len(line.lstrip())] + "pass"
        kept.append(line)
    return "\n".join(kept), commands


def _parses(code: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return False
    return True
