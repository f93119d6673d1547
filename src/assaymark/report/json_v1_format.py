"""The published JSON report, version 1: its nouns, frozen and apart from the internal ones.

A later release may add members with a default; it never renames, removes or changes the meaning of one.
The schema beside this file is made from these types, and a test holds the two together.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

__all__ = [
    "AssetV1",
    "ChangeV1",
    "CheckV1",
    "CountsV1",
    "DetailV1",
    "EdgeV1",
    "EvidenceV1",
    "LedgerV1",
    "NotLookedAtV1",
    "ObligationV1",
    "PlaceV1",
    "ProvisionV1",
    "ReportV1",
    "ScopeV1",
    "SubjectV1",
    "SystemV1",
    "ThresholdV1",
    "ToolV1",
    "WaiverV1",
]


def _says(text: str) -> Meta:
    return Meta(description=text)


Verdict = Annotated[
    Literal["pass", "fail", "inconclusive", "not applicable"], _says("Whether it is met on all evidence.")
]
Freshness = Annotated[
    Literal["fresh", "stale", "expired", "no evidence"],
    _says("Whether the evidence still describes the system; apart from the verdict."),
]
Outcome = Annotated[
    Literal["met", "not met", "partly met", "not observable", "not applicable", "error"],
    _says("What one check or person saw."),
]
Basis = Annotated[str, _says("`observed`, `attested`, `observed and attested` or `none`.")]
Entries = Annotated[tuple[int, ...], _says("Values of `evidence[].index`.")]


class ToolV1(Struct, frozen=True, kw_only=True):
    """What made the report."""

    name: Literal["assaymark"] = "assaymark"
    version: str


class SystemV1(Struct, frozen=True, kw_only=True):
    """The system as its owner describes it."""

    name: str
    purpose: str
    owner: str
    organisation: str
    version: str
    roles: Annotated[tuple[str, ...], _says("Roles held; empty means not stated, all are in scope.")]
    profile: Annotated[str, _says("Kind of system; empty if not stated.")]
    manifest: Annotated[str, _says("Path of the manifest; empty if there is none.")]
    folder: Annotated[str, _says("Name of the assessed folder, its last component.")]
    files: Annotated[int, _says("Files in the folder.")]
    commit: Annotated[str, _says("Git commit, if known.")]


class CountsV1(Struct, frozen=True, kw_only=True):
    """Provisions by verdict; the four add up to `total`."""

    total: int
    applicable: int
    fail: int
    inconclusive: int
    passed: int = field(name="pass")
    not_applicable: int


class ScopeV1(Struct, frozen=True, kw_only=True):
    """Whether it applies: a row of the implementation conformance statement."""

    applies: bool
    reason: str
    decided_by: Annotated[str, _says("A person's name, `rule: …` or `default: …`.")]
    contradicted: Annotated[str, _says("What was found against a declared exclusion, else empty.")]


class ObligationV1(Struct, frozen=True, kw_only=True):
    """One atomic statement within a provision."""

    id: str
    force: str
    actors: tuple[str, ...]
    text: str
    scope: ScopeV1
    verdict: Verdict
    basis: Basis
    reason: str
    evidence: Entries
    counter_evidence: Entries


class WaiverV1(Struct, frozen=True, kw_only=True):
    """A decision not to be stopped by a provision for a time; the verdict stays."""

    reason: str
    owner: str
    until: Annotated[str, _says("ISO date.")]


class ProvisionV1(Struct, frozen=True, kw_only=True):
    """One provision with its verdict."""

    id: Annotated[str, _says("EN 304 223 id.")]
    ts_id: str
    cop_id: str
    phase: str
    principle: int
    principle_title: str
    force: str
    actors: tuple[str, ...]
    summary: Annotated[str, _says("In Assaymark's own words.")]
    scope: ScopeV1
    verdict: Verdict
    unmet: Annotated[str, _says("Strongest force among failed obligations: shall, should or empty.")]
    reason: str
    basis: Basis
    freshness: Freshness
    moves: Annotated[tuple[str, ...], _says("What would move the verdict, most effective first.")]
    waiver: WaiverV1 | None
    obligations: tuple[ObligationV1, ...]


class PlaceV1(Struct, frozen=True, kw_only=True):
    """A place in the assessed folder."""

    path: Annotated[str, _says("POSIX path relative to the folder; may hold control characters.")]
    line: Annotated[int, _says("From 1; 0 means the file as a whole.")]
    end_line: int


class DetailV1(Struct, frozen=True, kw_only=True):
    """One statement within a piece of evidence."""

    message: str
    place: PlaceV1 | None


class SubjectV1(Struct, frozen=True, kw_only=True):
    """What evidence rests on."""

    name: str
    sha256: str


class EvidenceV1(Struct, frozen=True, kw_only=True):
    """One ledger entry."""

    index: Annotated[int, _says("Index in the ledger.")]
    leaf: Annotated[str, _says("RFC 6962 leaf hash, hexadecimal.")]
    recorded_at: str
    freshness: Freshness
    stale_because: str
    check: Annotated[str, _says("Id of the check, or `attestation`.")]
    check_version: int
    obligations: tuple[str, ...]
    decisive: Annotated[tuple[str, ...], _says("Those for which `met` is evidence enough.")]
    outcome: Outcome
    certainty: Literal["firm", "tentative"]
    method: Literal["examine", "test", "interview"]
    summary: str
    details: tuple[DetailV1, ...]
    subjects: tuple[SubjectV1, ...]
    fix: str
    by: str
    role: str
    made_on: str
    valid_until: str


class CheckV1(Struct, frozen=True, kw_only=True):
    """A check, as its author explains it."""

    id: str
    version: int
    title: str
    why: str
    fix: str
    blind_spots: str
    provisions: tuple[str, ...]
    supports: tuple[str, ...]


class AssetV1(Struct, frozen=True, kw_only=True):
    """Something that the system is made of."""

    id: str
    kind: str
    name: str
    location: str
    sha256: str
    size: int
    version: str
    pinned: Annotated[bool | None, _says("Null where the question does not arise.")]
    note: str
    declared: Annotated[bool, _says("Whether the owner's register names it.")]
    seen_at: tuple[PlaceV1, ...]


class EdgeV1(Struct, frozen=True, kw_only=True):
    """A relation between two assets."""

    source: str
    relation: str
    target: str


class NotLookedAtV1(Struct, frozen=True, kw_only=True):
    """Something that was not read."""

    path: str
    reason: str
    files: Annotated[int, _says("Files it stands for; 0 if not counted.")]


class ThresholdV1(Struct, frozen=True, kw_only=True):
    """A bound or period that is ours, not the standard's."""

    name: str
    value: str
    meaning: str


