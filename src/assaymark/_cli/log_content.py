"""``assaymark log keep|read|erase|replay-erasures``: content beside the log that can be erased."""

import contextlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from assaymark._cli.places import content_path, key_path, ledger_path
from assaymark.errors import UsageError
from assaymark.ledger import content_log
from assaymark.ledger.content import MAX_CONTENT_BYTES, ContentStore
from assaymark.ledger.keys import load_or_create_key
from assaymark.ledger.ledger import Ledger

__all__ = ["erase_command", "keep_command", "read_command", "replay_command"]

_PATH = click.argument("path", default=".", type=click.Path(path_type=Path, exists=True))


@click.command("keep")
@click.argument("file", type=click.Path(path_type=Path))
@_PATH
@click.option("--subject", required=True, metavar="NAME", help="Asset or person whose content it is.")
def keep_command(file: Path, path: Path, subject: str) -> None:
    """Keep FILE, enciphered, and record a commitment to it in the ledger of PATH.

    The ledger never holds the content nor the subject's name. `log erase` makes
    the content unreadable for good and leaves the ledger whole. Prints the
    entry's index.
    """
    data = _read(file)
    with _open(path) as (store, ledger, system):
        click.echo(content_log.keep(store, ledger, subject, data, system=system, now=datetime.now(UTC)))


@click.command("read")
@click.argument("index", type=click.IntRange(min=0))
@_PATH
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="File to write; a new one."
)
@click.option("--salt", is_flag=True, help="Print the salt, with which others can check the commitment.")
def read_command(index: int, path: Path, output: Path, salt: bool) -> None:
    """Write the content of the ledger's entry INDEX to a file that you alone can read."""
    with _open(path) as (store, ledger, _):
        found = content_log.read(store, ledger, index)
    _write_private(output, found.data)
    if salt:
        click.echo(found.salt.hex())


@click.command("erase")
@click.argument("subject")
@_PATH
@click.option("--by", required=True, metavar="NAME", help="Who orders it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, without the subject's name.")
def erase_command(subject: str, path: Path, by: str, reason: str) -> None:
    """Erase all content that is kept for SUBJECT, by erasing its key.

    Recorded in the ledger before and after. Copies that a backup or a snapshot
    took are not reached; see docs/evidence/content.md.
    """
    with _open(path) as (store, ledger, system):
        done = content_log.erase(
            store, ledger, subject, by=by, reason=reason, system=system, now=datetime.now(UTC)
        )
    click.echo(f"Erased {_counted(len(done.keys), 'key')} and {_counted(len(done.contents), 'content')}.")


@click.command("replay-erasures")
@_PATH
def replay_command(path: Path) -> None:
    """Erase again what was erased before and has come back, from a backup say."""
    with _open(path) as (store, ledger, system):
        again = content_log.replay_erasures(store, ledger, system=system, now=datetime.now(UTC))
    click.echo(f"Erased again: {_counted(len(again), 'key')}." if again else "Nothing had come back.")


@contextlib.contextmanager
def _open(path: Path) -> Iterator[tuple[ContentStore, Ledger, str]]:
    """The kept content, the ledger and the name of the system at `path`."""
    from assaymark.pipeline import describe  # slow to import

    if not path.is_dir():
        raise UsageError(f"{path} is no folder.", "Name the folder of the system.")
    key = load_or_create_key(key_path())
    with Ledger.open(ledger_path(path), key) as ledger:
        store = ContentStore(content_path(ledger.origin), key, ledger.origin)
        yield store, ledger, describe(path).name


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is no plain file.", "Name a file.")
            return file.read(MAX_CONTENT_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name a file that can.") from error


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


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
