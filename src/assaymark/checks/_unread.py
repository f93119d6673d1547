"""What a parser could not read might hold just what a check looks for: then `met` is too much said."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from assaymark.checks._check import Check, Finding
from assaymark.observation import Detail, Outcome
from assaymark.scan.facts import ScanProblem
from assaymark.scan.paths import is_example_path, is_test_path

__all__ = ["gaps", "modest"]

_SUBJECTS = {
    "python": "code",
    "javascript": "code",
    "infrastructure": "infra",
    "secrets": "infra",
    "model-file": "artefact",
    "hub-config": "artefact",
    "data-file": "artefact",
    "lock file": "infra",
    "dependencies": "infra",
}
"""Scanner → module of the facts that it would have given. Documents are missing here: checks ask whether one
is there, and an unread one takes nothing away."""
_CODE = {".py", ".pyi", ".ipynb", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts"}
_SHOWN = 5


def gaps(check: Check, problems: Iterable[ScanProblem]) -> tuple[ScanProblem, ...]:
    """The problems behind which facts that `check` asks for may lie, tests and examples aside."""
    if not check.decisive:
        return ()
    wanted = {_subject(kind) for _, kind in check.inputs}
    return tuple(p for p in problems if _hides(p) & wanted and not _beside(p.at.path))


def modest(finding: Finding, missing: Sequence[ScanProblem]) -> Finding:
    """`finding`, its `met` lowered to `partly met` where files that it would have to know were not read."""
    if not missing or finding.outcome is not Outcome.MET:
        return finding
    files = len({p.at.path for p in missing})
    shown = tuple(Detail(f"Not read in full: {p.reason}.", p.at) for p in missing[:_SHOWN])
    count = (
        "1 file that might tell otherwise was"
        if files == 1
        else f"{files:,} files that might tell otherwise were"
    )
    summary = f"{finding.summary} But {count} not read in full."
    return msgspec.structs.replace(
        finding, outcome=Outcome.PARTLY_MET, summary=summary, details=(*shown, *finding.details)
    )


def _subject(kind: Any) -> str:
    return str(getattr(kind, "__module__", "")).rpartition(".")[2]


def _hides(problem: ScanProblem) -> set[str]:
    if problem.built:
        return set()
    if problem.scanner in ("reader", "all"):  # no parser came to an end
        code = PurePosixPath(problem.at.path).suffix.lower() in _CODE
        return {"code"} if code else {"infra", "artefact"}
    return {_SUBJECTS.get(problem.scanner, "")} - {""}


def _beside(path: str) -> bool:
    return is_test_path(path) or is_example_path(path)
