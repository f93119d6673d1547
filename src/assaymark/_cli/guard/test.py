"""``assaymark guard test``: how well the guard does on labelled rows."""

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from assaymark._cli.guard._inputs import Reading, named_channel, need_guard
from assaymark._cli.progress import Progress
from assaymark.errors import NothingToAssess

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_NOT_FULLY = 16


@click.command("test")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--policy", type=_FILE, help="Policy file; the shipped default if none is named.")
@click.option("--channel", default="user", show_default=True, help="Channel of rows that name none.")
@click.option("--disguised", is_flag=True, help="Also score each attack wrapped and encoded in many ways.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row, and the figures as the last.")
@click.option("--weights", type=click.Path(path_type=Path), help="Folder of a detector trained elsewhere.")
@click.option("--jobs", default=0, type=click.IntRange(min=0), help="Processes. [default: one a core]")
def command(
    files: tuple[Path, ...],
    policy: Path | None,
    channel: str,
    disguised: bool,
    as_json: bool,
    weights: Path | None,
    jobs: int,
) -> int:
    """Score labelled rows the way the guard does in service.

    FILE holds JSON Lines, plain or .gz, of {"text": …, "label": 1 or 0,
    "channel": …}; further short fields become slices. `-` is standard input.

    Exit code 0 if every line was used, 3 if none was, 16 if some were not.
    """
    try:
        from assaymark.guard.measure.rows import LONGEST_LINE
        from assaymark.guard.measure.wiring import Setup, make_parts
    except ModuleNotFoundError as error:
        raise need_guard(error) from None
    setup = Setup(str(policy or ""), str(weights or ""))
    parts = make_parts(setup)
    reading = Reading(files, LONGEST_LINE, named_channel(channel), disguised)
    if as_json:
        _line(_header(parts))
    return _measure(reading, setup, parts, as_json, jobs)


def _measure(reading: Reading, setup: Any, parts: Any, as_json: bool, jobs: int) -> int:
    from assaymark.guard.measure.pool import measure_all, processes
    from assaymark.guard.measure.summary import summary
    from assaymark.guard.measure.table import table

    started, found = time.perf_counter(), []
    with Progress(not as_json or not sys.stdout.isatty(), "Scoring") as progress:
        for one in measure_all(reading.rows(), setup, jobs=jobs, parts=parts):
            found.append(one)
            progress.tell(*reading.progress())
            if as_json:
                _line(_row(one))
    if not found:
        raise NothingToAssess("No line could be used.", 'Write lines of {"text": …, "label": …}.')
    seconds = time.perf_counter() - started
    figures = summary(found, reading.problems.count, seconds, processes(len(found), jobs))
    if as_json:
        _problems(reading.problems.kept)
        import msgspec

        _line({"type": "summary"} | msgspec.to_builtins(figures))
    else:
        click.echo("\n".join(table(figures)))
    return _NOT_FULLY if reading.problems.count else 0


def _header(parts: Any) -> dict[str, Any]:
    return {
        "type": "header",
        "format": "assaymark-guard-test",
        "version": 1,
        "policy": parts.policy_sha256,
        "detector": parts.scorer.version,
    }


def _row(one: Any) -> dict[str, Any]:
    """One row of the published format; docs/guard/measuring.md explains each field."""
    label = None if one.label is None else int(one.label)
    row = {"type": "row", "file": one.file, "line": one.line, "channel": one.channel, "label": label}
    row |= {"score": one.score, "threshold": one.threshold, "flagged": one.flagged}
    row |= {"action": one.action, "rule": one.rule, "span": [one.start, one.end], "layers": one.layers}
    row |= {"findings": one.findings, "scanned": one.scanned, "elapsed_ms": one.elapsed_ms}
    return row | ({"disguise": one.disguise} if one.disguise else {})


def _problems(problems: Iterable[Any]) -> None:
    for problem in problems:
        _line({"type": "problem", "file": problem.file, "line": problem.line, "message": problem.message})


def _line(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value))
