"""Lock files of conda and pixi, read line by line in their tools' fixed layout."""

import re

from assaymark.bom import Artefact, Hash
from assaymark.discover.bom_locked import Locked, hash_of, pypi_name, shortened

__all__ = ["read_conda_lock"]

_FIELD = re.compile(r" {0,12}(?:- )?([a-z0-9_]{1,20}): ?(.{1,1000})")
_ARCHIVES = (".conda", ".tar.bz2")
_LONGEST = 2000


def read_conda_lock(text: str) -> tuple[list[Locked], str]:
    """The packages of conda-lock.yml, pixi.lock, or a list of addresses below `@EXPLICIT`."""
    found: list[Locked] = []
    entry: dict[str, str] = {}
    line_of_entry = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("https://", "http://")):
            url, _, digest = line.strip().partition("#")
            named = _from_conda_url(url)
            hash_ = hash_of(digest) if digest else None
            found += _locked("conda", *named, url, {hash_} if hash_ is not None else set(), number)
            continue
        if line.startswith(("- ", "  - ")):
            found += _package(entry, line_of_entry)
            entry, line_of_entry = {}, number
        field = _FIELD.match(line)
        if field is not None:
            entry.setdefault(field[1], field[2].strip().strip("'\""))
    return [*found, *_package(entry, line_of_entry)], ""


def _from_conda_url(url: str) -> tuple[str, str]:
    """Name and version in `…/linux-64/NAME-VERSION-BUILD.conda`."""
    suffix = next((s for s in _ARCHIVES if url.endswith(s)), "")
    parts = url.rpartition("/")[2].removesuffix(suffix).rsplit("-", 2)
    return (parts[0], parts[1]) if suffix and len(parts) == 3 and len(url) <= _LONGEST else ("", "")


def _from_pypi_url(url: str) -> tuple[str, str]:
    """Name and version in `…/NAME-VERSION-py3-none-any.whl` or `…/NAME-VERSION.tar.gz`."""
    file = url.rpartition("/")[2]
    if file.endswith(".whl"):
        parts = file.split("-")
        return (parts[0], parts[1]) if len(parts) >= 5 else ("", "")
    name, dash, version = file.removesuffix(".tar.gz").rpartition("-")
    return (name, version) if dash and file.endswith(".tar.gz") else ("", "")


def _package(entry: dict[str, str], line: int) -> list[Locked]:
    url = entry.get("url") or entry.get("conda") or entry.get("pypi") or ""
    pypi = entry.get("manager") == "pip" or "pypi" in entry
    name, version = _from_pypi_url(url) if pypi else _from_conda_url(url)
    licence = "" if entry.get("license") in (None, "null") else shortened(entry["license"])
    found = (f"{a}:{entry[a]}" for a in ("sha256", "md5") if entry.get(a))
    hashes = {h for t in found if (h := hash_of(t)) is not None}
    name, version = entry.get("name") or name, entry.get("version") or version
    return _locked("pypi" if pypi else "conda", name, version, url, hashes, line, licence)


def _locked(
    ecosystem: str, name: str, version: str, url: str, hashes: set[Hash], line: int, licence: str = ""
) -> list[Locked]:
    if not (name and version and url):
        return []
    return [
        Locked(
            ecosystem=ecosystem,
            name=pypi_name(shortened(name)) if ecosystem == "pypi" else shortened(name),
            version=shortened(version),
            artefacts=(Artefact(shortened(url, _LONGEST), tuple(sorted(hashes))),),
            licence=licence,
            line=line,
        )
    ]
