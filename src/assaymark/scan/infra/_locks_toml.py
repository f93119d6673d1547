"""uv.lock, poetry.lock, pdm.lock and pylock.toml → what they fix.

Long and written by machines, so read line by line in their tools' fixed layout; a line that is no TOML, a
string over several lines, or a list without its end is told instead of being misread.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.scan.facts import LockedFile, LockedPackage
from assaymark.scan.infra._locked import Locks, address_of, digests, locked, pypi_name
from assaymark.scan.infra._toml_lines import Table, first_string, items
from assaymark.scan.words import shortened

__all__ = ["toml_lock"]

_SHAPE = re.compile(
    r"[ \t]*(?:#.*|\[\[?[^\]]{1,300}\]\]?[ \t]*(?:#.*)?"
    r"|(?:\"[^\"]{0,300}\"|'[^']{0,300}'|[\w.\-]{1,300})[ \t]*=[ \t]*[^\s=].*|[\[{\"'\]}].*|)\Z"
)
_HEADER = re.compile(r"(\[\[?)([^\]]{1,300})\]\]?[ \t]*(?:#.*)?\Z")
_KEY = re.compile(r"(?:\"([^\"]{1,300})\"|'([^']{1,300})'|([\w\-]{1,300})) {0,4}= {0,4}(.*)\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_FILES = ("wheels", "files", "sdist", "archive")
_OWN = ("editable", "virtual", "directory")
_ORIGINS = ("git", "url", "path", "vcs", "archive", *_OWN)
_KINDS = {
    **dict.fromkeys(("path", "directory"), "path"),
    **dict.fromkeys(("git", "vcs", "hg", "svn", "bzr"), "git"),
    **dict.fromkeys(("url", "archive", "file"), "url"),
}


class _Block(Struct):
    """The lines of one `[[package]]` as far as they matter."""

    line: int
    name: str = ""
    version: str = ""
    own: bool = False
    """It is the project itself, or a member of its workspace."""
    source: str = ""
    origin: Table = {}
    """What `source` or `vcs` says."""
    files: list[Table] = []
    needs: list[Table] = []
    listed: bool = False
    """Each need is a table of its own, with its name inside."""

    def comes_from(self, kind: str) -> None:
        """Note that the package comes from no registry."""
        found = _KINDS.get(kind, "")
        self.source = self.source if found == "url" and self.source else found or self.source


def toml_lock(text: str) -> Locks:
    """uv, Poetry, PDM and PEP 751: `[[package]]` tables with hashes among their lines."""
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), 1):
        reader.read(number, line)
    reader.end()
    nameless = next((f"the package at line {b.line} has no name" for b in reader.blocks if not _named(b)), "")
    kept = [b for b in reader.blocks if _named(b) and not b.own]
    packages = (_package(b, reader.legacy.get(pypi_name(b.name), [])) for b in kept)
    return locked(((p, _is_hashed(p)) for p in packages), reader.problem or nameless)


def _named(block: _Block) -> bool:
    return bool(pypi_name(shortened(block.name)))


def _is_hashed(package: LockedPackage) -> bool:
    return bool(package.hashes) or any(f.hashes for f in package.files)


def _package(block: _Block, legacy: list[Table]) -> LockedPackage:
    files = [(address_of(f.get("url", "")), _digests(f)) for f in (*block.files, *legacy)]
    version = shortened(block.version)
    return LockedPackage(
        ecosystem="pypi",
        name=pypi_name(shortened(block.name)),
        version="" if block.source else version,
        stated=version if block.source else "",
        line=block.line,
        hashes=tuple(dict.fromkeys(h for address, found in files if not address for h in found)),
        files=tuple(LockedFile(address, found) for address, found in files if address),
        source=block.source,
        address=_address(block.origin),
        needs=tuple(dict.fromkeys(_needs(block.needs))),
    )


def _digests(file: Table) -> tuple[str, ...]:
    if "hash" in file:
        return digests((file["hash"],))
    return digests(f"{k[7:]}:{v}" for k, v in file.items() if k.startswith("hashes."))


def _address(origin: Table) -> str:
    """Repository, folder or address; a registry's, or one archive's own, is told with its files."""
    if origin.get("type", "git") in ("legacy", "url"):
        return ""
    return address_of(origin.get("git") or origin.get("url", ""))


def _needs(found: list[Table]) -> Iterator[tuple[str, str]]:
    for one in found:
        name = _NAME.match(one.get("name", ""))
        if name is not None:
            yield pypi_name(name[0]), shortened(one.get("version", ""))


class _Reader:
    """Where in a lock the next line belongs."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self.legacy: dict[str, list[Table]] = {}
        """Poetry before 1.5 kept the files of all packages in one table."""
        self.problem = ""
        self._section = ""
        self._key = ""
        self._list_at = 0
        """Line on which a list began that has no end yet."""

    def read(self, number: int, line: str) -> None:
        """Take one line."""
        if _SHAPE.match(line) is None:
            self._tell(f"broken syntax at line {number}")
            return
        if '"""' in line or "'''" in line:
            self._tell(f"a string over several lines at line {number}")
        header = _HEADER.match(line)
        if header is not None:
            self.end()
            self._open(number, header[2].strip(), listed=header[1] == "[[")
            return
        found = _KEY.match(line)
        if found is not None:
            self._key = found[1] or found[2] or found[3]
            self._list_at = number if found[4].rstrip().endswith("[") else 0
        elif line.startswith("]"):
            self._list_at = 0
        if self._section == "metadata.files":
            self.legacy.setdefault(pypi_name(self._key), []).extend(_tables(found[4] if found else line))
        elif self._section and self.blocks:
            _take(self.blocks[-1], self._section, self._key, found[4] if found else None, line)

    def end(self) -> None:
        """A table ends here, or the file."""
        if self._list_at:
            self._tell(f"the list at line {self._list_at} has no end")
        self._key, self._list_at = "", 0

    def _tell(self, problem: str) -> None:
        self.problem = self.problem or problem

    def _open(self, number: int, section: str, *, listed: bool) -> None:
        top, _, part = section.partition(".")
        self._section = section if top in ("package", "packages") or section == "metadata.files" else ""
        if not part and self._section and listed:
            self.blocks.append(_Block(number))
        elif part and self.blocks and top in ("package", "packages"):
            _open_part(self.blocks[-1], part, listed=listed)


