"""Lock files of the Python world: uv, Poetry, PDM, PEP 751, Pipenv and requirements with exact versions."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.bom import Artefact, Hash
from assaymark.discover.bom_locked import Locked, hash_of, parsed_json, pypi_name, shortened
from assaymark.scan.structured import read_toml

__all__ = ["read_pipfile_lock", "read_requirements", "read_toml_lock"]

_PIN = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]{0,200})(?:\[[^\]\n]{0,200}\])?\s{0,20}===?\s{0,20}([^\s;#,\\]{1,200})"
)
_HASH = re.compile(r"--hash[= ](sha(?:256|384|512):[0-9a-fA-F]{64,128})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_DOTS = 60
"""Dots in a TOML key: each makes a table, and no lock file nests as deep."""


def read_toml_lock(text: str) -> tuple[list[Locked], str]:
    """The packages of uv.lock, poetry.lock, pdm.lock or pylock.toml, and what was wrong if anything was."""
    if any(line.partition("=")[0].count(".") > _DOTS for line in text.splitlines()):
        return [], f"a key nests more than {_DOTS} tables"
    top, problem = read_toml(text)
    entries = top.get("package") or top.get("packages")
    legacy = _legacy_files(top)
    packages = [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    found = [_package(e, legacy) for e in packages if not _is_own(e)]
    return [p for p in found if p is not None], problem


def _is_own(entry: dict[str, Any]) -> bool:
    """Whether it is the project itself, or a member of its workspace."""
    source = entry.get("source")
    keys = source if isinstance(source, dict) else entry
    return any(k in keys for k in ("virtual", "editable", "directory"))


def _legacy_files(top: dict[str, Any]) -> dict[str, Any]:
    """Poetry before 1.5 kept the files of all packages in one table."""
    metadata = top.get("metadata")
    files = metadata.get("files") if isinstance(metadata, dict) else None
    return files if isinstance(files, dict) else {}


def _package(entry: dict[str, Any], legacy: dict[str, Any]) -> Locked | None:
    name, version = shortened(entry.get("name")), shortened(entry.get("version"))
    if not name:
        return None
    files = [f for f in _files(entry, legacy.get(name)) if isinstance(f, dict)]
    pairs = [(shortened(f.get("url"), 2000), _hashes(f)) for f in files]
    return Locked(
        ecosystem="pypi",
        name=pypi_name(name),
        version=version,
        hashes=tuple(sorted({h for url, hashes in pairs if not url for h in hashes})),
        artefacts=tuple(sorted({Artefact(url, hashes) for url, hashes in pairs if url})),
        url=_origin(entry),
        requires=tuple(sorted(set(_requires(entry.get("dependencies"))))),
    )


def _files(entry: dict[str, Any], legacy: Any) -> Iterator[Any]:
    for key in ("wheels", "files"):
        if isinstance(entry.get(key), list):
            yield from entry[key]
    for key in ("sdist", "archive"):
        if isinstance(entry.get(key), dict):
            yield entry[key]
    if isinstance(legacy, list):
        yield from legacy


def _hashes(file: dict[str, Any]) -> tuple[Hash, ...]:
    table = file.get("hashes")
    if isinstance(table, dict):
        texts = [f"{k}:{v}" for k, v in table.items() if isinstance(v, str)]
    else:
        texts = [file["hash"]] if isinstance(file.get("hash"), str) else []
    return tuple(sorted({h for t in texts if (h := hash_of(t)) is not None}))


def _origin(entry: dict[str, Any]) -> str:
    """Where it comes from, if that is a repository or an address of its own."""
    source = entry.get("source") or entry.get("vcs")
    if not isinstance(source, dict):
        return shortened(entry.get("git"), 2000)
    for key in ("git", "url"):
        if isinstance(source.get(key), str) and source.get("type", "git") not in ("legacy", "url"):
            return shortened(source[key], 2000)
    return ""


def _requires(found: Any) -> Iterator[tuple[str, str]]:
    """Names of what it needs: a list of tables (uv, PEP 751), of texts (PDM), or a table (Poetry)."""
    for one in found if isinstance(found, list | dict) else ():
        if isinstance(one, dict):
            name, version = one.get("name"), shortened(one.get("version"))
        else:
            name, version = one, ""
        match = _NAME.match(name) if isinstance(name, str) else None
        if match is not None:
            yield pypi_name(match[0]), version


def read_pipfile_lock(text: str) -> tuple[list[Locked], str]:
    """The packages of Pipfile.lock."""
    top, problem = parsed_json(text)
    found = []
    for part in ("default", "develop"):
        table = top.get(part) if isinstance(top, dict) else None
        for name, entry in table.items() if isinstance(table, dict) else ():
            entry = entry if isinstance(entry, dict) else {}
            listed = entry.get("hashes")
            texts = [t for t in listed if isinstance(t, str)] if isinstance(listed, list) else []
            found.append(
                Locked(
                    ecosystem="pypi",
                    name=pypi_name(shortened(name)),
                    version=shortened(entry.get("version")).lstrip("="),
                    hashes=tuple(sorted({h for t in texts if (h := hash_of(t)) is not None})),
                    url=shortened(entry.get("git"), 2000),
                )
            )
    return found, problem


def read_requirements(text: str) -> tuple[list[Locked], str]:
    """Lines of a requirements file that fix one version, with digests and the notes on who needs them."""
    blocks: list[_Block] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            if blocks:
                blocks[-1].note(stripped)
            continue
        pin = _PIN.match(stripped) if line[:1] not in (" ", "\t") else None
        if pin is not None:
            blocks.append(_Block(pin[1], pin[2], number))
        elif stripped and line[:1] not in (" ", "\t") and not stripped.startswith("--hash"):
            blocks.append(_Block("", "", number))  # what follows belongs to no exact version
        if blocks:
            blocks[-1].read(stripped)
    return _joined([b for b in blocks if b.name]), ""


class _Block:
    """A pinned line and what follows it until the next."""

    def __init__(self, name: str, version: str, line: int) -> None:
        self.name = pypi_name(name) if name else ""
        self.version = version
        self.line = line
        self.hashes: set[Hash] = set()
        self.users: set[str] = set()
        self._listing = False

    def read(self, line: str) -> None:
        """Take the digests of a line, and a note at its end."""
        self.hashes.update(h for t in _HASH.findall(line) if (h := hash_of(t)) is not None)
        _, mark, note = line.partition(" #")
        if mark:
            self.note(f"#{note}")

    def note(self, line: str) -> None:
        """Take a line of pip-compile's or uv's note on who needs it: `# via x`, or a list below `# via`."""
        words = line.lstrip("#").split()
        if words[:1] == ["via"]:
            self._listing = True
            words = words[1:]
        if self._listing and len(words) == 1 and _NAME.fullmatch(words[0]):
            self.users.add(pypi_name(words[0]))


def _joined(blocks: list[_Block]) -> list[Locked]:
    needs: dict[str, set[tuple[str, str]]] = {}
    for block in blocks:
        for user in block.users:
            needs.setdefault(user, set()).add((block.name, ""))
    return [
        Locked(
            ecosystem="pypi",
            name=b.name,
            version=b.version,
            hashes=tuple(sorted(b.hashes)),
            requires=tuple(sorted(needs.get(b.name, ()))),
            line=b.line,
        )
        for b in blocks
    ]
