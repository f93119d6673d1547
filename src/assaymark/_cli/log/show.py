"""``assaymark log show``."""

from pathlib import Path

import click

from assaymark._cli.log.source import ledger_of
from assaymark.ledger.entry import encode
from assaymark.ledger.ledger import Ledger, Recorded
from assaymark.signing.problems import shown

__all__ = ["command"]


@click.command("show")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--last", default=20, type=click.IntRange(min=1), help="How many of the newest entries.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with index and leaf hash.")
def command(path: Path, last: int, as_json: bool) -> None:
    """Print the newest entries, oldest of them first."""
    with Ledger.open(ledger_of(path)) as ledger:
        for recorded in ledger.last(last):
            click.echo(_json(recorded) if as_json else _line(recorded))


def _json(recorded: Recorded) -> str:
    """One line; the entry is given exactly as it was hashed."""
    entry = encode(recorded.entry).decode()
    return f'{{"index":{recorded.index},"leaf":"{recorded.leaf}","entry":{entry}}}'


def _line(recorded: Recorded) -> str:
    return shown(f"{recorded.index:>6}  {recorded.time[:19]}  {recorded.entry.type:<11}  {_gist(recorded)}")


def _gist(recorded: Recorded) -> str:
    """What an entry says, in a few words."""
    if recorded.entry.type not in ("observation", "attestation"):
        return recorded.entry.system
    seen = recorded.entry.observation()
    return f"{seen.outcome.value:<14}  {seen.by or seen.check}: {seen.summary}"
