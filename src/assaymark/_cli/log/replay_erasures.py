"""``assaymark log replay-erasures``: erase again what a backup has brought back."""

from datetime import UTC, datetime
from pathlib import Path

import click

from assaymark._cli.log.kept import FOLDER, counted, kept
from assaymark.ledger import content_log

__all__ = ["command"]


@click.command("replay-erasures")
@FOLDER
def command(path: Path) -> None:
    """Erase again what was erased and has come back.

    Run it after every restore from a backup.
    """
    with kept(path) as (store, ledger, system):
        again = content_log.replay_erasures(store, ledger, system=system, now=datetime.now(UTC))
    click.echo(f"Erased again: {counted(len(again), 'key')}." if again else "Nothing had come back.")
