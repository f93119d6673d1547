"""A person's statement about obligations, as a file that people can read and review.

Pure: bytes → `Attestation` → `Observation`. Files lie in ``assurance/attestations/*.json``; the format
is described in ``docs/formats/attestation.md``.
"""

import posixpath
from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.ledger.self_signed import signature_holds, signed
from assaymark.observation import Method, Observation, Outcome, Subject, canonical, digest_of

__all__ = [
    "JUDGED",
    "LONGEST_DAYS",
    "MAX_BYTES",
    "Attestation",
    "Document",
    "Judged",
    "judged_subject",
    "key_of",
    "observation_of",
    "parse",
    "render",
    "signed",
]

MAX_BYTES = 65_536
"""Longest attestation file that is read."""

LONGEST_DAYS = 1_827
"""Five years: nobody can speak for longer."""

JUDGED = "finding of "
"""How the name of a subject begins that is a finding and not a file."""

_ADVICE = "Write attestations with `assaymark attest`; restore or remove this one."


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that the statement rests on."""

    path: str
    """POSIX path relative to the folder that holds ``assurance/``."""
    sha256: str
    """Digest of its content when the statement was made."""


class Judged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tentative finding that the person looked at and found not to be so."""

    check: str
    sha256: str
    """`judged_subject` of the finding: another finding by the same check is not covered."""


class Attestation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one named person states."""

    v: Literal[1] = 1
    """Version of this format."""
    edition: str
    """Edition of the standard that the ids refer to."""
    obligations: tuple[str, ...]
    """Obligation ids, in the standard's order."""
    met: bool
    """Whether they are met; False is counter-evidence."""
    role: str
    """Role in which the person speaks."""
    by: str
    """The person's name."""
    organisation: str = ""
    statement: str
    """In the person's own words."""
    documents: tuple[Document, ...] = ()
    judged: tuple[Judged, ...] = ()
    made_on: str
    """ISO date."""
    valid_until: str
    """ISO date; from the day after it no longer counts."""
    public_key: str = ""
    """Hexadecimal Ed25519 key of the machine on which it was written; empty if unsigned."""
    signature: str = ""
    """Base64 Ed25519 signature of the canonical JSON of this object with an empty `signature`."""


def parse(data: bytes, name: str) -> Attestation:
    """The attestation in a file's bytes.

    Args:
        data: the whole file.
        name: what to call it in messages.

    Raises:
        UsageError: it is no version-1 attestation, a date is wrong, or its signature does not hold.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is longer than {MAX_BYTES:,} bytes.", _ADVICE)
    try:
        value = msgspec.json.decode(data, type=Attestation)
        made_on, until = date.fromisoformat(value.made_on), date.fromisoformat(value.valid_until)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is no attestation: {error}.", _ADVICE) from error
    empty = [f for f in ("obligations", "by", "role", "statement") if not getattr(value, f)]
    if empty:
        raise UsageError(f"{name} is no attestation: {empty[0]} is empty.", _ADVICE)
    if not 0 <= (until - made_on).days <= LONGEST_DAYS:
        raise UsageError(f"{name} ends before it begins, or more than {LONGEST_DAYS} days after.", _ADVICE)
    if (value.signature or value.public_key) and not signature_holds(value):
        raise UsageError(f"{name} was changed after it was signed.", _ADVICE)
    return value


def render(value: Attestation) -> bytes:
    """The file for an attestation: sorted keys, two spaces, a line feed at the end."""
    return msgspec.json.format(canonical(value), indent=2) + b"\n"


def key_of(value: Attestation) -> str:
    """Run key under which the ledger holds it."""
    return digest_of(("attestation", value))


def observation_of(value: Attestation, folder: str = "") -> Observation:
    """The statement as evidence.

    Args:
        value: the attestation.
        folder: path from the assessed root to the folder that holds its ``assurance/``; document paths
            are given relative to the root.
    """
    documents = tuple(
        Subject(posixpath.normpath(posixpath.join(folder, document.path)), document.sha256)
        for document in value.documents
    )
    judged = tuple(Subject(f"{JUDGED}{j.check}", j.sha256) for j in value.judged)
    return Observation(
        check="attestation",
        check_version=value.v,
        obligations=value.obligations,
        decisive=value.obligations,
        outcome=Outcome.MET if value.met else Outcome.NOT_MET,
        summary=value.statement,
        subjects=documents + judged,
        method=Method.INTERVIEW,
        by=value.by,
        role=value.role,
        made_on=value.made_on,
        valid_until=value.valid_until,
    )


def judged_subject(finding: Observation) -> Subject:
    """How an attestation names the tentative `finding` it judged: by what it said, where."""
    said = (finding.check, finding.check_version, finding.outcome, finding.summary, finding.details)
    return Subject(f"{JUDGED}{finding.check}", digest_of(said))
