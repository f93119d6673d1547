"""Which log a command is about, and its parts for those that prove something about it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from assaymark._cli.places import ledger_path
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError, parse
from assaymark.ledger.keys import parse_public_key
from assaymark.ledger.note import ED25519, InvalidNoteError, VerifierKey, parse_verifier_key
from assaymark.ledger.prover import ContradictionError, Prover
from assaymark.ledger.readers import FolderReader, StoreReader, is_url, read_checkpoint
from assaymark.ledger.tiles import TileReader

__all__ = ["OpenLog", "extends", "key_of", "ledger_of", "open_log", "verifier_keys"]


class OpenLog(Struct, frozen=True):
    """A log at its newest head."""

    name: str
    """What to call it in messages."""
    note: str
    """The newest signed head; whose signature it bears was not looked at."""
    head: Checkpoint
    tiles: TileReader
    """Its files."""

    def prover(self) -> Prover:
        """Proofs that lead to the head; refuses a log whose tiles say something else."""
        return Prover.at(self.tiles, self.head)


def ledger_of(path: Path) -> Path:
    """The ledger of an assessed folder; `path` itself if it is one."""
    if not path.exists():
        raise UsageError(f"There is nothing at {path}.", "Name an assessed folder or a ledger.")
    return ledger_path(path) if path.is_dir() and not _is_log(path) else path


@contextlib.contextmanager
def open_log(place: str) -> Iterator[OpenLog]:
    """The log at a path or URL, for reading.

    Raises:
        AssaymarkError: there is none, or nothing was recorded in it yet.
    """
    if is_url(place):
        store = StoreReader(place)
        yield OpenLog(store.name, *read_checkpoint(store), store)
        return
    path = ledger_of(Path(place))
    if path.is_dir() and not (path / "wal").exists():  # a copy of a published log
        folder = FolderReader(path)
        yield OpenLog(folder.name, *read_checkpoint(folder), folder)
        return
    from assaymark.ledger.opening import opened

    with contextlib.closing(opened(path, writable=False)) as ledger:
        ledger.log.load()
        note = ledger.log.read_note()
        if not note:
            raise AssaymarkError("The ledger is empty; there is no head.", "Run `assaymark assess` first.")
        yield OpenLog(str(path), note, parse(note), ledger.log.tiles)


def extends(log: OpenLog, note: str, name: str) -> bool:
    """Whether `log` still says what a head kept elsewhere says; False if that is of another log or no head.

    Raises:
        ContradictionError: it was cut off or changed since.
    """
    try:
        held = parse(note)
    except InvalidCheckpointError:
        return False
    if held.origin != log.head.origin:
        return False
    if held.size > log.head.size:
        raise ContradictionError(
            f"{name} is a head over {held.size} entries, and the log has {log.head.size}:"
            " its end was cut off."
        )
    prover = log.prover()
    if prover.root(held.size) != held.root:
        raise ContradictionError(
            f"{name} is a head over {held.size} entries with the root {held.root.hex()};"
            f" over as many, the log now has {prover.root(held.size).hex()}."
        )
    prover.consistency(held.size)
    return True


def key_of(public_key: str, vkey: str) -> bytes | VerifierKey:
    """The log's key from whichever option was given; exactly one has to be."""
    if bool(public_key) == bool(vkey):
        raise UsageError(
            "Say whose log it has to be, with --vkey or with --public-key.",
            "The log's owner prints both with `assaymark log head`.",
        )
    return parse_public_key(public_key) if public_key else verifier_keys((vkey,), ED25519)[0]


def verifier_keys(texts: tuple[str, ...], kind: int) -> tuple[VerifierKey, ...]:
    """Keys in the form name+id+key, all of one kind: of logs, or of witnesses.

    Raises:
        UsageError: one is not.
    """
    try:
        keys = tuple(map(parse_verifier_key, texts))
    except InvalidNoteError as error:
        raise UsageError(f"That is no key: {error}.", "Copy it whole: NAME+ID+KEY, in quotes.") from error
    wrong = [key.name for key in keys if key.kind != kind]
    if wrong:
        wanted, other = ("a log", "a witness") if kind == ED25519 else ("a witness", "a log")
        raise UsageError(f"The key of {wrong[0]} is that of {other}, not of {wanted}.", "Give the other key.")
    return keys


def _is_log(path: Path) -> bool:
    """A folder with the files of a ledger or a published log; a mere `checkpoint` may be a model's."""
    published = (path / "checkpoint").is_file() and (path / "tile").is_dir()
    return published or (path / "wal").is_file()
