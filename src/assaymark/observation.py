"""The nouns everyone shares: what was observed, where, by which check, how surely.

A check *observes*; it never judges a provision. Verdicts are formed later, in ``assess``, from
recorded observations alone. All nouns are frozen and encode to canonical JSON with ``msgspec``.
"""

import hashlib
from enum import StrEnum

import msgspec
from msgspec import Struct

__all__ = [
    "Certainty",
    "CheckInfo",
    "Detail",
    "Location",
    "Method",
    "Observation",
    "Outcome",
    "Subject",
    "canonical",
    "digest_of",
]


class Outcome(StrEnum):
    """What one check saw about one set of obligations."""

    MET = "met"
    """What should hold was seen to hold."""
    NOT_MET = "not met"
    """The opposite was seen: counter-evidence, which outweighs any `met`."""
    PARTLY_MET = "partly met"
    """Some of it was seen and nothing was seen against the rest."""
    NOT_OBSERVABLE = "not observable"
    """Nothing in the material can show it either way."""
    NOT_APPLICABLE = "not applicable"
    """The check's question does not arise for this system (nothing of its kind exists)."""
    ERROR = "error"
    """The check could not do its work; the summary says why."""


class Method(StrEnum):
    """How evidence was gathered (the words of the conformance method and of OSCAL)."""

    EXAMINE = "examine"
    TEST = "test"
    INTERVIEW = "interview"


class Certainty(StrEnum):
    """How surely the statement follows from what was parsed.

    Only `firm` counter-evidence fails a provision by itself; `tentative` counter-evidence asks a
    person to judge and keeps the provision from passing meanwhile.
    """

    FIRM = "firm"
    TENTATIVE = "tentative"


class Location(Struct, frozen=True, order=True):
    """A place in the assessed tree."""

    path: str
    """POSIX path relative to the assessed root; raw control characters are kept and every
    report escapes them."""
    line: int = 0
    """First line, counted from 1; 0 means the file as a whole."""
    end_line: int = 0
    """Last line; 0 means the same as `line`."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Detail(Struct, frozen=True):
    """One located statement within an observation."""

    message: str
    """One sentence: what is the case here."""
    at: Location | None = None
    """Where it can be seen, or None for a statement about the whole system."""


class Subject(Struct, frozen=True, order=True):
    """Something the observation rests on, bound by digest, so that a change makes it stale."""

    name: str
    """Relative path, or a name such as `git history` or `manifest`."""
    sha256: str
    """Hexadecimal SHA-256 of the content at the time."""


class Observation(Struct, frozen=True, kw_only=True):
    """What a check, or a person, saw."""

    check: str
    """Id of the check, or `attestation` for a statement by a person."""
    check_version: int
    """Version of the check; a change makes what it saw before stale."""
    obligations: tuple[str, ...]
    """Obligation ids it speaks to (`5.2.3-1#1`), in the standard's order."""
    decisive: tuple[str, ...]
    """Those of `obligations` for which `met` is evidence enough; for the others it only supports."""
    outcome: Outcome
    """What was seen."""
    summary: str
    """One sentence with the figures in it."""
    details: tuple[Detail, ...] = ()
    """The located statements behind the summary, most important first."""
    subjects: tuple[Subject, ...] = ()
    """What it rests on."""
    method: Method = Method.EXAMINE
    """How it was gathered."""
    certainty: Certainty = Certainty.FIRM
    """How surely it follows."""
    fix: str = ""
    """The next step that would change it, one sentence; empty when met."""
    by: str = ""
    """Name of the person, for an attestation."""
    role: str = ""
    """Role in which the person speaks."""
    made_on: str = ""
    """ISO date on which an attestation was made; empty for checks (the ledger holds the time)."""
    valid_until: str = ""
    """ISO date after which it no longer counts; empty when only a change of subject ends it."""


class CheckInfo(Struct, frozen=True, kw_only=True):
    """What a report needs to know of a check, parsed from its docstring."""

    id: str
    """The check's one name."""
    version: int
    """Raised whenever its answer could change for the same input."""
    title: str
    """The condition that should hold, one sentence."""
    why: str
    """Why it matters."""
    fix: str
    """How to make it hold."""
    blind_spots: str
    """What it cannot see."""
    provisions: tuple[str, ...]
    """Provision ids for which its `met` is decisive for at least one obligation."""
    supports: tuple[str, ...]
    """Provision ids to which it only contributes."""


def canonical(value: object) -> bytes:
    """Encode `value` as canonical JSON: sorted keys, no spaces, UTF-8.

    The one encoding on which every digest in the product rests.
    """
    return msgspec.json.encode(value, order="sorted")


def digest_of(value: object) -> str:
    """SHA-256, hexadecimal, of the canonical encoding of `value`."""
    return hashlib.sha256(canonical(value)).hexdigest()
