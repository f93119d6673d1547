"""A receipt: one small text that proves, offline, that an entry is in a log (C2SP tlog-proof v1). Pure.

::

    c2sp.org/tlog-proof@v1
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=      inclusion proof, leaf side first
    …

    assaymark.local/5f2c9a1be07d4433                 the head that the log and witnesses signed
    …

Whoever holds the entry, the receipt and the log's public key needs neither the log nor us.
"""

import base64
from collections.abc import Sequence

from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError, parse, signed_by
from assaymark.ledger.cosignature import cosigners
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.note import MAX_NOTE, InvalidNoteError, VerifierKey, decode_base64
from assaymark.ledger.prover import InclusionProof

__all__ = ["Receipt", "ReceiptError", "check", "parse_receipt", "render_receipt"]

_FIRST = "c2sp.org/tlog-proof@v1"
_MAX_EXTRA = 65_536
_MAX_HASHES = 63


class ReceiptError(AssaymarkError):
    """A receipt that is none, or that does not prove what it is shown for."""

    exit_code = 14


class Receipt(Struct, frozen=True):
    """An inclusion proof with the signed head that it leads to."""

    proof: InclusionProof
    note: str
    """The signed head, verbatim, with all its signatures."""
    head: Checkpoint
    """What the head says."""
    extra: bytes = b""
    """Data that nobody signed, for whoever agreed on it; ours is empty."""


def render_receipt(proof: InclusionProof, note: str, extra: bytes = b"") -> str:
    """The text of a receipt.

    Args:
        proof: an entry's inclusion proof, over as many entries as the head covers.
        note: the signed head.
        extra: data to hand over with it; not authenticated.
    """
    lines = [_FIRST, *([f"extra {_encoded(extra)}"] if extra else []), f"index {proof.index}"]
    return "".join(f"{line}\n" for line in (*lines, *map(_encoded, proof.hashes))) + f"\n{note}"


def parse_receipt(text: str) -> Receipt:
    """The parts of a receipt; nothing is verified yet.

    Raises:
        ReceiptError: it is not of that form.
    """
    if len(text) > MAX_NOTE + _MAX_EXTRA * 2:
        raise _malformed("it is too long")
    proof, blank, note = text.partition("\n\n")
    first, *lines = proof.split("\n")
    if first != _FIRST or not blank or not lines:
        raise _malformed(f"it does not begin with {_FIRST} and a proof")
    try:
        extra = decode_base64(lines.pop(0)[len("extra ") :]) if lines[0].startswith("extra ") else b""
        index, hashes = _index(lines[0] if lines else ""), tuple(map(decode_base64, lines[1:]))
        head = parse(note)
    except (InvalidNoteError, InvalidCheckpointError) as error:
        raise _malformed(str(error)) from error
    if len(hashes) > _MAX_HASHES or any(len(node) != 32 for node in hashes):
        raise _malformed("its proof is no list of hashes")
    if index >= head.size:
        raise _malformed(f"its entry {index} is not among the {head.size} of its head")
    return Receipt(InclusionProof(index, head.size, hashes), note, head, extra)


def check(
    receipt: Receipt,
    data: bytes,
    log: bytes | VerifierKey,
    witnesses: Sequence[VerifierKey] = (),
    quorum: int = 0,
) -> tuple[VerifierKey, ...]:
    """Check that the log recorded `data` where the receipt says; nothing else is consulted.

    Args:
        receipt: what the holder of the log handed over.
        data: the entry, byte for byte.
        log: the log's public key; with a `VerifierKey` the log has to have that name too.
        witnesses: keys of witnesses that one trusts.
        quorum: how many of them have to have cosigned the head.

    Returns:
        Those of `witnesses` that did.

    Raises:
        ReceiptError: it does not hold; the message says which part of it.
    """
    key = log.key if isinstance(log, VerifierKey) else log
    if isinstance(log, VerifierKey) and log.name != receipt.head.origin:
        raise ReceiptError(
            f"The receipt is of the log {receipt.head.origin}, not of {log.name}.", "Ask for the right one."
        )
    if not signed_by(receipt.note, key):
        raise ReceiptError(
            "The head in the receipt bears no signature by the key given, or one that does not hold.",
            "Ask the log's owner, by another way, which key is theirs.",
        )
    if not receipt.proof.leads(leaf_hash(data), receipt.head.root):
        raise ReceiptError(
            f"These bytes are not what the log recorded as entry {receipt.proof.index}.",
            "Compare the entry byte for byte, without a line feed at its end, with what was recorded.",
        )
    found = cosigners(receipt.note, tuple(witnesses))
    if len(found) < quorum:
        raise ReceiptError(
            f"Only {len(found)} of the witnesses named cosigned the head in the receipt;"
            f" {quorum} were asked for.",
            "Ask for a receipt over a head that they have cosigned.",
        )
    return found


def _index(line: str) -> int:
    word, _, number = line.partition(" ")
    if word != "index" or not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise InvalidNoteError("it does not say which entry it is about")
    if str(int(number)) != number:
        raise InvalidNoteError("the number of its entry has leading zeroes")
    return int(number)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _malformed(reason: str) -> ReceiptError:
    return ReceiptError(
        f"This is no receipt: {reason}.", "Ask for it again: `assaymark log receipt` writes it."
    )
