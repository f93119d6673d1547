"""Text of a lock file → the packages that it fixes."""

import re
from collections.abc import Callable

from assaymark.discover.bom_locked import Locked
from assaymark.discover.bom_locks_conda import read_conda_lock
from assaymark.discover.bom_locks_npm import read_bun_lock, read_npm_lock, read_pnpm_lock, read_yarn_lock
from assaymark.discover.bom_locks_python import read_pipfile_lock, read_requirements, read_toml_lock

__all__ = ["MAX_PACKAGES", "is_lock", "read_lock"]

MAX_PACKAGES = 50_000
"""Packages of one lock file that are listed."""

Reader = Callable[[str], tuple[list[Locked], str]]

_READERS: dict[str, Reader] = {
    **dict.fromkeys(("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"), read_toml_lock),
    "pipfile.lock": read_pipfile_lock,
    **dict.fromkeys(("package-lock.json", "npm-shrinkwrap.json"), read_npm_lock),
    "pnpm-lock.yaml": read_pnpm_lock,
    "yarn.lock": read_yarn_lock,
    "bun.lock": read_bun_lock,
    **dict.fromkeys(("conda-lock.yml", "conda-lock.yaml", "pixi.lock"), read_conda_lock),
}
_CONDA = re.compile(r"conda-[a-z0-9-]{2,30}\.lock\Z")
_PYLOCK = re.compile(r"pylock\.[a-z0-9._-]{1,60}\.toml\Z")
_REQUIREMENTS = re.compile(r"(?:.{0,60}[-_.])?(?:requirements|constraints)(?:[-_.].{0,60})?\.(?:txt|lock)\Z")


def _reader(path: str) -> Reader | None:
    folder, _, name = path.lower().rpartition("/")
    if name in _READERS:
        return _READERS[name]
    if _CONDA.match(name):
        return read_conda_lock
    if _PYLOCK.match(name):
        return read_toml_lock
    if _REQUIREMENTS.match(name) or (folder.endswith("requirements") and name.endswith(".txt")):
        return read_requirements
    return None


def is_lock(path: str) -> bool:
    """Whether a file of this name fixes versions in a form that is read here."""
    return _reader(path) is not None


def read_lock(path: str, text: str) -> tuple[list[Locked], str]:
    """The packages that the file fixes, each once, and what was wrong or left out. Total."""
    reader = _reader(path)
    if reader is None:
        return [], "a kind of lock file that is not read"
    found, problem = reader(text)
    once = list({p.key: p for p in reversed(found) if p.name}.values())[::-1]
    if len(once) > MAX_PACKAGES:
        return once[:MAX_PACKAGES], f"it fixes more than {MAX_PACKAGES:,} packages; the rest is left out"
    return once, problem
