"""The signed statement of a pack: its signature, its version, and that it covers every other member."""

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from assaymark import __version__
from assaymark.pack.dsse import holds, parse_envelope
from assaymark.pack.format import (
    BASIS,
    CHECKPOINT,
    ENTRIES,
    GATE,
    PREDICATE,
    PROOFS,
    REPORT,
    SIGN_OFFS,
    STATEMENT,
    STATEMENT_TYPE,
    PackPredicate,
    StatementV1,
)
from assaymark.pack.read import OpenPack
from assaymark.pack.refused import Refused
from assaymark.pack.strict import canonical_object, decoded, key_bytes
from assaymark.pack.verification import Problem
from assaymark.signing.problems import DoesNotVerify

__all__ = ["Stated", "signed_statement"]

_NEEDED = (BASIS, CHECKPOINT, ENTRIES, PROOFS, REPORT, GATE)
"""Members without which nothing can be derived."""


class Stated(Struct, frozen=True, kw_only=True):
    """The signed statement, its signature and subjects checked."""

    predicate: PackPredicate
    sha256: str
    digests: dict[str, str]
    """Member → SHA-256 as read."""


def signed_statement(pack: OpenPack, public_key: str, problems: list[Problem]) -> Stated:
    """The statement, once its signature holds and every member is one of its subjects.

    Args:
        pack: the pack.
        public_key: hexadecimal key that has to have signed it; empty: any.
        problems: gets what is wrong, short of what ends the reading.

    Raises:
        Refused: the signature or the form does not hold; nothing else is worth a look then.
    """
    try:
        envelope = parse_envelope(pack.read(STATEMENT), "It")
    except DoesNotVerify as error:
        raise Refused(STATEMENT, error.message) from error
    _known_version(envelope.payload)
    found = decoded(envelope.payload, StatementV1[PackPredicate], STATEMENT)
    key = key_bytes(found.predicate.public_key, STATEMENT)
    key_bytes(found.predicate.ledger_key, STATEMENT)
    if not holds(envelope, key):
        raise Refused(STATEMENT, "its signature does not hold under the key that it names.")
    if public_key and public_key != key.hex():
        told = f"is signed with the key {key.hex()}, not the one that you named."
        problems.append(Problem(STATEMENT, told))
    digests = pack.digests()
    faults = _subjects(found, digests)
    faults += [Problem(name, "is missing from the pack.") for name in _NEEDED if name not in pack]
    if faults:
        problems += faults[:-1]
        raise Refused(faults[-1].place, faults[-1].reason)
    return Stated(
        predicate=found.predicate, sha256=hashlib.sha256(envelope.payload).hexdigest(), digests=digests
    )


def _known_version(payload: bytes) -> None:
    """Say which release is needed before the form is looked at, which a later version may have changed."""
    value = canonical_object(payload, STATEMENT)
    kind = value.get("predicateType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or value.get("_type") != STATEMENT_TYPE:
        raise Refused(STATEMENT, "signs no in-toto Statement v1.")
    if kind != PREDICATE:
        told = f"signs {str(kind)[:80]!r}, not {PREDICATE!r}: it is no pack, or one of a later release."
        raise Refused(STATEMENT, told, "Verify it with the newest release of Assaymark.")
    predicate = value.get("predicate")
    version = predicate.get("packVersion", 1) if isinstance(predicate, dict) else None
    if version != 1:
        told = f"is of pack version {str(version)[:20]}; release {__version__} of Assaymark reads version 1."
        raise Refused(STATEMENT, told, "Verify it with the newest release of Assaymark.")


def _subjects(found: StatementV1[PackPredicate], digests: Mapping[str, str]) -> list[Problem]:
    covered = {name: d for name, d in digests.items() if name != STATEMENT and not name.startswith(SIGN_OFFS)}
    stated = {subject.name: subject.digest.sha256 for subject in found.subject}
    if len(stated) != len(found.subject) or list(stated) != sorted(stated):
        return [Problem(STATEMENT, "names a subject twice, or its subjects out of order.")]
    return [
        *(
            Problem(n, "is in the pack, and the statement does not cover it.")
            for n in covered.keys() - stated
        ),
        *(
            Problem(n, "is covered by the statement, and missing from the pack.")
            for n in stated.keys() - covered
        ),
        *(
            Problem(n, "is not what was signed: its digest is another one.")
            for n in sorted(stated.keys() & covered)
            if stated[n] != covered[n]
        ),
    ]
