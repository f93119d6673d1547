"""Pipfile.lock → what it fixes."""

import re
from collections.abc import Iterator

from assaymark.scan.facts import LockedPackage
from assaymark.scan.infra._locked import Locks, address_of, digests, locked, parsed_json, pypi_name
from assaymark.scan.words import shortened

__all__ = ["pipfile_lock"]


def pipfile_lock(text: str) -> Locks:
    """Pipenv's lock: versions as `==1.0` in `default` and `develop`."""
    top, problem = parsed_json(text)
    if not isinstance(top, dict):
        return Locks([], problem=problem or "no mapping of packages")
    return locked(_entries(top, _lines_of_names(text)))


def _entries(top: dict[str, object], lines: dict[str, int]) -> Iterator[tuple[LockedPackage, bool]]:
    for part in ("default", "develop"):
        entries = top.get(part)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if not isinstance(entry, dict) or entry.get("editable") is True or not name.strip():
                continue
            hashes = entry.get("hashes")
            source = "path" if "path" in entry else "git" if "git" in entry else ""
            version = shortened(entry.get("version")).lstrip("=").strip()
            one = LockedPackage(
                ecosystem="pypi",
                name=pypi_name(shortened(name)),
                version="" if source else version,
                stated=version if source else "",
                line=lines.get(name, 0),
                hashes=digests(hashes) if isinstance(hashes, list) else (),
                source=source,
                address=address_of(entry.get("git")),
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
