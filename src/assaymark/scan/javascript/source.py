"""A source file's bytes → its facts: parse once, walk once, then ask each subject in turn."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.facts import CodeFile, Fact, LibraryUse, ScanProblem
from assaymark.scan.javascript.libraries import category_of, library_of
from assaymark.scan.javascript.parse import EXTENSIONS, LIMIT, parse, reason_to_skip
from assaymark.scan.paths import is_test_path

__all__ = ["NAME", "accepts", "scan"]

NAME = "javascript"
"""The scanner's name in problems and cache keys."""
MANY_ERRORS = 0.2
"""Share of a file's bytes in broken syntax from which the reader is told."""
_TEST = re.compile(
    rb"\b(describe|it|test)\s*\(\s*['\"`]|from\s+['\"](vitest|@jest/globals|node:test|mocha)['\"]"
)


def accepts(path: str, head: bytes) -> bool:
    """Whether `path` ends like JavaScript or TypeScript."""
    return PurePosixPath(path).suffix in EXTENSIONS


def scan(blob: Blob) -> Iterator[Fact]:
    """All facts of one source file."""
    source = blob.read(0, LIMIT).removeprefix(b"\xef\xbb\xbf")
    whole = Location(blob.path)
    reason = reason_to_skip(blob.path, blob.size, source)
    if reason:
        built = reason.startswith(("a generated", "minified"))
        yield ScanProblem(at=whole, scanner=NAME, reason=reason, built=built)
        return
    yield CodeFile(
        at=whole,
        language=EXTENSIONS[PurePosixPath(blob.path).suffix],
        lines=source.count(b"\n") + 1,
        is_test=is_test_path(blob.path) or _TEST.search(source) is not None,
    )
    yield from _facts(blob.path, source)


def _facts(path: str, source: bytes) -> Iterator[Fact]:
    from assaymark.scan.javascript.dangers import danger_facts
    from assaymark.scan.javascript.llm import llm_facts
    from assaymark.scan.javascript.records import record_facts
    from assaymark.scan.javascript.safeguards import safeguard_facts
    from assaymark.scan.javascript.summaries import function_summaries
    from assaymark.scan.javascript.tools import find_tools, tool_facts
    from assaymark.scan.javascript.values import Values
    from assaymark.scan.javascript.walk import build
    from assaymark.scan.javascript.web import find_routes, web_facts

    tree = parse(path, source)
    module = build(path, source, tree.root_node)
    values = Values(module)
    tools, routes = find_tools(values), find_routes(values)
    for specifier, line in module.import_lines.items():
        library = library_of(specifier)
        category = category_of(library)
        if category:
            yield LibraryUse(at=Location(path, line), library=library, category=category)
    yield from llm_facts(values)
    yield from tool_facts(values, tools)
    yield from web_facts(values, routes)
    yield from function_summaries(values)
    yield from danger_facts(values)
    yield from safeguard_facts(values)
    yield from record_facts(values)
    yield from _problems(path, len(source), module.errors, module.cut)


def _problems(path: str, size: int, errors: int, cut: str) -> Iterator[Fact]:
    if cut:
        yield ScanProblem(at=Location(path), scanner=NAME, reason=cut, partial=True)
    if size and errors / size > MANY_ERRORS:
        reason = f"broken syntax: {errors:,} of {size:,} bytes could not be parsed"
        yield ScanProblem(at=Location(path), scanner=NAME, reason=reason, partial=True)
