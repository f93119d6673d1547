"""The scanners beside which ours runs: how each is installed, called and understood.

Each has an environment of its own below `.bench/`, since their dependencies conflict. Telemetry is switched off
and nothing is told of any file. An outcome is one of

    flagged        it says that the file is dangerous, or names a problem in it
    unknown        it names something as suspicious or unknown, and stops nobody
    inconclusive   it says, by its exit code or verdict, that it did not cover the file
    clean          it looked and has nothing to say
    nothing        it did not look at the file, and says so nowhere but in a count
    timeout        it had not finished after the limit
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Ran(NamedTuple):
    """One finished process."""

    code: int
    out: str
    """Standard output and error together, the last part of it."""
    cpu: float
    wall: float
    peak_mb: float


class Tool(NamedTuple):
    """A scanner."""

    id: str
    packages: tuple[str, ...]
    """What its users install."""
    mend: tuple[str, ...]
    """What must be installed besides before it works."""
    why: str
    """What goes wrong without."""
    command: Callable[[str, Path], list[str]]
    """From the folder of its programs and the target to the command line."""
    outcome: Callable[[Ran], str]
    environment: str = ""
    """Name of the environment, where it shares one with another."""
    folders: bool = True
    """Takes a folder; otherwise it is given each file of it, and the worst answer counts."""


def _picklescan(ran: Ran) -> str:
    if ran.code not in (0, 1):
        return "inconclusive"
    counts = {k: int(n) for k, n in re.findall(r"^(\w+ \w+): (\d+)$", ran.out, re.MULTILINE)}
    if ran.code == 1:
        return "flagged"
    if not counts.get("Scanned files"):
        return "nothing"
    return "unknown" if counts.get("Suspicious globals") else "clean"


def _by_code(flagged: int, inconclusive: tuple[int, ...], nothing: int | None = None) -> Callable[[Ran], str]:
    def outcome(ran: Ran) -> str:
        if ran.code == nothing:
            return "nothing"
        if ran.code == flagged:
            return "flagged"
        return "inconclusive" if ran.code in inconclusive else "clean" if ran.code == 0 else "error"

    return outcome


def _modelaudit(ran: Ran) -> str:
    """Its exit code 2 is for errors and for what it calls inconclusive; a finding beside them counts."""
    start = ran.out.find("{")
    try:
        issues = json.loads(ran.out[start : ran.out.rfind("}") + 1]).get("issues", [])
    except (ValueError, AttributeError):
        issues = []
    if ran.code == 1 or any(i.get("severity") == "critical" for i in issues):
        return "flagged"
    return "clean" if ran.code == 0 else "inconclusive"


def _assaymark(ran: Ran) -> str:
    try:
        files = json.loads(ran.out[ran.out.find("{") :])["files"]
    except (ValueError, KeyError):
        return "nothing" if ran.code == 3 else "error"
    if any(f["verdict"] == "dangerous" for f in files):
        return "flagged"
    if any(h["level"] == "unknown" for f in files for h in f["hazards"]):
        return "unknown"
    return "inconclusive" if ran.code == 16 or any(f["verdict"] == "inconclusive" for f in files) else "clean"


TOOLS = (
    Tool(
        "assaymark", (), (), "",
        lambda bin_, path: [sys.executable, "-m", "assaymark", "scan", str(path), "--format", "json"], _assaymark,
    ),
    Tool(
        "picklescan", ("picklescan==1.0.5",), (), "",
        lambda bin_, path: [f"{bin_}/picklescan", "-p", str(path)], _picklescan,
    ),
    Tool(
        "picklescan --strict", (), (), "",
        lambda bin_, path: [f"{bin_}/picklescan", "--strict", "-p", str(path)], _picklescan, "picklescan",
    ),
    Tool(
        "modelscan", ("modelscan==0.8.8",), ("numpy<2.3", "h5py"), "its NumPy and Keras scanners raise and it prints 'No issues found'",
        lambda bin_, path: [f"{bin_}/modelscan", "scan", "-p", str(path)], _by_code(1, (2, 4), 3),
    ),
    Tool(
        "fickling", ("fickling==0.1.12",), ("typing_extensions",), "it does not start: a module that it does not declare",
        lambda bin_, path: [f"{bin_}/fickling", "--check-safety", "--json-output", os.devnull, str(path)],
        _by_code(1, (2,)), folders=False,
    ),
    Tool(
        "modelaudit", ("modelaudit==0.2.54",), (), "",
        lambda bin_, path: [f"{bin_}/modelaudit", "scan", "--format", "json", "--no-cache", str(path)], _modelaudit,
    ),
    Tool(
        "aisbom", ("aisbom-cli==1.7.0",), (), "",
        lambda bin_, path: [f"{bin_}/aisbom", "scan", "--offline", "--output", os.devnull, str(path)], _by_code(2, (1,)),
    ),
    Tool(
        "aisbom --strict", (), (), "",
        lambda bin_, path: [f"{bin_}/aisbom", "scan", "--offline", "--strict", "--output", os.devnull, str(path)],
        _by_code(2, (1,)), "aisbom",
    ),
)  # fmt: skip

QUIET = {
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "AISBOM_NO_TELEMETRY": "1",
    "AISBOM_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
    "HF_HUB_OFFLINE": "1",
}
"""Environment that keeps the peers to themselves."""


def programs(tool: Tool, cache: Path) -> Path:
    """Give the folder in which a tool's programs lie."""
    return cache / (tool.environment or tool.id) / "bin"


def install(tool: Tool, cache: Path) -> str:
    """Install a tool, if it is not there; the answer is what went wrong, or nothing."""
    if not tool.packages:
        return ""
    folder = cache / tool.id
    done = folder / "installed"
    if done.exists():
        return done.read_text()
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run([*pip, *tool.packages], capture_output=True, text=True, check=False)
    if result.returncode:
        return f"could not be installed: {result.stderr.strip()[-200:]}"
    note = ""
    if tool.mend:
        subprocess.run([*pip, *tool.mend], capture_output=True, check=False)
        note = f"needs {' and '.join(tool.mend)} by hand, otherwise {tool.why}"
    done.write_text(note)
    return note
