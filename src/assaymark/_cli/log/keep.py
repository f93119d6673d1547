"""``assaymark log keep``: content beside the log, which can be erased."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import click

from assaymark._cli.log.kept import FOLDER, kept
from assaymark.errors import UsageError
from assaymark.ledger import content_log
from assaymark.ledger.content import MAX_CONTENT_BYTES

__all__ = ["command"]


@click.command("keep")
@click.argument("file", type=click.Path(path_type=Path))
@FOLDER
@click.option("--subject", required=True, metavar="NAME", help="Asset or person whose content it is.")
def command(file: Path, path: Path, subject: str) -> None:
    """Keep a file, enciphered, and record a commitment to it.

    The ledger of PATH gets the commitment alone; it never holds the
    content nor the subject's name. `log erase` makes the content unreadable for
    good and leaves the ledger whole. Prints the entry's index.
    """
    data = _read(file)
    with kept(path) as (store, ledger, system):
        click.echo(content_log.keep(store, ledger, subject, data, system=system, now=datetime.now(UTC)))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is no plain file.", "Name a file.")
            return file.read(MAX_CONTENT_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name a file that can.") from error
