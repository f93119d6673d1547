"""Bytes → a syntax tree, within bounds; never more than one parse a file."""

import functools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Parser, Tree


__all__ = ["EXTENSIONS", "LIMIT", "parse", "reason_to_skip"]

EXTENSIONS = {
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
}
"""File name endings → language."""

LIMIT = 1_000_000
"""Bytes past which a source file is taken for a bundle and left out."""
AVERAGE = 300
"""Bytes a line on average past which a file is taken for minified."""
DENSE = 10_000
"""Bytes up to which a file may have lines of any length."""
NESTING = 500
"""Open brackets at once past which a file is not parsed: the parser's own stack is finite."""
ANGLES = 20_000
"""`<` signs past which a file is not parsed: recovering from broken type arguments is slow."""
_BRACKETS = re.compile(rb"[(\[{}\])]")
_PLAIN_TYPESCRIPT = (".ts", ".mts", ".cts")
_BUILT = re.compile(r"(^|/)(_next/static|\.next|\.nuxt|\.svelte-kit)/|[.-][0-9a-f]{8,20}\.m?js$")
"""Folders and content hashes of build tools: what lies there was made from source, on few long lines."""
_BUNDLES = (".min.js", ".min.mjs", ".min.cjs", ".bundle.js", ".chunk.js", ".umd.js", ".d.ts")


@functools.cache
def _parser(plain: bool) -> "Parser":
    import tree_sitter_typescript as grammar
    from tree_sitter import Language, Parser

    pointer: Any = grammar.language_typescript() if plain else grammar.language_tsx()
    return Parser(Language(pointer))


def parse(path: str, source: bytes) -> "Tree":
    """The tree of `source`; broken syntax becomes ERROR nodes in it."""
    return _parser(path.endswith(_PLAIN_TYPESCRIPT)).parse(source)


def reason_to_skip(path: str, size: int, source: bytes) -> str:
    """Why a file is not parsed: a bundle, minified, too large, binary; empty if it is."""
    if path.lower().endswith(_BUNDLES):
        return "a generated bundle or declaration file, not source"
    if size > LIMIT:
        return f"larger than {LIMIT:,} bytes, taken for a bundle"
    if b"\0" in source[:65_536]:
        return "holds NUL bytes, so it is not source text"
    dense = 0 if _BUILT.search(path) else DENSE
    if len(source) > dense and len(source) > AVERAGE * (source.count(b"\n") + 1):
        return f"minified: its lines are longer than {AVERAGE:,} bytes on average"
    if source.count(b"<") > ANGLES:
        return f"more than {ANGLES:,} angle brackets, which no hand-written source holds"
    if _nesting(source) > NESTING:
        return f"brackets nested deeper than {NESTING:,}"
    return ""


def _nesting(source: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(source):
        depth = depth + 1 if bracket in b"([{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest
