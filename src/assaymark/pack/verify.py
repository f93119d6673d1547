"""A pack, hostile until verified → what it shows. Nothing that it states is believed: all is derived anew."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from assaymark import __version__
from assaymark.assess.assessment import Assessment, Verdict
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.ledger import Recorded
from assaymark.ledger.note import VerifierKey
from assaymark.pack import compare
from assaymark.pack.clock import nonsense
from assaymark.pack.counter import against, aged
from assaymark.pack.derive import catalogue_of, derived, system_of
from assaymark.pack.earlier import earlier_problems
from assaymark.pack.format import (
    BASIS,
    BOM,
    CHECKPOINT,
    CONSISTENCY,
    GATE,
    MANIFEST,
    REPORT,
    Basis,
    PackPredicate,
)
from assaymark.pack.held import disagreements
from assaymark.pack.honest import older_checks, unlike_its_check
from assaymark.pack.imported import misquoted
from assaymark.pack.proven import Chain, consistency, evidence, head_of
from assaymark.pack.questions import questions
from assaymark.pack.read import OpenPack, open_pack
from assaymark.pack.refused import Refused
from assaymark.pack.signatures import signatures
from assaymark.pack.stated import Stated, signed_statement
from assaymark.pack.strict import decoded
from assaymark.pack.today import as_of
from assaymark.pack.verification import Counts, Kind, PackVerification, Problem, Signed
from assaymark.report.view import tally

__all__ = ["Asked", "verify_pack"]

_MAX_PROBLEMS = 50


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
    stated = signed_statement(pack, asked.public_key, problems)
    said = stated.predicate
    catalogue_of(said.standard.edition, said.standard.catalogue_sha256)
    basis = decoded(pack.read(BASIS), Basis, BASIS)
    system = system_of(pack.read(MANIFEST) if MANIFEST in pack else None, basis)
    proven = _ledger(pack, said, basis, system.name, asked, problems)
    assessment = derived(basis, system, proven.entries, said.ledger_key)
    counts = _counted(assessment)
    # Causes come before what follows from them, for only the first problems are told.
    signed = signatures(pack, stated, proven.entries, assessment, asked.witnesses, problems)
    problems += nonsense(basis.assessed_at, proven.entries, signed, asked.now)
    problems += _against(pack, stated, assessment, proven, counts)
    changed = as_of(basis, assessment, proven.entries, asked.now.date())
    shown = PackVerification(
        ok=not problems,
        problems=tuple(dict.fromkeys(problems))[:_MAX_PROBLEMS],
        notes=_notes(said, assessment, proven, pack, signed),
        statement_sha256=stated.sha256,
        assessment=assessment,
        counts=counts,
        signatures=tuple(replace(one, trusted=asked.trusted.get(one.key, one.trusted)) for one in signed),
        redacted=said.redacted,
        today=changed,
        against=against(assessment),
        aged=aged(assessment),
        entries=len(proven.entries),
        ledger_size=proven.head.size,
        day=asked.now.date().isoformat(),
    )
    return replace(shown, questions=questions(shown))


def _counted(assessment: Assessment) -> Counts:
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
    pack: OpenPack, stated: Stated, found: Assessment, proven: _Proven, counts: Counts
) -> list[Problem]:
    """What the pack says, held against what its evidence gives."""
    said, digests = stated.predicate, stated.digests
    problems = [
        *unlike_its_check(found),
        *misquoted(pack, said, proven.entries),
        *earlier_problems(proven.entries, said, digests, counts),
        *compare.predicate(said, found),
        *compare.report(pack.read(REPORT), found),
        *compare.gate(pack.read(GATE), found, digests[REPORT]),
        *(compare.bill(pack.read(BOM)) if BOM in pack else ()),
    ]
    if not problems and found.tool_version == __version__:
        problems += compare.rendered(pack, digests, found)
    return problems


def _notes(
    said: PackPredicate, found: Assessment, proven: _Proven, pack: OpenPack, signed: Sequence[Signed]
) -> tuple[str, ...]:
    notes = []
    if found.tool_version != __version__:
        notes.append(
            f"Assaymark {found.tool_version} made it, this is {__version__}: the verdicts were derived "
            "anew and agree; the wording of its reports was not compared."
        )
        if changed := older_checks(found):
            notes.append(
                f"{changed} of its {len(found.checks)} checks have another version here: assessed anew with "
                "this release, verdicts may differ."
            )
    unsigned = len(said.attestations) - sum(s.kind is Kind.ATTESTATION for s in signed)
    if unsigned:
        notes.append(f"{unsigned} of {len(said.attestations)} attestations bear no signature of their own.")
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