def _open_part(block: _Block, part: str, *, listed: bool) -> None:
    """A table within a package begins."""
    first, _, rest = part.partition(".")
    if first == "dependencies":
        block.listed = listed
        if listed or rest:
            block.needs.append({"name": rest.strip("\"'")} if rest else {})
    elif first in _FILES and not rest:
        block.files.append({})
    if first in _ORIGINS and not rest:
        block.comes_from(first)
        block.own = block.own or first in _OWN


def _take(block: _Block, section: str, key: str, value: str | None, line: str) -> None:
    """A line `key = value` of a section, or one within the list that `key` holds if `value` is None."""
    first, _, rest = section.partition(".")[2].partition(".")
    if not first:
        _own_key(block, key, value, line)
    elif value is None:
        return
    elif first in ("source", "vcs"):
        block.origin.setdefault(key, first_string(value))
        if first == "source" and key == "type":
            block.comes_from(block.origin["type"])
    elif first in _FILES and block.files:
        _file_key(block.files[-1], f"{rest}.{key}" if rest else key, value)
    elif first == "dependencies" and not rest and block.listed and block.needs:
        block.needs[-1].setdefault(key, first_string(value))
    elif first == "dependencies" and not rest:
        block.needs.append({"name": key})


def _file_key(file: Table, key: str, value: str) -> None:
    for table in _tables(value):
        file.update((f"{key}.{k}", v) for k, v in table.items())
    file.setdefault(key, first_string(value))


def _own_key(block: _Block, key: str, value: str | None, line: str) -> None:
    """A key of `[[package]]` itself, or a line of the list that it holds."""
    text = line if value is None else value
    if key in _FILES:
        block.files += _tables(text)
        if key == "archive":
            block.comes_from(key)
    elif key == "dependencies":
        block.needs += (i if isinstance(i, dict) else {"name": i} for i in items(text))
    elif value is not None:
        _scalar(block, key, value)


def _scalar(block: _Block, key: str, value: str) -> None:
    if key == "name":
        block.name = first_string(value)
    elif key == "version":
        block.version = first_string(value)
    elif key in ("source", "vcs"):
        block.origin = next(_tables(value), {})
        block.comes_from(block.origin.get("type") or next(iter(block.origin), ""))
        block.comes_from(key)
        block.own = block.own or any(k in _OWN for k in block.origin)
    elif key in _ORIGINS:
        block.comes_from(key)
        block.own = block.own or key in _OWN
        if key == "git":
            block.origin = {key: first_string(value)}


def _tables(text: str) -> Iterator[Table]:
    return (i for i in items(text) if isinstance(i, dict))
