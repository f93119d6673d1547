"""conda-lock.yml, pixi.lock and lists of explicit package addresses → what they fix.

Long and written by machines, so read line by line; a package is taken from its own keys or from the name
of the archive in its address, `name-version-build.conda`.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from assaymark.scan.facts import LockedFile, LockedPackage
from assaymark.scan.infra._locked import Locks, address_of, digests, locked, pypi_name, section_lines
from assaymark.scan.words import shortened

__all__ = ["conda_lock", "explicit_list", "is_explicit"]

Entry = tuple[LockedPackage, bool]

_ARCHIVE = re.compile(r"([^/]{1,200})-([^/\-]{1,100})-([^/\-]{1,100})\.(?:conda|tar\.bz2)\Z")
_WHEEL = re.compile(r"([^/\-]{1,200})-([^/\-]{1,100})(?:-[^/]{1,200}\.whl|\.tar\.gz|\.zip)\Z")
_LISTED = re.compile(r"([A-Za-z0-9_][\w.\-]{0,200})=(\d[^=\s]{0,100})=([^=\s]{1,100})\Z")
"""A line of `conda list --export`."""
_ITEM = re.compile(r"( {0,4})- ?(.*)\Z")
_FIELD = re.compile(r"([A-Za-z_\d]{1,20}): ?(.*)\Z")


def is_explicit(head: str) -> bool:
    """Whether a text is a list of addresses that `conda create --file` takes."""
    return re.search(r"^@EXPLICIT[ \t]*$", head, re.MULTILINE) is not None


def explicit_list(text: str) -> Locks:
    """A list of addresses, with the archive's digest after `#`, or what `conda list --export` writes."""
    return locked(_addresses(text))


def _addresses(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip().removeprefix("# pip ")
        listed = _LISTED.match(line)
        if listed is not None:
            pip = listed[3] == "pypi_0"
            name = pypi_name(listed[1]) if pip else listed[1].lower()
            kind = "pypi" if pip else "conda"
            yield LockedPackage(ecosystem=kind, name=name, version=listed[2], line=number), False
        if not re.match(r"https?://|\w[\w.\-]{0,200} @ https?://", line):
            continue
        url, _, digest = line.partition("#")
        digest = digest.replace("sha256=", "sha256:", 1)
        found = _from_address(url.strip(), number, (digest,) if digest else ())
        if found is not None:
            yield found, bool(digest)


def _from_address(url: str, line: int, hashes: tuple[str, ...]) -> LockedPackage | None:
    base = unquote(url.rpartition("/")[2][:1_000])[:400]
    for pattern, ecosystem in ((_ARCHIVE, "conda"), (_WHEEL, "pypi")):
        found = pattern.match(base)
        if found is not None:
            name = pypi_name(found[1]) if ecosystem == "pypi" else found[1].lower()
            return _package(ecosystem, name, url, hashes, version=found[2], line=line)
    return None


def _package(ecosystem: str, name: str, url: str, hashes: tuple[str, ...], **more: Any) -> LockedPackage:
    """The package of one archive; a line of `pip` has its name before the address."""
    address = address_of(url.rpartition(" @ ")[2])
    remote = address.startswith(("https://", "http://"))
    found = digests(hashes)
    files = (LockedFile(address, found),) if remote else ()
    return LockedPackage(ecosystem=ecosystem, name=name, hashes=() if remote else found, files=files, **more)


def conda_lock(text: str) -> Locks:
    """conda-lock's unified file (`package:`) and pixi's (`packages:`); a list of addresses as well."""
    if is_explicit(text[:10_000]) or not re.search(r"^packages?:\s*$", text, re.MULTILINE):
        return explicit_list(text)
    header = "packages:" if re.search(r"^packages:\s*$", text, re.MULTILINE) else "package:"
    return locked(_items(text, header))


def _items(text: str, header: str) -> Iterator[Entry]:
    """Each list item as its scalar keys; keys of mappings within an item count for their digests only."""
    fields, line, depth = dict[str, str](), 0, 0
    for number, row in section_lines(text, header):
        item = _ITEM.match(row)
        if item is not None and (not line or len(item[1]) <= depth):
            yield from _item(fields, line)
            fields, line, depth = {}, number, len(item[1])
            row = " " * (depth + 2) + item[2]
        found = _FIELD.match(row.strip())
        indent = len(row) - len(row.lstrip())
        if found is not None and (indent == depth + 2 or found[1] in ("sha256", "md5")):
            fields.setdefault(found[1], found[2].strip().strip("'\""))
    yield from _item(fields, line)


def _item(fields: dict[str, str], line: int) -> Iterator[Entry]:
    if not fields:
        return
    address = fields.get("conda") or fields.get("pypi") or fields.get("url", "")
    pip = "pypi" in fields or fields.get("manager") == "pip" or fields.get("kind") == "pypi"
    name, version = fields.get("name", ""), fields.get("version", "")
    hashes = tuple(f"{k}:{fields[k]}" for k in ("sha256", "md5") if fields.get(k))
    if address.startswith(("./", "../", "file:")) or fields.get("editable") == "true":
        return
    licence = "" if fields.get("license") == "null" else shortened(fields.get("license"))
    if not name or not version:
        known = _from_address(address, line, hashes)
        if known is not None:
            yield msgspec.structs.replace(known, licence=licence), "sha256" in fields
            return
    commit = address.startswith("git+") or not (name and version)
    kind = "pypi" if pip else "conda"
    one = _package(
        kind,
        pypi_name(shortened(name)) if pip else shortened(name).lower(),
        address,
        hashes,
        version="" if commit else shortened(version),
        stated=shortened(version) if commit else "",
        line=line,
        source="git" if commit else "",
        address=address_of(address) if commit else "",
        licence=licence,
    )
    if name:
        yield one, "sha256" in fields
