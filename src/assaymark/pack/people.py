"""Who signed what: sign-offs and attestations in a pack, each checked by itself."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from assaymark.errors import UsageError
from assaymark.ledger.attestation import Attestation, key_of, observation_of, parse
from assaymark.ledger.ledger import Recorded
from assaymark.observation import Subject
from assaymark.pack.dsse import holds, key_id, parse_envelope
from assaymark.pack.format import (
    ASSESSMENT,
    SIGN_OFF,
    SIGN_OFFS,
    SIGNED,
    STATEMENT,
    STATEMENT_TYPE,
    PackPredicate,
    PaperV1,
    SignOffPredicate,
    StatementV1,
)
from assaymark.pack.named import documents_named
from assaymark.pack.read import OpenPack
from assaymark.pack.refused import Refused
from assaymark.pack.strict import decoded, key_bytes
from assaymark.pack.verification import Kind, Problem, Signed
from assaymark.signing.problems import DoesNotVerify

__all__ = ["attestations", "sign_off"]

_FOLDERS = ("attestations", "assurance")


def sign_off(pack: OpenPack, name: str, statement: str, system: str) -> SignOffPredicate:
    """What the sign-off in the member `name` says; its signature holds.

    Args:
        pack: the pack.
        name: the member.
        statement: hexadecimal SHA-256 of the statement that it has to be about.
        system: name of the system that it has to be about.

    Raises:
        Refused: anything about it does not hold.
    """
    try:
        envelope = parse_envelope(pack.read(name), "It")
    except DoesNotVerify as error:
        raise Refused(name, error.message) from error
    found = decoded(envelope.payload, StatementV1[SignOffPredicate], name)
    said = found.predicate
    key = key_bytes(said.public_key, name)
    if not holds(envelope, key):
        raise Refused(name, "its signature does not hold under the key that it names.")
    if (found.type, found.predicate_type) != (STATEMENT_TYPE, SIGN_OFF):
        raise Refused(name, f"is no sign-off but {found.predicate_type[:80]!r}.")
    if name != f"{SIGN_OFFS}{key_id(key)[:16]}.dsse.json":
        raise Refused(name, "is filed under another key than the one that signed it.")
    subject = [(s.name, s.digest.sha256) for s in found.subject]
    if subject != [(SIGNED, statement)] or said.system != system:
        raise Refused(name, f"is about another pack, not about this {STATEMENT}.")
    if not (said.name.strip() and said.role.strip()):
        raise Refused(name, "names no person or no role.")
    return said


def attestations(
    pack: OpenPack,
    predicate: PackPredicate,
    entries: Sequence[Recorded],
    digests: Mapping[str, str],
    problems: list[Problem],
) -> tuple[Signed, ...]:
    """Signatures under the attestations, once files, entries and documents agree."""
    stated = {r.entry.key: r for r in entries if r.entry.type == "attestation"}
    files: dict[str, Attestation] = {}
    for paper in predicate.attestations:
        try:
            attestation = _attestation(pack, paper, digests, stated)
            files[key_of(attestation)] = attestation
        except Refused as refused:
            problems.append(Problem(refused.place, refused.reason))
    for key, recorded in stated.items():
        if key not in files:
            problems.append(
                Problem(STATEMENT, f"names no file for the attestation in entry {recorded.index}.")
            )
    problems += _papers(predicate, entries, digests)
    return tuple(_signed(attestation) for attestation in files.values() if attestation.signature)


def _attestation(
    pack: OpenPack, paper: PaperV1, digests: Mapping[str, str], stated: Mapping[str, Recorded]
) -> Attestation:
    if digests.get(paper.member) != paper.sha256:
        raise Refused(paper.member, "is not the file that the statement says it is.")
    try:
        attestation = parse(pack.read(paper.member), paper.member)
    except UsageError as error:
        raise Refused(paper.member, error.message) from error
    recorded = stated.get(key_of(attestation))
    if recorded is None:
        raise Refused(paper.member, "is an attestation that no entry of the ledger records.")
    if recorded.entry.observation() != observation_of(attestation, _holder(paper.name)):
        raise Refused(paper.member, f"says something else than what entry {recorded.index} records.")
    return attestation


def _holder(path: str) -> str:
    """The folder that an attestation is about: the one above ``assurance/attestations``."""
    folder = posixpath.dirname(path)
    for name in _FOLDERS:
        folder = posixpath.dirname(folder) if posixpath.basename(folder) == name else folder
    return folder or "."


def _papers(
    predicate: PackPredicate, entries: Iterable[Recorded], digests: Mapping[str, str]
) -> Iterator[Problem]:
    evidence = (r.entry for r in entries if r.entry.type != ASSESSMENT)
    named = set(documents_named(entry.observation() for entry in evidence))
    here = {Subject(paper.name, paper.sha256) for paper in predicate.documents}
    withheld = {Subject(paper.name, paper.sha256) for paper in predicate.redacted}
    for paper in predicate.documents:
        if digests.get(paper.member) != paper.sha256:
            yield Problem(paper.member, f"is not the document {paper.name!r} that evidence rests on.")
    for subject in sorted((here | withheld) - named):
        yield Problem(STATEMENT, f"lists the document {subject.name!r}, which no evidence rests on.")
    for subject in sorted(named - here - withheld):
        yield Problem(STATEMENT, f"leaves the document {subject.name!r} out without saying so.")


def _signed(attestation: Attestation) -> Signed:
    return Signed(
        kind=Kind.ATTESTATION,
        key=attestation.public_key,
        role=attestation.role,
        name=attestation.by,
        organisation=attestation.organisation,
        at=attestation.made_on,
        statement=attestation.statement,
    )
