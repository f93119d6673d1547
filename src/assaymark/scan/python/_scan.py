"""Bytes of a Python file or notebook → facts: parse once, then let each extractor look."""

import ast
import gc
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, ScanProblem
from assaymark.scan.python import (
    endpoints,
    execution,
    failing,
    fetching,
    files,
    hub,
    limits,
    llm,
    loading,
    logs,
    mechanisms,
    prompts,
    safeguards,
    servers,
    summaries,
    tools,
)
from assaymark.scan.python._build import build_module
from assaymark.scan.python._module import Module
from assaymark.scan.python._notebook import read_notebook

__all__ = ["LIMIT", "accepts", "scan_python"]

LIMIT = 2 * 1024 * 1024
"""Bytes of source beyond which a file is generated or hostile, and is not parsed."""
TOKENS = 400_000
"""Words and signs of source beyond which a file is not parsed: each may cost 900 bytes of syntax tree."""
NOTEBOOK_LIMIT = 32 * 1024 * 1024
"""Notebooks carry pictures in their outputs; the code in them is held to `LIMIT`."""

_TOKEN = re.compile(rb"\w+|[^\w\s]|\n")

_OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The grammar that parses; source for a later Python is read only by that Python or a later one."""

EXTRACTORS: tuple[Callable[[Module], Iterable[Fact]], ...] = (
    llm.libraries_used,
    llm.llm_calls,
    prompts.prompt_texts,
    tools.tool_definitions,
    endpoints.endpoints,
    summaries.function_summaries,
    summaries.mounts,
    servers.server_binds,
    hub.hub_references,
    loading.deserialisations,
    execution.dynamic_executions,
    execution.model_output_sinks,
    fetching.outbound_fetches,
    fetching.downloads,
    safeguards.safeguard_definitions,
    safeguards.safeguard_uses,
    failing.fail_opens,
    limits.limits,
    logs.log_sites,
    logs.trace_exports,
    mechanisms.mechanisms,
)
"""In the order of the vocabulary; each is a pure function of the parsed file."""


def accepts(path: str, head: bytes) -> bool:
    """Python by suffix or by `#!` line, and notebooks."""
    if path.endswith((".py", ".pyw", ".ipynb")):
        return True
    return (
        head[:2] == b"#!" and b"python" in head[:80].split(b"\n", 1)[0] and "." not in path.rpartition("/")[2]
    )


def scan_python(blob: Blob) -> Iterable[Fact]:
    """All facts of one file, or why there are none."""
    notebook = blob.path.endswith(".ipynb")
    bound = NOTEBOOK_LIMIT if notebook else LIMIT
    if blob.size > bound:
        yield _problem(blob.path, f"larger than {bound:,} bytes; not parsed")
        return
    data = blob.read(0, bound)
    # Syntax trees are many objects and no cycles: collecting garbage meanwhile doubles the time.
    paused = gc.isenabled()
    gc.disable()
    try:
        yield from list(_notebook_facts(blob.path, data) if notebook else _source_facts(blob.path, data))
    finally:
        if paused:
            gc.enable()


def _source_facts(path: str, data: bytes) -> Iterator[Fact]:
    tree = _parse(data)
    if isinstance(tree, str):
        yield _problem(path, tree)
        return
    yield from _facts(path, tree, lines=data.count(b"\n") + (not data.endswith(b"\n")))


def _notebook_facts(path: str, data: bytes) -> Iterator[Fact]:
    try:
        notebook = read_notebook(data)
    except (ValueError, RecursionError, MemoryError) as problem:
        yield _problem(path, f"not a readable notebook ({type(problem).__name__})")
        return
    if len(notebook.source) > LIMIT:
        yield _problem(path, f"its code is larger than {LIMIT:,} characters; not parsed")
        return
    if notebook.broken:
        cells = ", ".join(str(n) for n in notebook.broken[:10])
        yield _problem(
            path, f"{len(notebook.broken)} cells do not parse as Python (cell {cells})", partial=True
        )
    tree = _parse(notebook.source)
    if isinstance(tree, str):
        yield _problem(path, tree)
        return
    lines = notebook.source.count("\n") + 1
    module_cells, shell = notebook.cells, notebook.shell
    yield from _facts(path, tree, lines=lines, cells=module_cells, outputs=notebook.outputs, shell=shell)


def _parse(source: bytes | str) -> ast.Module | str:
    """The syntax tree, or the reason why there is none."""
    if _is_dense(source):
        return f"more than {TOKENS:,} words and signs of source, taken for generated; not parsed"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the warnings are about somebody else's code
        try:
            return ast.parse(source)
        except SyntaxError as problem:
            where = f" on line {problem.lineno}" if problem.lineno else ""
            return (
                f"not source for Python {_OWN}{where} ({str(problem.msg)[:120]}); a template, older or newer"
            )
        except ValueError as problem:
            return f"not Python source ({str(problem)[:120]})"
        except (RecursionError, MemoryError):
            return "nested too deeply to parse"


def _is_dense(source: bytes | str) -> bool:
    """Whether the syntax tree would need more memory than one file may have."""
    if len(source) <= TOKENS:
        return False  # no token is shorter than a byte
    data = source if isinstance(source, bytes) else source.encode("utf-8", "replace")
    return sum(1 for _ in _TOKEN.finditer(data)) > TOKENS


def _facts(
    path: str,
    tree: ast.Module,
    *,
    lines: int,
    cells: tuple[int, ...] = (),
    outputs: int = 0,
    shell: tuple[tuple[int, str], ...] = (),
) -> Iterator[Fact]:
    try:
        module = build_module(path, tree, cells)
    except RecursionError:
        yield _problem(path, "nested too deeply to read")
        return
    yield from files.code_file(module, lines=lines, notebook=path.endswith(".ipynb"), outputs=outputs)
    yield from fetching.notebook_downloads(module, shell)
    for extract in EXTRACTORS:
        try:
            yield from extract(module)
        except RecursionError:
            yield _problem(path, f"nested too deeply for {extract.__name__}", partial=True)


def _problem(path: str, reason: str, *, partial: bool = False) -> ScanProblem:
    return ScanProblem(at=Location(path), scanner="python", reason=reason, partial=partial)
