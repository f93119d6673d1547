"""package.json → what a JavaScript project asks for."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import Dependency, Fact, ScanProblem
from assaymark.scan.structured import line_of_json_key, read_json

__all__ = ["from_package_json", "npm_dependency"]

_GROUPS = (("dependencies", ""), ("devDependencies", "dev"), ("optionalDependencies", "optional"))
_EXACT = re.compile(r"=?v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][\w.\-+]{1,100})?\Z")
_REMOTE = re.compile(
    r"(?:git\+|git:|git@|https?:|github:|gitlab:|bitbucket:)|[\w\-]{1,60}/[\w.\-]{1,100}(?:#.{0,100})?\Z"
)
_COMMIT = re.compile(r"#[0-9a-f]{40}\Z")
MAX_ENTRIES = 5_000


def npm_dependency(place: Location, name: str, spec: str, group: str = "") -> Dependency:
    """One npm requirement."""
    local = spec.startswith(("file:", "link:", "workspace:", "portal:", "catalog:"))
    exact = _EXACT.match(spec) is not None
    remote = not local and _REMOTE.match(spec) is not None
    fixed = _COMMIT.search(spec) is not None
    return Dependency(
        at=place,
        ecosystem="npm",
        name=name[:200],
        spec=spec[:120],
        pinned=local or fixed or exact,
        mutable=(remote and not fixed) or spec in ("latest", "next", "*", "x", ""),
        group=group,
        version=spec.lstrip("=v") if exact else "",
        local=local and not spec.startswith("catalog:"),
    )


def from_package_json(path: str, text: str) -> Iterator[Fact]:
    """The dependencies of a package.json."""
    top, problem = read_json(text)
    if problem or not isinstance(top, dict):
        return
    for table, group in _GROUPS:
        entries: Any = top.get(table)
        if isinstance(entries, dict) and len(entries) > MAX_ENTRIES:
            reason = f"only the first {MAX_ENTRIES:,} of {table} were read"
            yield ScanProblem(at=Location(path), scanner="dependencies", reason=reason, partial=True)
        for name, spec in list(entries.items())[:MAX_ENTRIES] if isinstance(entries, dict) else ():
            if isinstance(spec, str):
                yield npm_dependency(Location(path, line_of_json_key(text, table, name)), name, spec, group)
