"""``assaymark log check``."""

from pathlib import Path

import click

from assaymark._cli.log.source import key_of, verifier_keys
from assaymark.errors import UsageError
from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError, parse, signed_by
from assaymark.ledger.merkle import verify_consistency
from assaymark.ledger.note import COSIGNATURE, MAX_NOTE, VerifierKey
from assaymark.ledger.receipt import Receipt, ReceiptError, check, parse_receipt
from assaymark.ledger.tiles import MAX_ENTRY_BYTES
from assaymark.ledger.witness_protocol import InvalidRequestError, parse_request
from assaymark.signing.problems import shown

__all__ = ["command"]

_FILE = click.Path(path_type=Path)


@click.command("check")
@click.argument("proof", type=_FILE)
@click.option("--entry", type=_FILE, metavar="FILE", help="The entry, byte for byte.")
@click.option("--head", type=_FILE, metavar="FILE", help="The older head, for a proof that the log grew.")
@click.option("--public-key", default="", metavar="HEX", help="The log's key.")
@click.option("--vkey", default="", metavar="KEY", help="The log's name and key, NAME+ID+KEY.")
@click.option(
    "--witness-key",
    "witnesses",
    multiple=True,
    metavar="KEY",
    help="A witness that must have cosigned; repeatable.",
)
def command(
    proof: Path, entry: Path | None, head: Path | None, public_key: str, vkey: str, witnesses: tuple[str, ...]
) -> None:
    """Check a receipt or proof, offline, with the log's key alone.

    PROOF is what `log prove` or `log receipt` wrote; given the folder of the
    latter, all receipts in it are checked. Nothing but the files named here is
    read. Exit code 0 if it holds, 14 if not.
    """
    if proof.is_dir() and entry is None and head is None:
        key, trusted = key_of(public_key, vkey), verifier_keys(witnesses, COSIGNATURE)
        count = len([_receipt(path, path.with_suffix(".entry"), key, trusted) for path in _receipts(proof)])
        click.echo(f"{count} {'receipt holds' if count == 1 else 'receipts hold'}.")
        return
    if (entry is None) == (head is None):
        raise UsageError("Say what it is to prove.", "Give --entry for a receipt, --head for growth.")
    key, trusted = key_of(public_key, vkey), verifier_keys(witnesses, COSIGNATURE)
    if entry is not None:
        click.echo(_told(_receipt(proof, entry, key, trusted)))
    elif head is not None:
        before, after = _grown(_read(proof, MAX_NOTE * 3), head, key)
        click.echo(shown(f"The log {after.origin} only grew,"))
        click.echo(f"from {before.size} to {after.size} entries; what was there is unchanged.")


def _receipts(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.tlog-proof"))
    if not found:
        raise UsageError(f"There are no receipts in {folder}.", "Name what `log receipt -o` named.")
    return found


def _receipt(
    proof: Path, entry: Path, key: bytes | VerifierKey, witnesses: tuple[VerifierKey, ...]
) -> Receipt:
    """The receipt in a file, after checking it against the entry in another."""
    try:
        receipt = parse_receipt(_decoded(_read(proof, MAX_NOTE * 3), proof))
        check(receipt, _read(entry, MAX_ENTRY_BYTES), key, witnesses, len({w.key for w in witnesses}))
    except ReceiptError as error:
        raise ReceiptError(f"{shown(str(proof))}: {error.message}", error.advice) from error
    return receipt


def _told(receipt: Receipt) -> str:
    lines = (
        f"The log {shown(receipt.head.origin)} recorded it as entry {receipt.proof.index}.",
        f"Its head covers {receipt.head.size} entries.",
        f"Root: {receipt.head.root.hex()}",
    )
    return "\n".join(lines)


def _grown(text: bytes, head: Path, key: bytes | VerifierKey) -> tuple[Checkpoint, Checkpoint]:
    """Both heads of a proof that a log grew, after checking it."""
    try:
        request = parse_request(text)
        before, after = parse(_decoded(_read(head, MAX_NOTE), head)), parse(request.note)
    except (InvalidRequestError, InvalidCheckpointError) as error:
        raise ReceiptError(f"This proves nothing: {error}.", "Make it again with `log prove`.") from error
    public = key.key if isinstance(key, VerifierKey) else key
    older = _decoded(_read(head, MAX_NOTE), head)
    if not (signed_by(older, public) and signed_by(request.note, public)):
        raise ReceiptError("One of the heads bears no signature by the key given.", "Ask for the right key.")
    if before.origin != after.origin or (isinstance(key, VerifierKey) and key.name != after.origin):
        raise ReceiptError("The heads are not of the log that was named.", "Ask for the right ones.")
    holds = request.old == before.size and _consistent(before, after, request.proof)
    if not holds:
        raise ReceiptError(
            f"The proof does not lead from the head over {before.size} to that over {after.size} entries.",
            "The log was changed or cut off between them, or the proof is for another head.",
        )
    return before, after


def _consistent(before: Checkpoint, after: Checkpoint, proof: tuple[bytes, ...]) -> bool:
    if before.size == 0:
        return not proof
    return verify_consistency(before.size, after.size, before.root, after.root, proof)


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    if len(data) > limit:
        raise UsageError(f"{path} is longer than the {limit:,} bytes that it can have.", "Name another.")
    return data


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeError as error:
        raise ReceiptError(f"{path} is no text.", "Ask for it again.") from error
