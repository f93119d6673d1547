"""The published implementation conformance statement (ICS), version 1: its nouns, frozen.

A later release may add members with a default; it never renames, removes or changes the meaning of one.
The schema beside this file is made from these types, and a test holds the two together.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from assaymark.report.json_v1_format import Freshness, Outcome, PlaceV1, ToolV1, Verdict, WaiverV1

__all__ = ["IcsCountsV1", "IcsRowV1", "IcsSystemV1", "IcsV1", "ReferenceV1", "Status", "Support"]


def _says(text: str) -> Meta:
    return Meta(description=text)


Status = Annotated[
    Literal["M", "R", "O", "M C", "R C", "O C"],
    _says("M mandatory (shall), R recommended (should), O optional (may); C: only under its condition."),
]
Support = Annotated[
    Literal["Y", "N", "N/A", "not determined"],
    _says("Y only on fresh evidence for it and none against it; what nobody showed is not determined."),
]


class IcsSystemV1(Struct, frozen=True, kw_only=True):
    """Whose statement it is."""

    name: str
    organisation: str
    version: str
    owner: Annotated[str, _says("Who answers for the manifest; empty if nobody is named.")]
    roles: Annotated[tuple[str, ...], _says("Roles held; empty means not stated, all are in scope.")]
    folder: Annotated[str, _says("Name of the assessed folder, its last component.")]
    commit: Annotated[str, _says("Git commit, if known.")]
    manifest_sha256: Annotated[str, _says("Empty if there is no manifest.")]


class IcsCountsV1(Struct, frozen=True, kw_only=True):
    """Rows of one kind by support; the four add up to `total`."""

    total: int
    applicable: int
    supported: Annotated[int, _says("Y.")]
    not_supported: Annotated[int, _says("N.")]
    not_determined: int
    not_applicable: Annotated[int, _says("N/A.")]


class ReferenceV1(Struct, frozen=True, kw_only=True):
    """A ledger entry that rows refer to by its index."""

    index: Annotated[int, _says("Index in the ledger.")]
    leaf: Annotated[str, _says("RFC 6962 leaf hash, hexadecimal.")]
    source: Annotated[str, _says("Id of the check or importer, or `attestation`.")]
    by: Annotated[str, _says("Person, or tool with version for an import; empty for a check.")]
    role: str
    method: Literal["examine", "test", "interview"]
    outcome: Outcome
    certainty: Literal["firm", "tentative"]
    summary: str
    place: Annotated[PlaceV1 | None, _says("First place that shows it, if it has one.")]
    subjects: Annotated[tuple[str, ...], _says("Names of what it rests on.")]
    recorded_at: str
    valid_until: str
    freshness: Freshness


class IcsRowV1(Struct, frozen=True, kw_only=True):
    """One of the 72 provisions or one of their 115 obligations."""

    id: Annotated[str, _says("EN 304 223 id; an obligation's has `#` and a number.")]
    kind: Literal["provision", "obligation"]
    provision: Annotated[str, _says("Id of the provision that it is or belongs to.")]
    principle: int
    text: Annotated[str, _says("In Assaymark's own words; only the published standard is authoritative.")]
    force: str
    actors: tuple[str, ...]
    status: Status
    condition: Annotated[str, _says("When it applies, in words.")]
    circumstances: Annotated[tuple[str, ...], _says("Ids of the circumstances behind C.")]
    applies: bool
    reason: Annotated[str, _says("Why it applies or does not.")]
    decided_by: Annotated[str, _says("A person's name, `rule: …` or `default: …`.")]
    contradicted: Annotated[str, _says("What was found against a declared exclusion, else empty.")]
    support: Support
    verdict: Verdict
    freshness: Freshness
    basis: Annotated[str, _says("`observed`, `attested`, `observed and attested` or `none`.")]
    comment: Annotated[str, _says("Why this verdict.")]
    evidence: Annotated[tuple[int, ...], _says("Values of `references[].index`, not against it.")]
    counter_evidence: Annotated[tuple[int, ...], _says("Values of `references[].index`, against it.")]
    waiver: Annotated[WaiverV1 | None, _says("Stops no verdict, only a pipeline's exit code.")]
    moves: Annotated[tuple[str, ...], _says("What would move the verdict, most effective first.")]


class IcsV1(Struct, frozen=True, kw_only=True):
    """An implementation conformance statement drawn from a self-assessment; it certifies nothing."""

    assaymark_ics: Literal[1] = 1
    edition: str
    catalogue_sha256: str
    tool: ToolV1
    assessed_at: Annotated[str, _says("ISO 8601, UTC.")]
    statement: Annotated[str, _says("What this is and is not.")]
    system: IcsSystemV1
    provisions: IcsCountsV1
    obligations: IcsCountsV1
    problems: Annotated[tuple[str, ...], _says("What a reader must know first.")]
    rows: Annotated[tuple[IcsRowV1, ...], _says("Each provision, followed by its obligations.")]
    references: Annotated[tuple[ReferenceV1, ...], _says("Every entry used, by index.")]
