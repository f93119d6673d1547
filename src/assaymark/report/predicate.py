"""What our own in-toto predicate says, version 1: the assessment in the fewest words. Nouns and names only.

A pack's signed statement and the export for other tools carry the same predicate. `docs/formats/pack.md`
describes it.
"""

from typing import Literal

from msgspec import Struct, field

__all__ = [
    "PREDICATE",
    "STATEMENT_TYPE",
    "PackPredicate",
    "PaperV1",
    "RedactedV1",
    "ResultV1",
    "StandardV1",
    "VerifierV1",
]

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:assaymark:conformance-assessment:v1"
"""Type of the predicate; a name, fetched from nowhere."""


class VerifierV1(Struct, frozen=True, kw_only=True):
    """What made the pack."""

    id: str = "assaymark"
    version: str


class StandardV1(Struct, frozen=True, kw_only=True, rename="camel"):
    """What was assessed against; ids and own words, never ETSI's text."""

    edition: str
    """`EN 304 223 V2.1.1`."""
    catalogue_sha256: str
    provisions: int
    """How many the catalogue holds."""


class ResultV1(Struct, frozen=True, kw_only=True, rename="camel"):
    """Verdict on one provision."""

    requirement: str
    verdict: str
    """`pass`, `fail`, `inconclusive` or `not applicable`."""
    freshness: str
    evidence: tuple[str, ...]
    """Leaf hashes, hexadecimal, of the entries that support it."""
    counter_evidence: tuple[str, ...]
    """Leaf hashes of the entries against it."""


class PaperV1(Struct, frozen=True, kw_only=True):
    """A file of the owner's that is in the pack."""

    name: str
    """Its path relative to the assessed folder; it begins with `../` where it lies beside it."""
    sha256: str
    member: str
    """Under which name it is in the pack."""


class RedactedV1(Struct, frozen=True, kw_only=True):
    """A document of which only the digest is here."""

    name: str
    sha256: str
    """As the attestation states it."""
    reason: str


class PackPredicate(Struct, frozen=True, kw_only=True, rename="camel"):
    """The predicate of `STATEMENT`. Readers ignore members that they do not know."""

    verifier: VerifierV1
    standard: StandardV1
    time_created: str
    """When it was assessed, ISO 8601, UTC."""
    system: str
    organisation: str = ""
    system_version: str = ""
    git_commit: str = ""
    roles: tuple[str, ...] = ()
    """Roles held; empty means not stated."""
    ledger: str
    """Origin of the ledger that the entries are from."""
    ledger_key: str = ""
    """Hexadecimal Ed25519 key that signed the pack's checkpoint."""
    assessment: str = ""
    """Leaf hash of the ledger entry that records this assessment (`pack.format.AssessmentV1`)."""
    assessments: int = 0
    """Its number: how many assessments of this system the ledger records up to it."""
    results: tuple[ResultV1, ...]
    """In the standard's order, every provision."""
    attestations: tuple[PaperV1, ...] = ()
    documents: tuple[PaperV1, ...] = ()
    redacted: tuple[RedactedV1, ...] = ()
    public_key: str
    """Hexadecimal Ed25519 key that signed this statement."""
    version: Literal[1] = field(default=1, name="packVersion")
