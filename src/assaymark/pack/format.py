"""The pack, version 1: which members it has, what its signed statement says. Nouns and names only.

A pack is a ZIP file whose members are stored, never compressed, in the order of their names and with one
fixed time: the same input gives the same bytes, and nothing in it can expand. `STATEMENT` is a DSSE envelope
around an in-toto Statement v1 whose subjects are all other members but the sign-offs, each with its SHA-256;
so one signature covers every byte. Each sign-off is a DSSE envelope of its own around a Statement whose one
subject is the payload of `STATEMENT`. `docs/formats/pack.md` describes it for readers without Assaymark.

All JSON of the pack's own (basis, statement, proofs, sign-offs) is canonical: `observation.canonical`.
"""

from typing import Generic, Literal, TypeVar

from msgspec import Struct, field

from assaymark.assess.assessment import NotLookedAt
from assaymark.asset import Asset, Edge
from assaymark.observation import CheckInfo, Location
from assaymark.report.predicate import (
    PREDICATE,
    STATEMENT_TYPE,
    PackPredicate,
    PaperV1,
    RedactedV1,
    ResultV1,
    StandardV1,
    VerifierV1,
)

__all__ = [
    "ASSESSMENT",
    "ATTESTATIONS",
    "BASIS",
    "BOM",
    "CHECKPOINT",
    "CONSISTENCY",
    "DOCUMENTS",
    "ENTRIES",
    "GATE",
    "ICS",
    "IXIT",
    "MANIFEST",
    "MAX_EARLIER",
    "MAX_ENTRIES",
    "MAX_LINES",
    "MAX_MEMBER",
    "MAX_MEMBERS",
    "MAX_NAME",
    "MAX_PACK",
    "MAX_TEXT",
    "PAYLOAD_TYPE",
    "PREDICATE",
    "PROOFS",
    "REPORT",
    "REPORT_HTML",
    "SIGNED",
    "SIGN_OFF",
    "SIGN_OFFS",
    "STATEMENT",
    "STATEMENT_TYPE",
    "AssessmentV1",
    "Basis",
    "ConsistencyV1",
    "CountsV1",
    "DigestV1",
    "PackPredicate",
    "PaperV1",
    "ProofV1",
    "RedactedV1",
    "ResultV1",
    "SignOffPredicate",
    "StandardV1",
    "StatementV1",
    "SubjectV1",
    "VerifierV1",
]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
SIGN_OFF = "urn:assaymark:sign-off:v1"

STATEMENT = "statement.dsse.json"
SIGN_OFFS = "sign-offs/"
"""Folder of `<first 16 hexadecimal digits of the key's SHA-256>.dsse.json`, one a signature by role."""
GATE = "svr.intoto.json"
"""In-toto Statement with the SVR v0.2 predicate, for gates; unsigned by itself, covered as a subject."""
BASIS = "basis.json"
"""What verdicts are re-derived from, beside manifest and entries (`Basis`)."""
MANIFEST = "assaymark.yaml"
"""The owner's manifest, byte for byte; absent if there is none."""
REPORT = "report.json"
REPORT_HTML = "report.html"
ICS = "ics.json"
IXIT = "ixit.json"
BOM = "bom.cdx.json"
"""AI-BOM, CycloneDX 1.6."""
ENTRIES = "ledger/entries.jsonl"
"""One ledger entry a line, exactly as hashed: the leaf is SHA-256(0x00 || line without its line feed)."""
PROOFS = "ledger/proofs.jsonl"
"""One `ProofV1` a line, for the entry on the same line."""
CHECKPOINT = "ledger/checkpoint"
"""Signed note, with the cosignatures that it had."""
CONSISTENCY = "ledger/consistency.jsonl"
"""`ConsistencyV1` a line: first from `Basis.head`, then from each head that the receiver holds."""
DOCUMENTS = "documents/"
"""Folder of the documents that attestations name (`PackPredicate.documents` says which); none with
`--redact`."""
ATTESTATIONS = "attestations/"
"""Folder of attestation files, byte for byte (`PackPredicate.attestations` says which)."""

SIGNED = "statement"
"""Name of the one subject of a sign-off: SHA-256 of the payload of `STATEMENT`."""
ASSESSMENT = "assessment"
"""Type of the ledger entries whose body is an `AssessmentV1`."""