class ChangeV1(Struct, frozen=True, kw_only=True):
    """A difference from an earlier assessment."""

    provision: str
    kind: str
    before: str
    after: str
    because: str


class LedgerV1(Struct, frozen=True, kw_only=True):
    """What the evidence was verified against."""

    size: int
    root: Annotated[str, _says("Merkle root, hexadecimal.")]
    public_key: Annotated[str, _says("Ed25519, hexadecimal.")]


class ReportV1(Struct, frozen=True, kw_only=True):
    """A self-assessment of an AI system against EN 304 223; it certifies nothing."""

    assaymark_report: Literal[1] = 1
    edition: str
    catalogue_sha256: str
    tool: ToolV1
    assessed_at: Annotated[str, _says("ISO 8601, UTC.")]
    system: SystemV1
    counts: CountsV1
    problems: Annotated[tuple[str, ...], _says("What a reader must know first.")]
    results: Annotated[tuple[ProvisionV1, ...], _says("Every provision, in the standard's order.")]
    evidence: tuple[EvidenceV1, ...]
    checks: tuple[CheckV1, ...]
    assets: tuple[AssetV1, ...]
    edges: tuple[EdgeV1, ...]
    not_looked_at: tuple[NotLookedAtV1, ...]
    thresholds: tuple[ThresholdV1, ...]
    since: Annotated[str, _says("The earlier assessment compared with, else empty.")]
    changes: tuple[ChangeV1, ...] | None
    ledger: LedgerV1
