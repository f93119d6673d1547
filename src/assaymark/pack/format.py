"""The pack, version 1: which members it has, what its signed statement says. Nouns and names only.

A pack is a ZIP file whose members are stored, never compressed, in the order of their names and with one
fixed time: the same input gives the same bytes, and nothing in it can expand. `STATEMENT` is a DSSE envelope
around an in-toto Statement v1 whose subjects are all other members but the sign-offs, each with its SHA-256;
so one signature covers every byte. Each sign-off is a DSSE envelope of its own around a Statement whose one
subject is the payload of `STATEMENT`. `docs/formats/pack.md` describes it for readers without Assaymark.
"""

from typing import Literal

from msgspec import Struct, field

from assaymark.assess.assessment import NotLookedAt
from assaymark.asset import Asset, Edge
from assaymark.observation import CheckInfo, Location
from assaymark.report.predicate import (
    PREDICATE,
    STATEMENT_TYPE,
    PackPredicate,
    RedactedV1,
    ResultV1,
    StandardV1,
    VerifierV1,
)

__all__ = [
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
    "PAYLOAD_TYPE",
    "PREDICATE",
    "PROOFS",
    "REPORT",
    "REPORT_HTML",
    "SIGN_OFF",
    "SIGN_OFFS",
    "STATEMENT",
    "STATEMENT_TYPE",
    "Basis",
    "ConsistencyV1",
    "PackPredicate",
    "ProofV1",
    "RedactedV1",
    "ResultV1",
    "SignOffPredicate",
    "StandardV1",
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
"""`ConsistencyV1` a line, from heads that the receiver holds; absent if none was named."""
DOCUMENTS = "documents/"
"""Folder of the documents that attestations name, by their path; empty with `--redact`."""
ATTESTATIONS = "attestations/"
"""Folder of attestation files, byte for byte."""


class Basis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the assessment looked at, apart from the manifest and the ledger."""

    v: Literal[1] = 1
    root: str
    """Last component of the assessed folder's path."""
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
