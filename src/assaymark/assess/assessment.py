"""What an assessment says: one verdict a provision, with everything it rests on."""

from enum import StrEnum

from msgspec import Struct

from assaymark.asset import Asset, Edge, NotLookedAt
from assaymark.observation import CheckInfo, Location, Observation
from assaymark.standard.provision import Provision
from assaymark.system.system import System, Waiver

__all__ = [
    "Applicability",
    "Assessment",
    "ChangeSince",
    "Evidence",
    "Freshness",
    "NotLookedAt",
    "ObligationResult",
    "ProvisionResult",
    "Threshold",
    "Verdict",
]


class Verdict(StrEnum):
    """Whether a provision is met on all evidence (draft ETSI TS 104 216's words)."""

    PASS = "pass"  # noqa: S105 - the verdict of the conformance method, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"


class Freshness(StrEnum):
    """Whether what a verdict rests on still describes the system; an axis apart from the verdict."""

    FRESH = "fresh"
    STALE = "stale"
    """A subject, check, setting or the catalogue changed since."""
    EXPIRED = "expired"
    """A date of validity has passed."""
    NONE = "no evidence"


class Applicability(Struct, frozen=True, kw_only=True):
    """Whether a provision or obligation applies, why, and who or what decided it (a row of the ICS)."""

    applies: bool
    reason: str
    decided_by: str
    """Name of a person, `rule: …`, or `default: …`."""
    contradicted: str = ""
    """What was found that contradicts a declared exclusion; such an exclusion is not followed."""


class Evidence(Struct, frozen=True, kw_only=True):
    """A verified ledger entry as used here."""

    index: int
    """Index in the ledger."""
    leaf: str
    """Hexadecimal RFC 6962 leaf hash."""
    recorded_at: str
    """ISO 8601 time of recording, UTC."""
    observation: Observation
    freshness: Freshness
    stale_because: str = ""


class ObligationResult(Struct, frozen=True, kw_only=True):
    """Verdict on one of the 115."""

    id: str
    force: str
    actors: tuple[str, ...]
    text: str
    applicability: Applicability
    verdict: Verdict
    basis: str
    """`observed`, `attested`, `observed and attested`, or `none`."""
    reason: str
    evidence: tuple[int, ...] = ()
    """Indices of supporting entries."""
    counter_evidence: tuple[int, ...] = ()
    """Indices of entries against."""


class ProvisionResult(Struct, frozen=True, kw_only=True):
    """Verdict on one of the 72."""

    id: str
    verdict: Verdict
    reason: str
    """Why, one or two sentences with figures."""
    unmet: str = ""
    """Strongest force among failed obligations: `shall`, `should`, or empty."""
    basis: str
    freshness: Freshness
    applicability: Applicability
    obligations: tuple[ObligationResult, ...]
    moves: tuple[str, ...] = ()
    """What would move the verdict, most effective first."""
    waiver: Waiver | None = None
    """A valid waiver, if any."""


class ChangeSince(Struct, frozen=True, kw_only=True):
    """One difference from an earlier assessment."""

    provision: str
    kind: str
    """better, worse, stale, new (no earlier verdict)."""
    before: str
    after: str
    because: str


class Threshold(Struct, frozen=True, kw_only=True):
    """A bound or period that is ours, not the standard's."""

    name: str
    value: str
    meaning: str


class Assessment(Struct, frozen=True, kw_only=True):
    """Everything a report prints. A self-assessment; it certifies nothing."""

    system: System
    edition: str
    """`EN 304 223 V2.1.1`."""
    catalogue_sha256: str
    tool_version: str
    assessed_at: str
    """ISO 8601, UTC."""
    root: str
    """Name of the assessed folder (last component only)."""
    commit: str = ""
    """Git commit of the tree, if known."""
    provisions: tuple[Provision, ...]
    results: tuple[ProvisionResult, ...]
    """The standard's order; one for each provision."""
    evidence: tuple[Evidence, ...]
    """Every entry used, by index."""
    checks: tuple[CheckInfo, ...]
    assets: tuple[Asset, ...]
    edges: tuple[Edge, ...]
    not_looked_at: tuple[NotLookedAt, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    problems: tuple[str, ...] = ()
    """Things the reader must know first: an invalid waiver, a ledger that does not verify."""
    changes: tuple[ChangeSince, ...] | None = None
    """Differences since an earlier assessment; None if none was named."""
    since: str = ""
    files: int = 0
    """Files in the tree."""
    ledger_size: int = 0
    ledger_root: str = ""
    """Hexadecimal Merkle root that the evidence was verified against."""
    ledger_origin: str = ""
    """Name of the ledger (a C2SP checkpoint's origin)."""
    checkpoint: str = ""
    """The signed head that covers the evidence, a C2SP signed note."""
    public_key: str = ""
    """Key that signed the ledger's head, hexadecimal Ed25519."""
    circumstances: dict[str, tuple[Location, ...]] = {}
    """Condition → places where discovery saw it to hold; what decided applicability beside the manifest."""
    digests: dict[str, str] = {}
    """Name of each subject of the evidence → its digest at the time; one that is missing no longer exists."""
