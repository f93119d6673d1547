"""``assaymark guard replay``: logged traffic under a new policy."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from assaymark._cli.guard._inputs import Problems, Source, named_channel, need_guard, shown
from assaymark._cli.progress import Progress
from assaymark.errors import NothingToAssess

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_NOT_FULLY = 16
_EXAMPLES = 5
_CLIPPED = 300


@click.command("replay")
@click.argument("files", nargs=-1, required=True, metavar="LOG…", type=click.Path(path_type=Path))
@click.option("--policy", required=True, type=_FILE, help="The policy to try.")
@click.option("--against", type=_FILE, help="Policy to compare with. [default: what the log says was done]")
@click.option("--channel", default="user", show_default=True, help="Channel of bare texts that name none.")
@click.option("--show-text", is_flag=True, help="Show the text that a changed outcome rests on.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a message, and the counts as the last."
)
@click.option("--weights", type=click.Path(path_type=Path), help="Folder of a detector trained elsewhere.")
def command(
    files: tuple[Path, ...],
    policy: Path,
    against: Path | None,
    channel: str,
    show_text: bool,
    as_json: bool,
    weights: Path | None,
) -> int:
    """Run logged traffic against a new policy and say what would change.

    LOG holds JSON Lines, plain or .gz: of segments as the guard's traffic log
    writes them, of request and response bodies, or of bare texts with their
    channels. Quotas, deadlines and human answers are not replayed.

    Exit code 0 if every line was used, 3 if none was, 16 if some were not.
    """
    try:
        from assaymark.guard.measure.replay import changes, replayed
        from assaymark.guard.measure.wiring import Setup, make_parts
    except ModuleNotFoundError as error:
        raise need_guard(error) from None
    new = make_parts(Setup(str(policy), str(weights or "")))
    old = make_parts(Setup(str(against), str(weights or ""))) if against else None
    reading = _Reading(files, named_channel(channel))
    examples: dict[Any, list[Any]] = {}

    def told() -> Iterator[Any]:
        with Progress(True, "Replaying") as progress:
            for change in replayed(reading.traffic(), new, old):
                progress.tell(*reading.progress())
                if as_json:
                    click.echo(json.dumps(_row(change, show_text)))
                elif change.differs:
                    some = examples.setdefault((change.before.action, change.after.action), [])
                    some.extend([change] if len(some) < _EXAMPLES else [])
                yield change

    counts = changes(told())
    if not counts.messages:
        raise NothingToAssess("No line could be used.", "See docs/guard/measuring.md for the formats.")
    _print(counts, examples, show_text, as_json, old is None)
    return _NOT_FULLY if reading.problems.count else 0


class _Reading:
    def __init__(self, files: tuple[Path, ...], channel: Any) -> None:
        from assaymark.guard.measure.rows import LONGEST_LINE

        self._sources = [Source(path, LONGEST_LINE) for path in files]
        self._channel = channel
        self.problems = Problems()

    def traffic(self) -> Iterator[Any]:
        from assaymark.guard.measure.traffic import Logged, read_traffic

        for source in self._sources:
            for logged in read_traffic(source.lines(), source.name, self._channel):
                if isinstance(logged, Logged):
                    yield logged
                else:
                    self.problems.tell(logged)

    def progress(self) -> tuple[int, int]:
        return sum(s.read for s in self._sources), sum(s.size for s in self._sources)


def _print(counts: Any, examples: dict[Any, list[Any]], show_text: bool, as_json: bool, logged: bool) -> None:
    moved = {pair: n for pair, n in sorted(counts.pairs.items()) if pair[0] is not pair[1]}
    if as_json:
        pairs = [{"before": a, "after": b, "messages": n} for (a, b), n in sorted(counts.pairs.items())]
        value = {"type": "summary", "messages": counts.messages, "outcomes": pairs}
        value |= {"rules_appeared": dict(counts.appeared), "rules_vanished": dict(counts.vanished)}
        click.echo(json.dumps(value))
        return
    total = sum(moved.values())
    click.echo(f"{counts.messages:,} messages; {total:,} would have another outcome.")
    for (before, after), n in moved.items():
        click.echo(f"\n{before} → {after}: {n:,}")
        for change in examples[before, after]:
            click.echo(shown(_example(change, show_text)))
    for name, rules in (("appear", counts.appeared), ("vanish", counts.vanished)):
        if rules and not (logged and name == "appear"):
            click.echo(f"\nRules that {name}: " + ", ".join(f"{r} ({n:,})" for r, n in rules.most_common(20)))


def _example(change: Any, show_text: bool) -> str:
    rules = ", ".join(change.after.rules or change.before.rules) or "no rule"
    line = f"  {change.logged.file}:{change.logged.line} {_where(change)} {rules}"
    return f"{line}: {_text(change)!r}" if show_text else line


def _where(change: Any) -> str:
    segment = _segment(change)
    return f"({segment.channel} {segment.at})" if segment else ""


def _segment(change: Any) -> Any:
    finding = change.after.finding or change.before.finding
    n = finding.segment if finding and finding.segment >= 0 else 0
    return change.logged.segments[n] if n < len(change.logged.segments) else None


def _text(change: Any) -> str:
    finding, segment = change.after.finding or change.before.finding, _segment(change)
    if segment is None:
        return ""
    start, end = (finding.start, finding.end) if finding and finding.end else (0, len(segment.text))
    return str(segment.text[start : min(end, start + _CLIPPED)])


def _row(change: Any, show_text: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"type": "row", "file": change.logged.file, "line": change.logged.line}
    row |= {"before": change.before.action, "after": change.after.action, "rules": change.after.rules}
    return row | ({"text": _text(change)} if show_text and change.differs else {})
