"""A witness: remembers the newest head of each log that it trusts, and cosigns only what extends it.

It runs where the log's owner has no say. A log whose end was cut off, or that shows different people
different entries, then finds nobody to cosign it: `Witness.visit` reads a log, `Witness.add` answers one that
submits its head (C2SP tlog-witness). Before a cosignature is given out, what it says is on disk.
"""

import contextlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError, parse, signed_by
from assaymark.ledger.cosignature import cosign, cosigned_at, witness_key
from assaymark.ledger.folder import Folder
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.merkle import EMPTY_ROOT, verify_consistency
from assaymark.ledger.note import MAX_NOTE, Note, Signature, VerifierKey
from assaymark.ledger.prover import Prover
from assaymark.ledger.readers import read_checkpoint
from assaymark.ledger.tiles import TileReader

__all__ = ["RefusedHeadError", "Witness"]

_ASK = "Name the log's key, as its owner gave it to you, with --vkey."
_EVIDENCE = "Keep the log and both heads as evidence, and ask who runs it."


class RefusedHeadError(AssaymarkError):
    """A head that a witness does not cosign.

    Args:
        message: why.
        status: what the HTTP protocol answers.
        size: entries of the head cosigned last, where the answer has to say so.
        advice: what to do about it.
    """

    exit_code = 14

    def __init__(
        self, message: str, status: int, *, size: int | None = None, advice: str = _EVIDENCE
    ) -> None:
        super().__init__(message, advice)
        self.status = status
        self.size = size


class Witness:
    """One witness with its memory.

    Args:
        state: folder in which it remembers; made if missing. One process at a time uses an entry.
        name: its name in cosignatures, such as ``witness.example/w1``.
        key: its own key, used for nothing else.
        logs: keys of the logs that it trusts; several for one log if several machines sign for it.
    """

    def __init__(self, state: Path, name: str, key: Ed25519PrivateKey, logs: Sequence[VerifierKey]) -> None:
        self.key = witness_key(name, public_bytes(key))
        self._private = key
        self._logs = tuple(logs)
        self._state = state

    def last(self, origin: str) -> Checkpoint | None:
        """The head of that log which it cosigned last.

        Raises:
            AssaymarkError: what it remembers was changed.
        """
        with self._memory(origin) as (seen, _):
            return seen

    def visit(self, reader: TileReader, now: int) -> tuple[str, Signature]:
        """Read a log, compare it with what is remembered, and cosign its newest head.

        Args:
            reader: the files of the log.
            now: seconds since the epoch.

        Returns:
            The signed head as read, and the cosignature.

        Raises:
            RefusedHeadError: the log is not trusted, was cut off, or is another than it was.
            ContradictionError: its files contradict each other.
        """
        note, head = read_checkpoint(reader)
        self._known(note, head)
        with self._memory(head.origin) as (seen, keep):
            if seen and head.size < seen.size:
                raise _cut(seen, head)
            prover = Prover.at(reader, head)
            if seen and (before := prover.root(seen.size)) != seen.root:
                raise _forked(seen, before)
            if seen:  # tiles that give both roots need not belong to one tree
                prover.consistency(seen.size)
            return note, keep(head, now)

    def add(self, old: int, proof: Sequence[bytes], note: str, now: int) -> Signature:
        """Answer a log that submits its head with a proof that it extends the one of `old` entries.

        Raises:
            RefusedHeadError: with the status that tlog-witness demands.
        """
        try:
            head = parse(note)
        except InvalidCheckpointError as error:
            raise RefusedHeadError(f"That is no signed head: {error}.", 400) from error
        self._known(note, head)
        if old > head.size:
            raise RefusedHeadError(f"A log of {head.size} entries does not extend one of {old}.", 400)
        with self._memory(head.origin) as (seen, keep):
            size = seen.size if seen else 0
            if old != size:
                raise RefusedHeadError(
                    f"The head cosigned last has {size} entries, not {old}.", 409, size=size
                )
            if seen and head.size == size and head.root != seen.root:
                raise _forked(seen, head.root)
            if not _extends(seen or Checkpoint(head.origin, 0, EMPTY_ROOT), head, proof):
                raise RefusedHeadError(f"The proof does not lead from {size} to {head.size} entries.", 422)
            return keep(head, now)

    def _known(self, note: str, head: Checkpoint) -> None:
        keys = [log for log in self._logs if log.name == head.origin]
        if not keys:
            raise RefusedHeadError(
                f"The log {head.origin} is not among those that are trusted.", 404, advice=_ASK
            )
        if not any(signed_by(note, log.key) for log in keys):
            raise RefusedHeadError(
                f"The head of {head.origin} bears no signature by a key trusted for it.", 403, advice=_ASK
            )

    @contextlib.contextmanager
    def _memory(self, origin: str) -> Iterator[tuple[Checkpoint | None, "_Keep"]]:
        """What is remembered about a log, and how to remember more; nobody else changes it meanwhile."""
        name = f"{sha256(origin.encode()).hexdigest()}.checkpoint"
        try:
            self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.closing(Folder(self._state)) as folder, folder.lock():
                stored = folder.read(name, MAX_NOTE)
                seen = self._own(stored, origin) if stored is not None else None
                yield seen, _Keep(folder, name, self._private, self.key.name)
        except OSError as error:
            raise AssaymarkError(
                f"The witness's memory {self._state} cannot be used: {error.strerror or error}.",
                "Name a folder that can be written, or restore it.",
            ) from error

    def _own(self, stored: bytes, origin: str) -> Checkpoint:
        try:
            note = stored.decode()
            head = parse(note)
            if head.origin == origin and cosigned_at(note, self.key) is not None:
                return head
        except ValueError:
            pass
        raise AssaymarkError(
            f"What the witness remembers about {origin} was changed, or another key or name wrote it.",
            f"Restore {self._state} from a copy; without it nothing can be said about the log's past.",
        )


class _Keep:
    """Cosigns a head and remembers it, in the opposite order for whoever looks on."""

    def __init__(self, folder: Folder, name: str, key: Ed25519PrivateKey, witness: str) -> None:
        self._folder, self._name, self._key, self._witness = folder, name, key, witness

    def __call__(self, head: Checkpoint, now: int) -> Signature:
        signature = cosign(head, self._witness, self._key, now)
        self._folder.write(self._name, Note(head.text(), (signature,)).render().encode(), durable=True)
        return signature


def _extends(seen: Checkpoint, head: Checkpoint, proof: Sequence[bytes]) -> bool:
    if seen.size == 0:
        return not proof and (head.size > 0 or head.root == EMPTY_ROOT)
    return verify_consistency(seen.size, head.size, seen.root, head.root, proof)


def _cut(seen: Checkpoint, head: Checkpoint) -> RefusedHeadError:
    return RefusedHeadError(
        f"The end of the log {seen.origin} was cut off: it had {seen.size} entries (root {seen.root.hex()})"
        f" and now has {head.size} (root {head.root.hex()}).",
        409,
        size=seen.size,
    )


def _forked(seen: Checkpoint, root: bytes) -> RefusedHeadError:
    return RefusedHeadError(
        f"The log {seen.origin} is not the one it was: over the first {seen.size} entries its root was"
        f" {seen.root.hex()} and now is {root.hex()}.",
        409,
        size=seen.size,
    )