MAX_MEMBERS = 16_384
MAX_MEMBER = 1 << 30
"""Bytes of one member."""
MAX_PACK = (1 << 31) - 1
"""Bytes of a pack: no ZIP64 is ever needed, and none is accepted."""
MAX_NAME = 240
"""Bytes of a member's name; `pack.names` says what else a name must be."""
MAX_TEXT = 64 << 20
"""Bytes of any member that is read whole: all but documents, entries and proofs."""
MAX_LINES = 1 << 28
"""Bytes of `ENTRIES`, and of `PROOFS`: readers keep what the lines say in memory."""
MAX_ENTRIES = 200_000
"""Lines of `ENTRIES` and of `PROOFS`."""
MAX_EARLIER = 1_000
"""Entries of the type `ASSESSMENT` that a pack carries, the newest ones."""

P = TypeVar("P")


class DigestV1(Struct, frozen=True, forbid_unknown_fields=True):
    """The digest of a subject."""

    sha256: str


class SubjectV1(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a statement is about."""

    name: str
    digest: DigestV1


class StatementV1(Struct, Generic[P], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An in-toto Statement v1 around a predicate `P`."""

    type: str = field(default=STATEMENT_TYPE, name="_type")
    subject: tuple[SubjectV1, ...]
    """Of `STATEMENT`: every member but itself and the sign-offs, in the order of their names."""
    predicate_type: str = field(name="predicateType")
    predicate: P


class Basis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the assessment looked at, apart from the manifest and the ledger."""

    v: Literal[1] = 1
    root: str
    """Last component of the assessed folder's path."""
    system: str
    """Name of the system, for where there is no manifest."""
    head: str
    """Signed note over the ledger when the evidence was verified; `report.json` states its size and root.
    The assessment itself was recorded after it, so `CHECKPOINT` is a later one."""
    manifest_path: str = ""
    """Where `MANIFEST` lay, relative to the root; empty if there was none."""
    commit: str = ""
    files: int
    assessed_at: str
    """ISO 8601, UTC."""
    tool_version: str
    circumstances: dict[str, tuple[Location, ...]]
    digests: dict[str, str]
    checks: tuple[CheckInfo, ...]
    assets: tuple[Asset, ...]
    edges: tuple[Edge, ...]
    not_looked_at: tuple[NotLookedAt, ...]
    problems: tuple[str, ...]


class ProofV1(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an entry is in the tree under `CHECKPOINT`."""

    index: int
    """Position in the ledger, from 0."""
    leaf: str
    """Hexadecimal leaf hash."""
    hashes: tuple[str, ...]
    """RFC 6962 inclusion proof, leaf side first, base64."""


class ConsistencyV1(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the tree under `CHECKPOINT` extends an earlier one."""

    checkpoint: str
    """The earlier signed note."""
    hashes: tuple[str, ...]
    """RFC 6962 consistency proof, base64."""


class CountsV1(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How many provisions have which verdict."""

    passed: int
    failed: int
    inconclusive: int
    not_applicable: int


class AssessmentV1(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Body of a ledger entry of the type `ASSESSMENT`: that an assessment was packed, and what it said.

    Each names the one before it, so that none between two of them can be left out afterwards. The newest
    `MAX_EARLIER` of them are among `ENTRIES`.
    """

    number: int
    """Of this system in this ledger, from 1."""
    previous: str = ""
    """Hexadecimal leaf hash of the entry with the number before; empty for the first."""
    report_sha256: str
    """Of `REPORT`."""
    edition: str
    catalogue_sha256: str
    tool_version: str
    assessed_at: str
    git_commit: str = ""
    counts: CountsV1


class SignOffPredicate(Struct, frozen=True, kw_only=True, rename="camel"):
    """Predicate of a sign-off: a named person answers for the pack in a role."""

    role: str
    """Developer, System Operator, Data Custodian or Assessor."""
    name: str
    organisation: str = ""
    statement: str = ""
    """In the person's own words."""
    signed_at: str
    """ISO 8601, UTC."""
    public_key: str
    """Hexadecimal Ed25519 key that signs this."""
    system: str
    """Name of the system, as in the pack that is signed."""
    version: Literal[1] = field(default=1, name="signOffVersion")
