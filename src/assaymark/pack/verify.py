"""A pack, hostile until verified → what it shows. Nothing that it states is believed: all is derived anew."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from assaymark import __version__
from assaymark.assess.assessment import Assessment, Verdict
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.cosignature import cosigned_at
from assaymark.ledger.ledger import Recorded
from assaymark.ledger.note import VerifierKey
from assaymark.pack import compare
from assaymark.pack.clock import nonsense
from assaymark.pack.derive import catalogue_of, derived, system_of
from assaymark.pack.dsse import holds, parse_envelope
from assaymark.pack.earlier import earlier_problems
from assaymark.pack.format import (
    BASIS,
    BOM,
    CHECKPOINT,
    CONSISTENCY,
    ENTRIES,
    GATE,
    MANIFEST,
    PREDICATE,
    PROOFS,
    REPORT,
    SIGN_OFFS,
    STATEMENT,
    STATEMENT_TYPE,
    Basis,
    PackPredicate,
    StatementV1,
)
from assaymark.pack.held import disagreements
from assaymark.pack.honest import unlike_its_check
from assaymark.pack.people import attestations, sign_off
from assaymark.pack.proven import Chain, consistency, evidence, head_of
from assaymark.pack.questions import questions
from assaymark.pack.read import OpenPack, open_pack
from assaymark.pack.refused import Refused
from assaymark.pack.roles import RoleSignature, demanded, judge_signatures
from assaymark.pack.strict import canonical_object, decoded, key_bytes
from assaymark.pack.today import as_of
from assaymark.pack.verification import Counts, Kind, PackVerification, Problem, Signed
from assaymark.report.view import tally
from assaymark.signing.problems import DoesNotVerify

__all__ = ["Asked", "verify_pack"]

_MAX_PROBLEMS = 50
_NEEDED = (BASIS, CHECKPOINT, ENTRIES, PROOFS, REPORT, GATE)


class Asked(Struct, frozen=True, kw_only=True):
    """What the buyer brings along."""

    now: datetime
    """The buyer's time, UTC."""
    trusted: Mapping[str, str] = {}
    """Hexadecimal key → what the buyer calls it."""
    held: tuple[str, ...] = ()
    """Signed heads that the buyer kept."""
    public_key: str = ""
    """Hexadecimal key that has to have signed the statement; empty: any."""
    witnesses: tuple[VerifierKey, ...] = ()
    """Witnesses whose cosignatures are looked for."""


class _Stated(Struct, frozen=True, kw_only=True):
    """The signed statement, its signature and subjects checked."""

    predicate: PackPredicate
    sha256: str
    digests: dict[str, str]
    """Member → SHA-256 as read."""


class _Proven(Struct, frozen=True, kw_only=True):
    """What the ledger part gave."""

    head: Checkpoint
    entries: tuple[Recorded, ...]
    chains: tuple[Chain, ...]


def verify_pack(path: Path, asked: Asked | None = None) -> PackVerification:
    """Verify the pack at `path` from its bytes alone, offline.

    Raises:
        UsageError: the file cannot be read.
        NotAPack: it is something else.
    """
    asked = asked or Asked(now=datetime.now(UTC))
    problems: list[Problem] = []
    try:
        with open_pack(path) as pack:
            found = _verified(pack, asked, problems)
            pack.unchanged()
            return found
    except Refused as refused:
        problems.append(Problem(refused.place, refused.reason))
        return _ended(problems, asked)


def _verified(pack: OpenPack, asked: Asked, problems: list[Problem]) -> PackVerification:
    stated = _statement(pack, asked, problems)
    said = stated.predicate
    catalogue_of(said.standard.edition, said.standard.catalogue_sha256)
    basis = decoded(pack.read(BASIS), Basis, BASIS)
    system = system_of(pack.read(MANIFEST) if MANIFEST in pack else None, basis)
    proven = _ledger(pack, said, basis, system.name, asked, problems)
    assessment = derived(basis, system, proven.entries, said.ledger_key)
    counts = counted(assessment)
    problems += _against(pack, stated, assessment, proven, counts)
    signatures = _signatures(pack, stated, proven, assessment, asked, problems)
    problems += nonsense(basis.assessed_at, proven.entries, signatures, asked.now)
    changed = as_of(basis, assessment, proven.entries, asked.now.date())
    shown = PackVerification(
        ok=not problems,
        problems=tuple(dict.fromkeys(problems))[:_MAX_PROBLEMS],
        notes=_notes(said, assessment, proven, pack),
        statement_sha256=stated.sha256,
        assessment=assessment,
        counts=counts,
        signatures=signatures,
        redacted=said.redacted,
        today=changed,
        entries=len(proven.entries),
        ledger_size=proven.head.size,
        day=asked.now.date().isoformat(),
    )
    return _with_questions(shown)


def counted(assessment: Assessment) -> Counts:
    """Verdicts by kind."""
    t = tally(assessment.results)
    return Counts(
        total=t.total,
        passed=t.passed,
        failed=t.failed,
        inconclusive=t.inconclusive,
        not_applicable=t.not_applicable,
    )


