"""Ignore and attribute files → the rules that keep sensitive things out."""

from collections.abc import Iterator

from assaymark.observation import Location
from assaymark.scan.facts import Fact, IgnoreRule

__all__ = ["IGNORE_FILES", "scan_ignore"]

IGNORE_FILES = frozenset(
    {
        ".gitignore",
        ".dockerignore",
        ".gitattributes",
        ".containerignore",
        ".npmignore",
        ".gcloudignore",
        ".helmignore",
    }
    | {".aiexclude", ".cursorignore", ".claudeignore"}
)
MAX_RULES = 2_000


def scan_ignore(path: str, text: str) -> Iterator[Fact]:
    """One fact a rule; comments and empty lines left out, exceptions (`!`) kept as written."""
    name = path.rpartition("/")[2]
    rules = [(n, line.strip()) for n, line in enumerate(text.split("\n"), 1)]
    for number, rule in [(n, r) for n, r in rules if r and not r.startswith("#")][:MAX_RULES]:
        yield IgnoreRule(at=Location(path, number), file=name, pattern=rule[:300])
