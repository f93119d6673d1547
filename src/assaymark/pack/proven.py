"""A pack's ledger part → entries that are proven to be in the supplier's log, once each, about one system."""

import base64
from collections.abc import Iterator

from msgspec import Struct

from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.entry import InvalidEntryError, body_of, decode
from assaymark.ledger.ledger import Recorded
from assaymark.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from assaymark.observation import Observation
from assaymark.pack.format import (
    ASSESSMENT,
    CHECKPOINT,
    CONSISTENCY,
    ENTRIES,
    MAX_ENTRIES,
    PROOFS,
    AssessmentV1,
    ConsistencyV1,
    ProofV1,
)
from assaymark.pack.read import OpenPack
from assaymark.pack.refused import Refused
from assaymark.pack.strict import decoded
from assaymark.pack.verification import Problem

__all__ = ["Chain", "consistency", "evidence", "hash_bytes", "head_of"]

_KINDS = ("observation", "attestation", ASSESSMENT)
_MOST_HASHES = 64


class Chain(Struct, frozen=True):
    """A proof that one head extends another, as the pack has it."""

    note: str
    head: Checkpoint
    """The earlier one."""
    holds: bool


def head_of(note: str, key: bytes, origin: str, place: str) -> Checkpoint:
    """The head in a signed note.

    Raises:
        Refused: it is none, is of another ledger, or `key` did not sign it.
    """
    try:
        head = checkpoint.parse(note)
        held = checkpoint.signed_by(note, key)
    except ValueError as error:
        raise Refused(place, f"is no signed head of a ledger: {error}.") from error
    if head.origin != origin:
        raise Refused(place, f"is the head of {head.origin}, the statement is about {origin}.")
    if not held:
        raise Refused(place, "bears no signature by the ledger's key that holds.")
    return head


def evidence(pack: OpenPack, head: Checkpoint, system: str, problems: list[Problem]) -> tuple[Recorded, ...]:
    """Every entry whose proof holds, in the ledger's order; what is wrong with the others is told.

    Args:
        pack: the pack.
        head: the ledger's head, whose signature holds.
        system: name of the system that all entries have to be about.
        problems: gets one for each entry that does not hold.
    """
    found: list[Recorded] = []
    said: dict[tuple[str, str, bytes], int] = {}
    last = -1
    proofs = pack.lines(PROOFS)
    for number, line in enumerate(pack.lines(ENTRIES), 1):
        place = f"{ENTRIES}:{number}"
        try:
            if number > MAX_ENTRIES:
                raise Refused(ENTRIES, f"holds more than {MAX_ENTRIES:,} entries.")
            one = _proven(line, next(proofs, None), head, number)
            if one.index <= last:
                raise Refused(place, f"is entry {one.index} after entry {last}: repeated or out of order.")
            last = one.index
            _fit(one, system, place)
            key = (one.entry.type, one.entry.key, bytes(one.entry.body))
            if key in said:
                raise Refused(place, f"says again what entry {said[key]} says: an entry was replayed.")
            said[key] = one.index
            found.append(one)
        except Refused as refused:
            problems.append(Problem(refused.place, refused.reason))
            if len(problems) >= 50 or number > MAX_ENTRIES:
                return tuple(found)
    if next(proofs, None) is not None:
        problems.append(Problem(PROOFS, "holds more proofs than there are entries."))
    return tuple(found)


def consistency(pack: OpenPack, later: Checkpoint) -> Iterator[Chain]:
    """The pack's proofs that `later` extends earlier heads; the signatures under these are not checked.

    Raises:
        Refused: one is not of the right form.
    """
    for number, line in enumerate(pack.lines(CONSISTENCY) if CONSISTENCY in pack else (), 1):
        place = f"{CONSISTENCY}:{number}"
        proof = decoded(line, ConsistencyV1, place)
        try:
            head = checkpoint.parse(proof.checkpoint)
        except ValueError as error:
            raise Refused(place, f"names no signed head: {error}.") from error
        hashes = _hashes(proof.hashes, place)
        empty = head.size == 0 and not hashes  # every tree extends the one without entries
        holds = empty or verify_consistency(head.size, later.size, head.root, later.root, hashes)
        yield Chain(proof.checkpoint, head, holds and head.origin == later.origin)


def hash_bytes(text: str, place: str) -> bytes:
    """32 bytes from base64 in its one form.

    Raises:
        Refused: it is anything else.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if len(data) != 32 or base64.b64encode(data).decode() != text:
        raise Refused(place, "holds something else than hashes in base64.")
    return data


def _proven(line: bytes, proof_line: bytes | None, head: Checkpoint, number: int) -> Recorded:
    place, beside = f"{ENTRIES}:{number}", f"{PROOFS}:{number}"
    if proof_line is None:
        raise Refused(place, "has no proof.")
    proof = decoded(proof_line, ProofV1, beside)
    leaf = leaf_hash(line)
    if proof.leaf != leaf.hex():
        raise Refused(place, "was changed: its bytes do not give the leaf hash beside its proof.")
    if not 0 <= proof.index < head.size:
        raise Refused(beside, f"names entry {proof.index}; the ledger has {head.size:,}.")
    if not verify_inclusion(leaf, proof.index, head.size, _hashes(proof.hashes, beside), head.root):
        raise Refused(beside, f"does not show that entry {proof.index} is under {CHECKPOINT}.")
    try:
        entry = decode(line)
    except InvalidEntryError as error:
        raise Refused(place, f"is not well-formed: {error}.") from error
    return Recorded(proof.index, proof.leaf, entry.time, entry)


def _fit(one: Recorded, system: str, place: str) -> None:
    if one.entry.system != system:
        raise Refused(place, f"is about {one.entry.system[:80]!r}, the pack is about {system[:80]!r}.")
    if one.entry.type not in _KINDS:
        raise Refused(place, f"is of the unknown kind {one.entry.type[:40]!r}.")
    try:
        body_of(one.entry, AssessmentV1 if one.entry.type == ASSESSMENT else Observation)
    except InvalidEntryError as error:
        raise Refused(place, f"is not well-formed: {error}.") from error


def _hashes(encoded: tuple[str, ...], place: str) -> tuple[bytes, ...]:
    if len(encoded) > _MOST_HASHES:
        raise Refused(place, f"has {len(encoded)} hashes; no proof has more than {_MOST_HASHES}.")
    return tuple(hash_bytes(text, place) for text in encoded)
