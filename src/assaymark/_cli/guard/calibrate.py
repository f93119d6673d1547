"""``assaymark guard calibrate``: thresholds from a deployment's own benign traffic."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from assaymark._cli.guard._inputs import Reading, named_channel, need_guard, shown
from assaymark._cli.progress import Progress
from assaymark.errors import AssaymarkError, NothingToAssess, UsageError
from assaymark.whole import write_atomically

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 20


@click.command("calibrate")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=_FILE, help="File to write; name it in the policy.")
@click.option("--channel", "channels", multiple=True, help="Only this channel; repeatable. [default: all]")
@click.option("--assume", default="user", show_default=True, help="Channel of rows that name none.")
@click.option("--target", default=0.01, show_default=True, help="Highest false-positive rate.")
@click.option("--confidence", default=0.95, show_default=True, help="With which the bound holds.")
@click.option("--weights", type=click.Path(path_type=Path), help="Folder of a detector trained elsewhere.")
@click.option("--jobs", default=0, type=click.IntRange(min=0), help="Processes. [default: one a core]")
def command(
    files: tuple[Path, ...],
    output: Path,
    channels: tuple[str, ...],
    assume: str,
    target: float,
    confidence: float,
    weights: Path | None,
    jobs: int,
) -> None:
    """Set thresholds on benign traffic of your own.

    FILE holds JSON Lines of {"text": …, "channel": …}, all of it benign; rows
    labelled as attacks are refused. For each channel the lowest threshold is
    chosen at which the false-positive rate is at most the target, by an exact
    binomial bound. Too few distinct texts, and nothing is claimed.
    """
    try:
        from assaymark.guard.measure.rows import LONGEST_LINE
        from assaymark.guard.measure.wiring import Setup, make_parts
    except ModuleNotFoundError as error:
        raise need_guard(error) from None
    _check(target, confidence)
    setup = Setup(weights=str(weights or ""))
    parts = make_parts(setup)
    reading = Reading(files, LONGEST_LINE, named_channel(assume))
    wanted = {named_channel(name) for name in channels}
    rows = [r for r in _scored(reading, setup, parts, jobs) if not wanted or r.channel in wanted]
    _refuse(rows, reading)
    write_atomically(output, _file(rows, reading, parts, target, confidence))
    click.echo(str(output))
    click.echo("Name it in the policy: `calibration: <path from the policy's folder>`.", err=True)


def _check(target: float, confidence: float) -> None:
    if not 0 < target < 1 or not 0.5 <= confidence < 1:
        raise UsageError(
            f"--target {target} and --confidence {confidence} are no shares that can be worked with.",
            "Write a target such as 0.01 and a confidence such as 0.95.",
        )


def _scored(reading: Reading, setup: Any, parts: Any, jobs: int) -> list[Any]:
    from assaymark.guard.measure.pool import measure_all

    found = []
    with Progress(True, "Scoring") as progress:
        for one in measure_all(reading.rows(), setup, jobs=jobs, parts=parts):
            found.append(one)
            progress.tell(*reading.progress())
    return found


def _refuse(rows: list[Any], reading: Reading) -> None:
    """Input on which no bound can rest."""
    if not rows:
        raise NothingToAssess("No row could be used.", 'Write lines of {"text": …, "channel": …}.')
    if reading.problems.count:
        raise UsageError(
            f"{reading.problems.count} lines could not be used, so what the sample stands for is not known.",
            "Mend or remove them; calibration drops nothing silently.",
        )
    attacks = [r for r in rows if r.label is True]
    if attacks:
        raise UsageError(
            f"{len(attacks)} rows are labelled as attacks, the first at {attacks[0].file}:{attacks[0].line}.",
            "Calibrate on benign traffic alone.",
        )
    failed = [r for r in rows if r.failed]
    if failed:
        raise AssaymarkError(
            f"The guard broke on {len(failed)} rows, the first at {failed[0].file}:{failed[0].line}.",
            "Please report it; nothing was written.",
        )


def _file(rows: list[Any], reading: Reading, parts: Any, target: float, confidence: float) -> bytes:
    from assaymark.guard.event import Channel
    from assaymark.guard.measure.calibration import calibrate, render, suspects
    from assaymark.guard.policy.calibration import Calibration, Input

    scores = {c: [(r.digest, r.score) for r in rows if r.channel is c] for c in Channel}
    scores = {channel: pairs for channel, pairs in scores.items() if pairs}
    shipped = {channel: parts.scorer.threshold(channel) for channel in scores}
    found = calibrate(scores, shipped, target, confidence)
    for channel, one in found.items():
        _tell(channel, one)
    _warn(suspects(rows))
    made = Calibration(
        made_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        detector=parts.scorer.version,
        target=target,
        confidence=confidence,
        inputs=tuple(Input(s.name, s.sha256, s.rows) for s in reading.sources),
        thresholds={channel: one.threshold for channel, one in found.items()},
        channels=found,
    )
    return render(made)


def _tell(channel: str, one: Any) -> None:
    repeated = f" ({one.duplicates} repeated texts not counted)" if one.duplicates else ""
    click.echo(
        f"{channel}: threshold {one.threshold:.4f} flags {one.flagged} of {one.samples} distinct texts"
        f"{repeated}; false-positive rate at most {one.bound:.2%}. The shipped {one.shipped:.4f} flags"
        f" {one.shipped_flagged}.",
        err=True,
    )


def _warn(suspicious: tuple[Any, ...]) -> None:
    if not suspicious:
        return
    click.echo(
        f"{len(suspicious)} rows look like attacks by the shipped threshold and were counted as benign. Look"
        " at them: an attack among them raises the threshold for all.",
        err=True,
    )
    for row in suspicious[:_SHOWN]:
        click.echo(shown(f"  {row.file}:{row.line} ({row.channel}, {row.score:.4f})"), err=True)
    if len(suspicious) > _SHOWN:
        click.echo(f"  … and {len(suspicious) - _SHOWN} more", err=True)
