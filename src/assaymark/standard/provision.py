"""A provision of the standard, with its obligations."""

from enum import StrEnum

from msgspec import Struct

__all__ = ["Force", "Mapping", "Obligation", "Phase", "Provision", "When"]


class Force(StrEnum):
    """Verbal force of an obligation."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"


class Phase(StrEnum):
    """The five phases of EN 304 223, clauses 5.1 to 5.5."""

    DESIGN = "secure design"
    DEVELOPMENT = "secure development"
    DEPLOYMENT = "secure deployment"
    MAINTENANCE = "secure maintenance"
    END_OF_LIFE = "secure end of life"


class When(Struct, frozen=True, kw_only=True):
    """The circumstances on which something depends, as ids of conditions; empty means always."""

    all_of: tuple[str, ...] = ()
    """Each of these has to hold."""
    any_of: tuple[str, ...] = ()
    """And at least one of these, if there are any."""


class Obligation(Struct, frozen=True, kw_only=True):
    """One atomic statement within a provision."""

    id: str
    """`5.2.3-1#1`: provision id, `#`, position counted from 1."""
    force: Force
    actors: tuple[str, ...]
    """Values of `Role`; any one of them held makes the obligation apply."""
    text: str
    """Our own words."""
    condition: When = When()
    """Circumstances that this obligation needs beyond those of its provision."""


class Mapping(Struct, frozen=True, kw_only=True):
    """Pointers to another document."""

    document: str
    """Name with edition: `OWASP Top 10 for LLM Applications 2025`."""
    basis: str
    """`found` (the source names it) or `inferred` (our judgement)."""
    source: str
    """Where it was found, or how it was inferred."""
    references: tuple[str, ...]


class Provision(Struct, frozen=True, kw_only=True):
    """One of the 72."""

    id: str
    """EN id, `5.2.4-1.2`."""
    ts_id: str
    """ETSI TS 104 223 id."""
    cop_id: str
    """UK Code of Practice id, `8.1.2`."""
    phase: Phase
    principle: int
    """1 to 13."""
    principle_title: str
    force: str
    """`shall`, `should` or `shall+should`."""
    actors: tuple[str, ...]
    summary: str
    applies_when: str
    """Condition in words."""
    condition: When = When()
    """The same for the machine: which circumstances bring it into scope."""
    parent: str = ""
    """EN id of the provision that it details; empty for the 51 at top level."""
    level: str
    """Level at which it is answered: system, release, organisation, supplier."""
    observable: str
    """How far a tool can gather decisive evidence: yes, partly, no (our judgement)."""
    obligations: tuple[Obligation, ...]
    guidance: dict[str, str]
    """Profile → what such a system would do. `agent` and `buyer` are ours; the Guide has four."""
    evidence: tuple[str, ...]
    """What an assessor accepts."""
    validity_days: int
    """How long evidence by a person counts (ours)."""
    mappings: tuple[Mapping, ...] = ()
    confidence: str = ""
    """How sure the reading of the sources is."""
    notes: str = ""
    """What is odd about the source here, and how we read it."""
