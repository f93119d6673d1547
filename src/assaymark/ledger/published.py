"""Add signatures to a log's newest head where it is published, as a writer would: under its lock, whole."""

import contextlib
from pathlib import Path

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import InvalidCheckpointError, parse
from assaymark.ledger.note import MAX_NOTE, Signature, with_signatures
from assaymark.ledger.opening import advised, opened
from assaymark.ledger.tiles import CHECKPOINT

__all__ = ["add_signatures"]


def add_signatures(path: Path, note: str, added: tuple[Signature, ...]) -> None:
    """Add cosignatures of the head in `note` to the ledger at `path`.

    Raises:
        AssaymarkError: another head was published meanwhile, or it cannot be written.
    """
    with advised(path), contextlib.closing(opened(path, writable=False)) as place:
        files, storage = place.log.files, place.log.storage
        if not path.is_dir():
            raise AssaymarkError(
                "A ledger of version 1 takes no cosignatures.",
                "Run `assaymark assess` once; it is converted.",
            )
        with files.lock():
            now = (storage.read(CHECKPOINT, MAX_NOTE) or b"").decode("utf-8", "replace")
            try:
                same = parse(now) == parse(note)
            except InvalidCheckpointError:
                same = False
            if not same:
                raise AssaymarkError("The log grew meanwhile.", "Run it again for the new head.")
            storage.write(CHECKPOINT, with_signatures(now, added).encode(), durable=True)