def _ended(problems: list[Problem], asked: Asked) -> PackVerification:
    return PackVerification(
        ok=False,
        problems=tuple(dict.fromkeys(problems))[:_MAX_PROBLEMS],
        day=asked.now.date().isoformat(),
    )


def _with_questions(shown: PackVerification) -> PackVerification:
    from msgspec.structs import replace

    return replace(shown, questions=questions(shown))


def _statement(pack: OpenPack, asked: Asked, problems: list[Problem]) -> _Stated:
    """The statement, once its signature holds and every member is one of its subjects.

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
    if asked.public_key and asked.public_key != key.hex():
        problems.append(
            Problem(STATEMENT, f"is signed with the key {key.hex()}, not the one that you named.")
        )
    digests = pack.digests()
    problems += _subjects(found, digests)
    problems += [Problem(name, "is missing from the pack.") for name in _NEEDED if name not in pack]
    if problems and any(p.place in _NEEDED for p in problems):
        raise Refused(problems.pop().place, "is not what was signed, so nothing can be derived from it.")
    return _Stated(
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


def _ledger(
    pack: OpenPack,
    said: PackPredicate,
    basis: Basis,
    system: str,
    asked: Asked,
    problems: list[Problem],
) -> _Proven:
    """Head, proofs and held heads.

    Raises:
        Refused: the head does not hold, so no proof can.
    """
    key = bytes.fromhex(said.ledger_key)
    head = head_of(_text(pack.read(CHECKPOINT), CHECKPOINT), key, said.ledger, CHECKPOINT)
    before = head_of(basis.head, key, said.ledger, f"{BASIS} (head)")
    chains = tuple(consistency(pack, head))
    same = (before.size, before.root) == (head.size, head.root)
    if not same and not any((c.head, c.holds) == (before, True) for c in chains):
        told = "is not shown to extend the head under which the evidence was assessed: the ledger forks."
        problems.append(Problem(CHECKPOINT, told))
    problems += [Problem(CONSISTENCY, "does not hold: the ledger forks.") for c in chains if not c.holds]
    entries = evidence(pack, head, system, problems)
    keys = (key, *map(bytes.fromhex, asked.trusted))
    problems += disagreements(asked.held, head, keys, chains)
    return _Proven(head=head, entries=entries, chains=chains)


def _against(
    pack: OpenPack, stated: _Stated, found: Assessment, proven: _Proven, counts: Counts
) -> list[Problem]:
    """What the pack says, held against what its evidence gives."""
    said, digests = stated.predicate, stated.digests
    problems = [
        *compare.predicate(said, found),
        *compare.report(pack.read(REPORT), found),
        *compare.gate(pack.read(GATE), found),
        *(compare.bill(pack.read(BOM)) if BOM in pack else ()),
        *earlier_problems(proven.entries, said, digests, counts),
        *unlike_its_check(found),
    ]
    if not problems and found.tool_version == __version__:
        problems += compare.rendered(pack, digests, found)
    return problems


def _signatures(
    pack: OpenPack,
    stated: _Stated,
    proven: _Proven,
    found: Assessment,
    asked: Asked,
    problems: list[Problem],
) -> tuple[Signed, ...]:
    said = stated.predicate
    offs = _sign_offs(pack, stated, found, problems)
    people = attestations(pack, said, proven.entries, stated.digests, problems)
    machine = (
        Signed(kind=Kind.STATEMENT, key=said.public_key, at=said.time_created),
        Signed(kind=Kind.CHECKPOINT, key=said.ledger_key, name=said.ledger),
    )
    every = (*machine, *_cosigned(pack, asked), *offs, *people)
    from msgspec.structs import replace

    return tuple(replace(one, trusted=asked.trusted.get(one.key, one.trusted)) for one in every)


def _sign_offs(
    pack: OpenPack, stated: _Stated, found: Assessment, problems: list[Problem]
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


def _cosigned(pack: OpenPack, asked: Asked) -> tuple[Signed, ...]:
    note = _text(pack.read(CHECKPOINT), CHECKPOINT)
    found = []
    for witness in asked.witnesses:
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


def _notes(said: PackPredicate, found: Assessment, proven: _Proven, pack: OpenPack) -> tuple[str, ...]:
    notes = []
    if found.tool_version != __version__:
        notes.append(
            f"Assaymark {found.tool_version} made it, this is {__version__}: the verdicts were derived "
            "anew and agree; the wording of its reports was not compared."
        )
    if BOM not in pack:
        notes.append("It holds no bill of materials.")
    if MANIFEST not in pack:
        notes.append("It holds no manifest: nobody has described the system, so every provision is in scope.")
    if others := proven.head.size - len(proven.entries):
        notes.append(
            f"{len(proven.entries):,} of the ledger's {proven.head.size:,} entries are in the pack; "
            f"what the other {others:,} say, it does not show."
        )
    if said.assessments > 1:
        notes.append(
            f"It is the assessment number {said.assessments} that the ledger records of this system."
        )
    failed = [r for r in found.results if r.verdict is Verdict.FAIL]
    if failed and all(r.waiver for r in failed):
        notes.append("Everything that fails is waived by its owner; a waiver changes no verdict.")
    return tuple(notes)


def _text(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(place, "is not UTF-8 text.") from error
