"""The policy that a gateway starts with, or a refusal to start."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec.structs import replace

from assaymark.errors import UsageError
from assaymark.guard.policy.lint import lint
from assaymark.guard.policy.load import Loaded, default_policy, load
from assaymark.guard.policy.model import Mode

__all__ = ["read_policy_file"]


def read_policy_file(path: Path | None, shadow: bool, told: Callable[[str], None]) -> Loaded:
    """The policy, doubted.

    Args:
        path: None takes the shipped default.
        shadow: decide and record only, whatever the file says.
        told: gets each warning.

    Raises:
        UsageError: it cannot be read, or holds something that cannot work (on a stream, for one).
    """
    loaded = load(path) if path is not None else default_policy()
    problems = lint(loaded.policy, _today())
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        lines = [f"line {loaded.line(p.place)}: {p.at}: {p.message}. {p.advice}" for p in errors]
        raise UsageError(
            "The policy cannot work as written:\n" + "\n".join(lines), "Nothing was started. Mend the policy."
        )
    for problem in problems:
        told(f"warning: line {loaded.line(problem.place)}: {problem.at}: {problem.message}. {problem.advice}")
    if shadow:
        told("warning: shadow mode: everything is decided and recorded, nothing is blocked")
        loaded = replace(loaded, policy=replace(loaded.policy, mode=Mode.SHADOW))
    return loaded


def _today() -> date:
    return datetime.now(UTC).date()
