"""The examples, assessed on one fixed day as their owners would have them: in a repository of their own."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from assaymark.assess.assessment import Assessment
from assaymark.pipeline import Places, assess_folder, describe

__all__ = ["EXAMPLES", "EXPECTED", "NAMES", "NOW", "assessed", "expected", "planted"]

EXAMPLES = Path(__file__).parents[2] / "examples"
"""Where the examples lie."""
EXPECTED = Path(__file__).parent / "expected"
"""Where what they should get is written down."""
NAMES = ("chatbot", "fraud-model", "llm-provider", "open-model", "agent", "buyer")
"""The six, in the order of the README."""
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""The day of every assessment here."""

_COMMITTED = "2026-06-01T09:00:00Z"
_MARK = "PLANTED FAULT"
_LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", "*.db", "*.db-journal", "node_modules", "ledger")


@cache
def assessed(name: str) -> Assessment:
    """The assessment of one example, made once a session."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / name
        shutil.copytree(EXAMPLES / name, root, ignore=_LEFT_OUT)
        _commit(root)
        places = Places(ledger=Path(folder) / "ledger.db", key=Path(folder) / "key")
        return assess_folder(root, places, now=NOW, jobs=1)


def expected(name: str) -> dict[str, Any]:
    """What one example should get."""
    text = (EXPECTED / f"{name}.yaml").read_text(encoding="utf-8")
    value: dict[str, Any] = yaml.safe_load(text)
    return value


def planted(name: str) -> list[tuple[str, int]]:
    """Path and line of each comment that names a planted fault."""
    root = EXAMPLES / name
    found = []
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
        shown = path.relative_to(root).as_posix()
        found += [(shown, number) for number, line in enumerate(lines, 1) if _MARK in line]
    return found


def _commit(root: Path) -> None:
    """Put the tree into a repository with one commit by its owner."""
    owner = describe(root).owner
    person = {"NAME": owner, "EMAIL": "owner@mail.example", "DATE": _COMMITTED}
    told = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in person.items()}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for words in (["init", "-q"], ["add", "-Af"], ["commit", "-q", "-m", "Take over the released version"]):
        subprocess.run(["git", *words], cwd=root, env=os.environ | told | alone, check=True)
