"""Lock files → how many entries they fix, and how many by digest.

Lock files are long and written by machines, so they are counted line by line in their tools' fixed
layout rather than parsed whole; JSON locks are short enough to parse.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import Fact, Lockfile
from assaymark.scan.structured import read_json

__all__ = ["LOCKS", "scan_lock"]

Counts = tuple[int, int]


def _toml(text: str) -> Counts:
    """uv, Poetry, PDM and PEP 751: `[[package]]` tables with hashes among their lines."""
    blocks = re.split(r"^\[\[packages?\]\]\s*$", text, flags=re.MULTILINE)[1:]
    own = [
        b
        for b in blocks
        if not re.search(r"^source = \{ (?:virtual|editable|directory) =|^directory = ", b, re.MULTILINE)
    ]
    hashed = sum("sha256:" in b or "hash = " in b or "hashes = {" in b or "sha256 = " in b for b in own)
    legacy = re.search(r"^\[metadata\.files\]", text, re.MULTILINE)  # Poetry before 1.5 kept hashes apart
    return len(own), len(own) if legacy and hashed <= 1 else hashed


def _pipfile(text: str) -> Counts:
    top = _object(text)
    entries = [e for part in ("default", "develop") for e in _values(top.get(part))]
    return len(entries), sum(bool(isinstance(e, dict) and e.get("hashes")) for e in entries)


def _package_lock(text: str) -> Counts:
    top = _object(text)
    packages = top.get("packages")
    if isinstance(packages, dict):
        entries = [
            e
            for key, e in packages.items()
            if key and isinstance(e, dict) and not e.get("link") and "node_modules" in key
        ]
    else:
        entries = [e for e in _values(top.get("dependencies")) if isinstance(e, dict)]
    return len(entries), sum(bool(e.get("integrity")) for e in entries)


def _pnpm(text: str) -> Counts:
    return len(re.findall(r"^    resolution: ", text, re.MULTILINE)), len(
        re.findall(r"integrity: ?['\"]?sha", text)
    )


def _yarn(text: str) -> Counts:
    return len(re.findall(r"^  version:? ", text, re.MULTILINE)), len(
        re.findall(r"^  (?:integrity|checksum):? ", text, re.MULTILINE)
    )


def _bun(text: str) -> Counts:
    return len(re.findall(r'^    "[^"\n]{1,200}": \["', text, re.MULTILINE)), len(
        re.findall(r'"sha512-[A-Za-z0-9+/=]{20,}"\]', text)
    )


def _conda(text: str) -> Counts:
    explicit = re.findall(r"^https?://\S{1,400}", text, re.MULTILINE)
    if explicit:
        return len(explicit), sum("#" in url for url in explicit)
    return len(re.findall(r"^ {0,4}- name: ", text, re.MULTILINE)), len(
        re.findall(r"^\s{0,8}sha256: ", text, re.MULTILINE)
    )


def _object(text: str) -> dict[str, Any]:
    value, _ = read_json(text)
    return value if isinstance(value, dict) else {}


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


LOCKS: dict[str, tuple[str, str, str, Callable[[str], Counts]]] = {
    "uv.lock": ("pypi", "uv", "pyproject.toml", _toml),
    "poetry.lock": ("pypi", "poetry", "pyproject.toml", _toml),
    "pdm.lock": ("pypi", "pdm", "pyproject.toml", _toml),
    "pylock.toml": ("pypi", "pip", "pyproject.toml", _toml),
    "pipfile.lock": ("pypi", "pipenv", "Pipfile", _pipfile),
    "package-lock.json": ("npm", "npm", "package.json", _package_lock),
    "npm-shrinkwrap.json": ("npm", "npm", "package.json", _package_lock),
    "pnpm-lock.yaml": ("npm", "pnpm", "package.json", _pnpm),
    "yarn.lock": ("npm", "yarn", "package.json", _yarn),
    "bun.lock": ("npm", "bun", "package.json", _bun),
    "conda-lock.yml": ("conda", "conda-lock", "environment.yml", _conda),
    "conda-linux-64.lock": ("conda", "conda-lock", "environment.yml", _conda),
    "pixi.lock": ("conda", "pixi", "pixi.toml", _conda),
}
"""File name in lower case → ecosystem, tool, the declaration beside it, how to count."""


def scan_lock(path: str, text: str) -> Iterator[Fact]:
    """The lock file as a whole."""
    folder, _, name = path.rpartition("/")
    ecosystem, tool, declaration, count = LOCKS[name.lower()]
    entries, hashed = count(text)
    covers = f"{folder}/{declaration}" if folder else declaration
    yield Lockfile(
        at=Location(path),
        ecosystem=ecosystem,
        tool=tool,
        entries=entries,
        hashed=min(hashed, entries),
        covers=covers,
    )
