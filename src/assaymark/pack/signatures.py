"""All signatures in a pack: of machines, of witnesses, of people in their roles."""

from collections.abc import Sequence
from datetime import UTC, datetime

from assaymark.assess.assessment import Assessment
from assaymark.ledger.cosignature import cosigned_at
from assaymark.ledger.ledger import Recorded
from assaymark.ledger.note import VerifierKey
from assaymark.pack.format import CHECKPOINT, MANIFEST, SIGN_OFFS
from assaymark.pack.people import attestations, sign_off
from assaymark.pack.read import OpenPack
from assaymark.pack.refused import Refused
from assaymark.pack.roles import RoleSignature, demanded, judge_signatures
from assaymark.pack.stated import Stated
from assaymark.pack.verification import Kind, Problem, Signed

__all__ = ["signatures"]


def signatures(
    pack: OpenPack,
    stated: Stated,
    entries: Sequence[Recorded],
    found: Assessment,
    witnesses: Sequence[VerifierKey],
    problems: list[Problem],
) -> tuple[Signed, ...]:
    """Every signature that holds and counts; what is wrong with the others is told."""
    said = stated.predicate
    offs = _sign_offs(pack, stated, found, problems)
    people = attestations(pack, said, entries, stated.digests, problems)
    machine = (
        Signed(kind=Kind.STATEMENT, key=said.public_key, at=said.time_created),
        Signed(kind=Kind.CHECKPOINT, key=said.ledger_key, name=said.ledger),
    )
    return (*machine, *_cosigned(pack, witnesses), *offs, *people)


def _sign_offs(
    pack: OpenPack, stated: Stated, found: Assessment, problems: list[Problem]
) -> tuple[Signed, ...]:
    """Sign-offs that hold and count, by what the manifest asks."""
    signed, places = [], {}
    for name in pack.under(SIGN_OFFS):
        try:
            said = sign_off(pack, name, stated.sha256, stated.predicate.system)
        except Refused as refused:
            problems.append(Problem(refused.place, refused.reason))
            continue
        places[said.public_key] = name
        signed.append(said)
    read = [RoleSignature(role=s.role, name=s.name, key=s.public_key, valid=True) for s in signed]
    verdict = judge_signatures(read, demanded(found.system))
    problems += [Problem(places[r.signature.key], r.reason) for r in verdict.refused]
    problems += [Problem(MANIFEST, f"asks for signatures that are not there: {m}") for m in verdict.missing]
    counted_keys = {s.key for s in verdict.counted}
    return tuple(
        Signed(
            kind=Kind.SIGN_OFF,
            key=s.public_key,
            role=s.role,
            name=s.name,
            organisation=s.organisation,
            at=s.signed_at,
            statement=s.statement,
        )
        for s in signed
        if s.public_key in counted_keys
    )


def _cosigned(pack: OpenPack, witnesses: Sequence[VerifierKey]) -> tuple[Signed, ...]:
    note = pack.read(CHECKPOINT).decode()
    found = []
    for witness in witnesses:
        at = cosigned_at(note, witness)
        if at is not None:
            try:
                when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            except (ValueError, OverflowError, OSError):
                when = f"second {at}"
            found.append(
                Signed(
                    kind=Kind.WITNESS, key=witness.key.hex(), name=witness.name, at=when, trusted=witness.name
                )
            )
    return tuple(found)
