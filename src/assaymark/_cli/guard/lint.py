"""``assaymark guard lint``: what is doubtful in a policy."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from assaymark._cli.guard._inputs import need_guard, shown

__all__ = ["command"]

_WARNED, _CANNOT_WORK = 0, 2


@click.command("lint")
@click.argument("policy", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--strict", is_flag=True, help="Exit with 2 for warnings, too.")
def command(policy: Path | None, strict: bool) -> int:
    """Say what is doubtful in POLICY, each with its line.

    An error is something that cannot work, and the guard does not start with
    it. A warning lets more pass than it seems to. Without POLICY it reads the
    shipped default. Exit code 2 if there is an error, else 0.
    """
    try:
        from assaymark.guard.policy.lint import lint
        from assaymark.guard.policy.load import default_policy, load
    except ModuleNotFoundError as error:
        raise need_guard(error) from None
    loaded = load(policy) if policy is not None else default_policy()
    problems = lint(loaded.policy, datetime.now(UTC).date(), _shipped())
    for problem in problems:
        place = f"{policy or 'default policy'}:{loaded.line(problem.place)}"
        click.echo(shown(f"{place}: {problem.severity}: {problem.at}: {problem.message}. {problem.advice}"))
    errors = sum(p.severity == "error" for p in problems)
    click.echo(_counted(errors, len(problems) - errors), err=True)
    return _CANNOT_WORK if errors or (strict and problems) else _WARNED


def _shipped() -> Any:
    """Operating points of the shipped detector; none if it is not there to be asked."""
    from assaymark.errors import AssaymarkError
    from assaymark.guard.detector.detector import head_of
    from assaymark.guard.detector.weights import load_weights
    from assaymark.guard.event import Channel

    try:
        thresholds = load_weights(None).manifest.threshold
    except AssaymarkError:
        return {}
    return {c: thresholds[head_of(c)] for c in Channel if head_of(c) in thresholds}


def _counted(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "Nothing doubtful."
    words = [
        f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((errors, "error"), (warnings, "warning")) if n
    ]
    return ", ".join(words) + "."
