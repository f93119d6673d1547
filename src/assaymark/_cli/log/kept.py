"""The kept content, the ledger and the name of the system at a path; what its commands share."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from assaymark._cli.places import content_path, key_path, ledger_path
from assaymark.errors import UsageError
from assaymark.ledger.content import ContentStore
from assaymark.ledger.keys import load_or_create_key
from assaymark.ledger.ledger import Ledger

__all__ = ["FOLDER", "counted", "kept"]

FOLDER = click.argument("path", default=".", type=click.Path(path_type=Path, exists=True))


@contextlib.contextmanager
def kept(path: Path) -> Iterator[tuple[ContentStore, Ledger, str]]:
    """The kept content, the ledger and the name of the system at `path`."""
    from assaymark.pipeline import describe  # slow to import

    if not path.is_dir():
        raise UsageError(f"{path} is no folder.", "Name the folder of the system.")
    key = load_or_create_key(key_path())
    with Ledger.open(ledger_path(path), key) as ledger:
        store = ContentStore(content_path(ledger.origin), key, ledger.origin)
        yield store, ledger, describe(path).name


def counted(count: int, noun: str) -> str:
    """`1 key`, `2 keys`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
