"""``assaymark log read``: content that an entry speaks of."""

import os
from pathlib import Path

import click

from assaymark._cli.log.kept import FOLDER, kept
from assaymark.errors import UsageError
from assaymark.ledger import content_log

__all__ = ["command"]


@click.command("read")
@click.argument("index", type=click.IntRange(min=0))
@FOLDER
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="File to write; a new one."
)
@click.option("--salt", is_flag=True, help="Print the salt, with which others can check the commitment.")
def command(index: int, path: Path, output: Path, salt: bool) -> None:
    """Write the content that an entry speaks of to a file.

    INDEX is the entry's; nobody but you can read the file.
    """
    with kept(path) as (store, ledger, _):
        found = content_log.read(store, ledger, index)
    _write_private(output, found.data)
    if salt:
        click.echo(found.salt.hex())


def _write_private(path: Path, data: bytes) -> None:
    """A new file with mode 0600; an existing one is left alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already.", "Name a new file.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
