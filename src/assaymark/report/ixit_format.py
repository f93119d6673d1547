"""The published implementation extra information for testing (IXIT), version 1: its nouns, frozen.

A later release may add members with a default; it never renames, removes or changes the meaning of one.
The schema beside this file is made from these types, and a test holds the two together.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from assaymark.report.json_v1_format import (
    EdgeV1,
    LedgerV1,
    NotLookedAtV1,
    PlaceV1,
    SubjectV1,
    SystemV1,
    ThresholdV1,
    ToolV1,
)

__all__ = [
    "AcceptedRiskV1",
    "AskV1",
    "CircumstanceV1",
    "DeclaredDocumentV1",
    "FactV1",
    "IxitAssetV1",
    "IxitCheckV1",
    "IxitProvisionV1",
    "IxitV1",
    "KindV1",
    "PersonV1",
]


def _says(text: str) -> Meta:
    return Meta(description=text)


class PersonV1(Struct, frozen=True, kw_only=True):
    """Somebody whom a tester can ask."""

    name: str
    answers_for: Annotated[tuple[str, ...], _says("What the material names the person for.")]


class CircumstanceV1(Struct, frozen=True, kw_only=True):
    """A circumstance on which provisions depend, and what is known of it."""

    id: str
    words: Annotated[str, _says("A clause that follows `whether`.")]
    stated: Annotated[bool | None, _says("What the owner states; null if nothing.")]
    reason: Annotated[str, _says("The owner's reason.")]
    by: Annotated[str, _says("Who states it.")]
    seen_at: Annotated[tuple[PlaceV1, ...], _says("Places where discovery saw it to hold.")]


class IxitAssetV1(Struct, frozen=True, kw_only=True):
    """Something that the system is made of, as found and as its owner's register describes it."""

    id: str
    name: str
    location: str
    version: str
    sha256: Annotated[str, _says("Digest of the content; empty for what is not in the tree.")]
    size: int
    pinned: Annotated[bool | None, _says("Null where the question does not arise.")]
    note: str
    found: Annotated[bool, _says("False for what only the register names.")]
    declared: Annotated[bool, _says("Whether the owner's register names it.")]
    owner: Annotated[str, _says("As the register says.")]
    classification: Annotated[str, _says("As the register says.")]
    source: Annotated[str, _says("As the register says.")]
    seen_at: tuple[PlaceV1, ...]


class KindV1(Struct, frozen=True, kw_only=True):
    """The assets of one kind."""

    kind: str
    assets: tuple[IxitAssetV1, ...]


class DeclaredDocumentV1(Struct, frozen=True, kw_only=True):
    """Documents that the manifest names for a purpose."""

    kind: str
    paths: tuple[str, ...]


class AcceptedRiskV1(Struct, frozen=True, kw_only=True):
    """A risk that a named person accepts."""

    id: str
    component: str
    risk: str
    reason: str
    mitigation: str
    owner: str
    until: Annotated[str, _says("ISO date.")]


class IxitCheckV1(Struct, frozen=True, kw_only=True):
    """A check that looked, and what it cannot see."""

    id: str
    version: int
    title: str
    blind_spots: str


class FactV1(Struct, frozen=True, kw_only=True):
    """One thing that was seen or said."""

    entry: Annotated[int, _says("Index in the ledger.")]
    leaf: Annotated[str, _says("RFC 6962 leaf hash, hexadecimal.")]
    source: Annotated[str, _says("Id of the check or importer, or `attestation`.")]
    by: str
    statement: str
    outcome: str
    freshness: str
    places: Annotated[tuple[PlaceV1, ...], _says("At most twenty.")]
    subjects: Annotated[tuple[SubjectV1, ...], _says("What it rests on, with digests; at most twenty.")]


class AskV1(Struct, frozen=True, kw_only=True):
    """Something that a tester must still ask for or do."""

    obligation: Annotated[str, _says("Obligation id; empty for the provision as a whole.")]
    what: str
    whom: Annotated[tuple[str, ...], _says("Roles addressed.")]


class IxitProvisionV1(Struct, frozen=True, kw_only=True):
    """What a tester of one provision is given, and what not."""

    id: Annotated[str, _says("EN 304 223 id.")]
    applies: bool
    level: Annotated[str, _says("Level at which it is answered: system, release, organisation, supplier.")]
    observable: Annotated[str, _says("How far a tool can gather decisive evidence: yes, partly, no.")]
    facts: tuple[FactV1, ...]
    assets: Annotated[tuple[str, ...], _says("Ids of assets at the places of those facts.")]
    checks: Annotated[tuple[str, ...], _says("Ids of checks that look at it.")]
    accepted: Annotated[tuple[str, ...], _says("What an assessor would accept as evidence.")]
    ask: Annotated[tuple[AskV1, ...], _says("What is still to be asked for; empty if nothing is open.")]


class IxitV1(Struct, frozen=True, kw_only=True):
    """What a tester needs to know of the implementation, as far as it is known; it certifies nothing."""

    assaymark_ixit: Literal[1] = 1
    edition: str
    catalogue_sha256: str
    tool: ToolV1
    assessed_at: Annotated[str, _says("ISO 8601, UTC.")]
    statement: Annotated[str, _says("What this is and is not.")]
    system: SystemV1
    manifest_sha256: Annotated[str, _says("Empty if there is no manifest.")]
    people: tuple[PersonV1, ...]
    circumstances: tuple[CircumstanceV1, ...]
    kinds: Annotated[tuple[KindV1, ...], _says("Every kind of asset; an empty one was looked for in vain.")]
    edges: tuple[EdgeV1, ...]
    documents: tuple[DeclaredDocumentV1, ...]
    accepted_risks: tuple[AcceptedRiskV1, ...]
    thresholds: tuple[ThresholdV1, ...]
    checks: tuple[IxitCheckV1, ...]
    not_looked_at: tuple[NotLookedAtV1, ...]
    excluded: Annotated[tuple[str, ...], _says("Patterns that the owner leaves out of discovery.")]
    problems: Annotated[tuple[str, ...], _says("What a reader must know first.")]
    ledger: LedgerV1
    ledger_origin: str
    provisions: tuple[IxitProvisionV1, ...]
