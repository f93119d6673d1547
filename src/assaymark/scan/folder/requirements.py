"""What would be installed or fetched by whoever follows a model's own requirements and scripts."""

import re
from collections.abc import Iterator

from assaymark.inspection import Level
from assaymark.scan.folder.entry import Finding, Folder, note

__all__ = ["judge_requirements", "judge_scripts"]

MAX_LINES = 2_000
MAX_SCRIPTS = 100
_FETCHED = re.compile(r"\b(?:curl|wget)\b[^|]{0,500}\|\s{0,10}(?:sudo\s)?(?:ba|z|da)?sh\b")
_FILES = ("requirements.txt", "conda.yaml", "python_env.yaml", "environment.yml")
_DIRECT = re.compile(r"(?:git\+|https?://|--(?:extra-)?index-url|-i\s|--find-links|--trusted-host|\s@\s)")


def judge_requirements(folder: Folder) -> Iterator[Finding]:
    """Requirements that come from an address instead of an index."""
    for name in _FILES:
        text = folder.text(name, 1 << 18) if name in folder.files else None
        for line in (text or "").splitlines()[:MAX_LINES]:
            shown = line.strip()[:200]
            if shown and not shown.startswith("#") and _DIRECT.search(shown):
                message = f"Its requirements are fetched from an address of their own: {shown}"
                level = Level.UNKNOWN if "http://" in shown else Level.NOTE
                yield folder.files[name].path, note("folder-requirement-address", message, shown, level)


def judge_scripts(folder: Folder) -> Iterator[Finding]:
    """Shell scripts that fetch something and run it."""
    for name in [n for n in folder.files if n.endswith((".sh", ".bash", ".command"))][:MAX_SCRIPTS]:
        for number, line in enumerate((folder.text(name, 1 << 16) or "").splitlines(), 1):
            if _FETCHED.search(line[:1000]):
                message = f"Line {number} fetches something and runs it."
                found = note("folder-script-beside", message, name, Level.UNKNOWN, line[:200])
                yield folder.files[name].path, found
                break
