"""Python beside weights: code that is asked for, modules in another's place, files run at start-up."""

from collections.abc import Iterator

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.config.hazards import hazard
from assaymark.scan.folder.code import MAX_SOURCE, judge_source, relative_imports
from assaymark.scan.folder.entry import Finding, Folder, FolderEntry, note
from assaymark.scan.folder.names import table

__all__ = ["judge_python", "judge_shadows", "judge_startup"]

MAX_TOTAL = 4 << 20
"""Bytes of the Python files of one folder that a loader would import."""
MAX_UNASKED = 1 << 20
"""Bytes of those that nothing asks for."""
NEAR = 1
"""Folders below the model's own in which files that nothing asks for are judged."""
MAX_FILES = 300
"""Python files of one folder that are read."""
_BINARY = (".so", ".pyd", ".pyc", ".dylib", ".dll")
_MODULES = (".py", ".pyc", ".so", ".pyd")


def judge_python(folder: Folder) -> Iterator[Finding]:
    """The Python files of a model's folder, by whether something would import them."""
    every = [n for n in folder.files if n.endswith(".py") and not _shadows(n)]
    asked, missing = _asked(folder, every)
    yield from missing
    loaded = _reached(folder, {n for n in every if n in asked or _by_name(n)})
    near = [n for n in every if n not in loaded and n.count("/") <= NEAR]
    yield from _judged(folder, sorted(loaded), MAX_TOTAL, loaded=True)
    yield from _judged(folder, near, MAX_UNASKED, loaded=False)
    if every:
        count = f"{len(every)} Python files lie beside the model"
        message = f"{count}; a loader would import {len(loaded)} of them."
        first = folder.files[min(loaded or every)].path
        yield first, note("folder-code-beside", message, ", ".join(sorted(loaded))[:200])


def _judged(folder: Folder, names: list[str], left: int, *, loaded: bool) -> Iterator[Finding]:
    """What is found in files; those that a loader imports and that are too many are gaps."""
    for number, name in enumerate(names):
        path = folder.files[name].path
        left -= min(folder.files[name].size, MAX_SOURCE)
        if left < 0 or number >= MAX_FILES:
            if loaded:
                reason = f"more than {MAX_FILES} Python files or {MAX_TOTAL:,} bytes of them beside the model"
                yield path, Hole(kind=HoleKind.BOUND, reason=reason)
            continue
        text = folder.text(name, MAX_SOURCE + 1)
        for part in judge_source(text, loaded=loaded) if text is not None else ():
            if loaded or isinstance(part, Hazard):
                yield path, part


def _asked(folder: Folder, every: list[str]) -> tuple[set[str], list[Finding]]:
    """Files that configurations name, and what is said of those that are not there."""
    found: set[str] = set()
    missing: list[Finding] = []
    for entry in folder.files.values():
        for told in entry.hazards("config-remote-code"):
            reference = told.subject.rpartition(":")[2]
            if "--" in reference or "." not in reference:
                continue
            name = reference.rpartition(".")[0].replace(".", "/") + ".py"
            there = {n for n in every if n == name or n.endswith(f"/{name}")}
            found |= there
            if not there:
                message = f"It names code in {name[:150]}, which is not in the folder and was not read."
                missing.append((entry.path, note("folder-code-missing", message, name)))
        for told in (*entry.hazards("config-imports-name"), *entry.hazards("mlflow-code-path")):
            reference = told.subject.partition(":")[2].rstrip("/")
            name = reference if reference.endswith(".py") else reference.partition(".")[0] + ".py"
            found |= {n for n in every if n == name or n.startswith(f"{reference}/")}
    return found, missing


def _by_name(name: str) -> bool:
    told = table()["run_by_name"]
    last = name.rpartition("/")[2]
    return name in told["loaders"] or last.startswith(tuple(told["prefixes"])) or last in told["python"]


def _reached(folder: Folder, start: set[str]) -> set[str]:
    """The files, and those that they import from beside them."""
    waiting, found = sorted(start), set(start)
    while waiting and len(found) < MAX_FILES:
        name = waiting.pop()
        text = folder.text(name, MAX_SOURCE + 1) or ""
        base = name.rpartition("/")[0]
        for module in relative_imports(text):
            other = f"{base}/{module}.py" if base else f"{module}.py"
            if other in folder.files and other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _shadows(name: str) -> str:
    """The module of another library that Python would take this file for, or nothing."""
    first, slash, _ = name.partition("/")
    if not name.endswith(_MODULES):
        return ""
    module = first if slash else first.partition(".")[0]
    return module if module in table()["shadowed"] else ""


def judge_shadows(folder: Folder) -> Iterator[Finding]:
    """Modules that stand where a pickle in the same folder expects a library."""
    pickles = [e for e in folder.here() if e.pickled]
    needs = {n for e in pickles for n in (*e.fact("needs").split(","), *_globals(e)) if n}
    for name, entry in folder.files.items():
        module = _shadows(name)
        if module:
            yield from _shadow(folder, name, entry, module, bool(pickles), module in needs)


def _globals(entry: FolderEntry) -> Iterator[str]:
    yield from (g.partition(".")[0] for g in entry.fact("globals").split(","))


def _shadow(
    folder: Folder, name: str, entry: FolderEntry, module: str, pickles: bool, needed: bool
) -> Iterator[Finding]:
    acts: list[Hazard] = []
    if name.endswith(".py"):
        text = folder.text(name, MAX_SOURCE + 1) or ""
        acts = [p for p in judge_source(text) if isinstance(p, Hazard) and p.level is Level.DANGEROUS]
    binary = name.endswith(_BINARY)
    level = Level.DANGEROUS if acts or (binary and needed) else Level.UNKNOWN
    why = "which a pickle beside it names" if needed else "which loaders of models import"
    message = f"Python started in this folder takes {name[:150]} for the module {module}, {why}."
    if pickles or acts or binary:
        yield entry.path, note("folder-shadow-module", message, module, level)
    yield from ((entry.path, act) for act in acts)


def judge_startup(folder: Folder) -> Iterator[Finding]:
    """Files that Python or its tools run without being asked, and packages to be installed."""
    for name, entry in folder.files.items():
        last = name.rpartition("/")[2].lower()
        if last in table()["run_by_name"]["python"]:
            message = (
                f"Python, or a tool of it, runs {last} by its name alone once its folder is on the path."
            )
            yield entry.path, note("folder-startup-file", message, last, Level.UNKNOWN)
        elif last.endswith(".pth") and not entry.weights:
            yield from _path_file(folder, name, entry)
        elif last.endswith((".whl", ".egg")):
            message = "A Python package lies beside the model; installing it runs, or brings, its code."
            level = Level.UNKNOWN if last.partition("-")[0] in table()["shadowed"] else Level.NOTE
            yield entry.path, note("folder-package-beside", message, last, level)
        elif last.endswith((".pyc", ".pyd", ".so", ".dll", ".dylib")) and not _shadows(name):
            message = "Compiled code lies beside the model; it cannot be judged by reading."
            level = Level.UNKNOWN if last.endswith(".pyc") else Level.NOTE
            yield entry.path, note("folder-compiled-code", message, last, level)


def _path_file(folder: Folder, name: str, entry: FolderEntry) -> Iterator[Finding]:
    """A `.pth` that is text: lines that begin with `import` are run at every start of Python."""
    text = folder.text(name, 1 << 16) or ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("import ", "import\t")):
            message = "In a folder of packages, Python runs this line at every start."
            found = hazard(
                "folder-path-file", Level.DANGEROUS, name, message, line=number, evidence=line[:300]
            )
            yield entry.path, found
            return
