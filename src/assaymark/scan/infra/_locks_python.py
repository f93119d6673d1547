"""uv.lock, poetry.lock, pdm.lock, pylock.toml and Pipfile.lock → what they fix.

The TOML locks are long and written by machines, so they are read line by line in their tools' fixed
layout; a line that is no TOML, or a string over several lines, is told instead of being misread.
"""

import json
import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.scan.facts import LockedPackage
from assaymark.scan.infra._locked import LONGEST, Locks, kept_hashes, locked, pypi_name

__all__ = ["pipfile_lock", "toml_lock"]

_SHAPE = re.compile(
    r"[ \t]*(?:#.*|\[\[?[^\]]{1,300}\]\]?[ \t]*(?:#.*)?"
    r"|(?:\"[^\"]{0,300}\"|'[^']{0,300}'|[\w.\-]{1,300})[ \t]*=[ \t]*[^\s=].*|[\[{\"'\]}].*|)\Z"
)
_HEADER = re.compile(r"\[\[?([^\]]{1,300})\]\]?[ \t]*(?:#.*)?\Z")
_KEY = re.compile(r"(name|version|source|git|url|path|directory|vcs|archive|editable|virtual) ?= ?(.*)\Z")
_STRING = re.compile(r"[\"']([^\"']{0,300})[\"']")
_HASH = re.compile(r"\b(sha(?:256|384|512)):([0-9a-f]{8,128})|\b(sha256) ?= ?[\"']([0-9a-f]{8,64})")
_LOCAL = ("editable", "virtual", "directory", "path")


class _Block(Struct):
    """The lines of one `[[package]]` as far as they matter."""

    line: int
    name: str = ""
    version: str = ""
    source: str = ""
    hashed: bool = False
    hashes: tuple[str, ...] = ()

    def origin(self, kind: str) -> None:
        """Note that the package comes from no registry."""
        if kind in _LOCAL:
            self.source = "path"
        elif kind in ("git", "vcs", "hg", "svn", "bzr"):
            self.source = "git"
        elif kind in ("url", "archive", "file"):
            self.source = self.source or "url"


def toml_lock(text: str) -> Locks:
    """uv, Poetry, PDM and PEP 751: `[[package]]` tables with hashes among their lines."""
    blocks, problem, legacy = _blocks(text)
    own = [b for b in blocks if b.source != "path"]
    if legacy and sum(b.hashed for b in own) <= 1:  # Poetry before 1.5 kept all hashes in one table
        for block in own:
            block.hashed = True
    return locked(((_package(b), b.hashed) for b in own), problem)


def _package(block: _Block) -> LockedPackage:
    return LockedPackage(
        ecosystem="pypi",
        name=pypi_name(block.name[:LONGEST]),
        version="" if block.source else block.version[:LONGEST],
        line=block.line,
        hashes=block.hashes,
        source=block.source,
    )


def _blocks(text: str) -> tuple[list[_Block], str, bool]:
    blocks: list[_Block] = []
    section, problem, legacy = "", "", False
    for number, line in enumerate(text.split("\n"), 1):
        if _SHAPE.match(line) is None:
            problem = problem or f"broken syntax at line {number}"
            continue
        if '"""' in line or "'''" in line:
            problem = problem or f"a string over several lines at line {number}"
        header = _HEADER.match(line)
        if header is None:
            if blocks and section:
                _take(blocks[-1], section, line)
            continue
        section = header[1].strip()
        legacy = legacy or section == "metadata.files"
        if section in ("package", "packages") and line.startswith("[["):
            blocks.append(_Block(number))
        elif not section.startswith(("package.", "packages.")):
            section = ""
        elif blocks and section.count(".") == 1:
            blocks[-1].origin(section.rpartition(".")[2])
    nameless = next((b.line for b in blocks if not b.name), 0)
    if nameless:
        problem = problem or f"the package at line {nameless} has no name"
    return [b for b in blocks if b.name], problem, legacy


def _take(block: _Block, section: str, line: str) -> None:
    found = _KEY.match(line)
    own = section in ("package", "packages")
    if found is not None and own:
        _own_key(block, found[1], found[2])
    elif section == "package.source" and line.startswith("type"):
        block.origin(_first_string(line))
    if own or section.startswith(("packages.", "package.files")):
        _digests(block, line)


def _own_key(block: _Block, key: str, value: str) -> None:
    if key == "name":
        block.name = _first_string(value)
    elif key == "version":
        block.version = _first_string(value)
    elif key == "source":
        kind = re.match(r"\{ ?(\w{1,20}) ?=", value)
        block.origin(kind[1] if kind else "")
    else:
        block.origin(key)


def _digests(block: _Block, line: str) -> None:
    if "sha256" not in line and "hash" not in line:
        return
    found = [f"{m[1] or m[3]}:{m[2] or m[4]}" for m in _HASH.finditer(line)]
    block.hashed = block.hashed or bool(found) or "hash = " in line or "sha256:" in line
    if len(block.hashes) < 4:
        block.hashes = kept_hashes((*block.hashes, *found))


def _first_string(text: str) -> str:
    found = _STRING.search(text)
    return found[1] if found else ""


def pipfile_lock(text: str) -> Locks:
    """Pipenv's lock: versions as `==1.0` in `default` and `develop`."""
    try:
        top = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        return Locks([], 0, f"broken syntax: {str(wrong)[:200]}")
    if not isinstance(top, dict):
        return Locks([], 0, "no mapping of packages")
    lines = _lines_of_names(text)
    return locked(_pipfile_entries(top, lines))


def _pipfile_entries(top: dict[str, object], lines: dict[str, int]) -> Iterator[tuple[LockedPackage, bool]]:
    for part in ("default", "develop"):
        entries = top.get(part)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if not isinstance(entry, dict) or "path" in entry or entry.get("editable") is True:
                continue
            version, hashes = entry.get("version"), entry.get("hashes")
            exact = version.removeprefix("==") if isinstance(version, str) else ""
            one = LockedPackage(
                ecosystem="pypi",
                name=pypi_name(name[:LONGEST]),
                version="" if "git" in entry else exact.strip()[:LONGEST],
                line=lines.get(name, 0),
                hashes=kept_hashes(str(h) for h in hashes) if isinstance(hashes, list) else (),
                source="git" if "git" in entry else "",
            )
            yield one, bool(hashes)


def _lines_of_names(text: str) -> dict[str, int]:
    """Lines on which an object begins, by its key; the first of each name."""
    lines: dict[str, int] = {}
    number, place = 1, 0
    for found in re.finditer(r"\"([^\"\\\n]{1,214})\"[ \t]{0,9}:[ \t\n]{0,9}\{", text):
        number += text.count("\n", place, found.start())
        place = found.start()
        lines.setdefault(found[1], number)
    return lines
