"""The notes that pip-compile and uv leave in a requirements file: which package needs which."""

import re

from assaymark.scan.infra._locked import pypi_name

__all__ = ["users"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_MAX_USERS = 500


def users(text: str) -> dict[int, tuple[str, ...]]:
    """Line of a requirement → the packages that need it: `# via x` after it, or a list below `# via`."""
    found: dict[int, dict[str, None]] = {}
    start, listing = 0, False
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        note = stripped if stripped.startswith("#") else ""
        if stripped and not note:
            if line[:1] not in (" ", "\t") and not stripped.startswith("--hash"):
                start, listing = number, False
            _, mark, rest = stripped.partition(" #")
            note = rest if mark else ""
        words = note.lstrip("#").split(None, 3)[:3]
        if words[:1] == ["via"]:
            listing, words = True, words[1:]
        if start and listing and len(words) == 1 and _NAME.fullmatch(words[0]):
            named = found.setdefault(start, {})
            if len(named) < _MAX_USERS:
                named[pypi_name(words[0])] = None
    return {line: tuple(named) for line, named in found.items()}
