"""Witnesses' signatures under a tree head (C2SP tlog-cosignature v1.0.0, the Ed25519 kind). Pure.

A witness says: at this time, this was the largest head of this log that I had seen, and it extends every
earlier one that I saw. It signs ``cosignature/v1``, the time, and the text of the head.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assaymark.ledger.checkpoint import Checkpoint, taken_apart
from assaymark.ledger.note import COSIGNATURE, Signature, VerifierKey

__all__ = ["cosign", "cosigned_at", "cosigners", "witness_key"]

_MAX_TIME = 2**63 - 1


def witness_key(name: str, public_key: bytes) -> VerifierKey:
    """The key of the witness called `name`, by which others recognise its cosignatures."""
    return VerifierKey(name, COSIGNATURE, public_key)


def cosign(head: Checkpoint, name: str, key: Ed25519PrivateKey, time: int) -> Signature:
    """A cosignature of `head`.

    Args:
        head: what was checked against everything seen before.
        name: the witness's name.
        key: its key.
        time: seconds since the epoch.
    """
    by = witness_key(name, key.public_key().public_bytes_raw())
    return Signature(name, by.id, time.to_bytes(8, "big") + key.sign(_message(head, time)))


def cosigned_at(note: str, witness: VerifierKey) -> int | None:
    """When that witness cosigned the head in `note`, in seconds since the epoch; None if it did not.

    Raises:
        InvalidCheckpointError: it is no signed head.
    """
    head, signatures = taken_apart(note)
    times = [
        _time(head, signature.value, witness)
        for signature in signatures
        if (signature.name, signature.key_id) == (witness.name, witness.id)
    ]
    return None if None in times or not times else times[-1]


def cosigners(note: str, witnesses: tuple[VerifierKey, ...]) -> tuple[VerifierKey, ...]:
    """Those of `witnesses` that cosigned the head in `note`; one key counts once, whatever its names."""
    found = {w.key: w for w in reversed(witnesses) if cosigned_at(note, w) is not None}
    return tuple(reversed(found.values()))


def _time(head: Checkpoint, value: bytes, witness: VerifierKey) -> int | None:
    time = int.from_bytes(value[:8], "big")
    if witness.kind != COSIGNATURE or len(value) != 72 or time > _MAX_TIME:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(witness.key).verify(value[8:], _message(head, time))
    except (InvalidSignature, ValueError):
        return None
    return time


def _message(head: Checkpoint, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{head.text()}".encode()
