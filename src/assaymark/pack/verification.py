"""What verifying a pack gave: nouns only."""

from enum import StrEnum

from msgspec import Struct

from assaymark.assess.assessment import Assessment, Freshness, Verdict
from assaymark.pack.format import RedactedV1

__all__ = ["Against", "Aged", "Counts", "Kind", "PackVerification", "Problem", "Question", "Signed", "Today"]


class Problem(Struct, frozen=True, order=True):
    """One thing that does not hold."""

    place: str
    """Member of the pack, with a line or an index where that helps; `container` for the file itself."""
    reason: str


class Kind(StrEnum):
    """What a signature is on."""

    STATEMENT = "statement"
    """The pack itself."""
    CHECKPOINT = "checkpoint"
    """The ledger's head."""
    SIGN_OFF = "sign-off"
    """The pack's statement, by a person in a role."""
    ATTESTATION = "attestation"
    """A person's statement about obligations."""
    WITNESS = "witness"
    """The ledger's head, by somebody who saw earlier ones."""
    KEYLESS = "keyless sign-off"
    """The pack's statement, by an identity that Sigstore vouches for, in a file beside the pack."""


class Signed(Struct, frozen=True, kw_only=True):
    """A signature that holds; whose the key is, only the buyer knows."""

    kind: Kind
    key: str
    """Hexadecimal Ed25519 key; empty where an identity signed."""
    trusted: str = ""
    """What the buyer calls the key, or the identity that the buyer named; empty if none was named."""
    role: str = ""
    name: str = ""
    """Person or witness, as the signature itself says."""
    organisation: str = ""
    at: str = ""
    """When, as the signature itself says."""
    statement: str = ""
    """In the person's own words."""


class Counts(Struct, frozen=True, kw_only=True):
    """Provisions by verdict, as re-derived; the four add up to `total`."""

    total: int
    passed: int
    failed: int
    inconclusive: int
    not_applicable: int

    @property
    def applicable(self) -> int:
        """Those that apply."""
        return self.total - self.not_applicable


class Today(Struct, frozen=True, kw_only=True):
    """A verdict that no longer is what it was, as of the buyer's today."""

    provision: str
    then: Verdict
    now: Verdict
    freshness: Freshness
    because: str


class Against(Struct, frozen=True, kw_only=True):
    """Counter-evidence on a provision, whatever its verdict."""

    provision: str
    verdict: Verdict
    entries: tuple[int, ...]
    """Ledger indices."""
    said: tuple[str, ...]
    """What each of them says."""
    waived_by: str = ""
    waived_until: str = ""


class Aged(Struct, frozen=True, kw_only=True):
    """Evidence that did not count any more when the system was assessed."""

    entry: int
    """Ledger index."""
    by: str
    """Check or person."""
    freshness: Freshness
    because: str
    obligations: tuple[str, ...]


class Question(Struct, frozen=True, kw_only=True):
    """Something a buyer should ask."""

    about: str
    """Provision id, or what else it is about; empty for the pack as a whole."""
    to: tuple[str, ...]
    """Roles that can answer."""
    question: str
    why: str
    """What in the pack makes it worth asking."""
    points: tuple[str, ...] = ()
    """What the answer has to cover, in the catalogue's own words."""
    would_answer: tuple[str, ...] = ()
    """What an assessor would accept."""


class PackVerification(Struct, frozen=True, kw_only=True):
    """What a pack shows to somebody who trusts nobody."""

    ok: bool
    """Whether everything holds. Whose it is, signatures by trusted keys show."""
    problems: tuple[Problem, ...]
    """At most fifty."""
    notes: tuple[str, ...] = ()
    """What a reader should know, although nothing is wrong with it."""
    statement_sha256: str = ""
    """SHA-256 of the signed statement: the pack's one name."""
    assessment: Assessment | None = None
    """As re-derived from the pack's evidence, not as the pack states it; None if it came to that not."""
    counts: Counts | None = None
    signatures: tuple[Signed, ...] = ()
    redacted: tuple[RedactedV1, ...] = ()
    today: tuple[Today, ...] = ()
    """Verdicts that have changed by the mere passing of time."""
    against: tuple[Against, ...] = ()
    aged: tuple[Aged, ...] = ()
    questions: tuple[Question, ...] = ()
    entries: int = 0
    """Ledger entries in the pack."""
    ledger_size: int = 0
    """Entries in the ledger under the pack's checkpoint."""
    day: str = ""
    """The buyer's today, ISO date."""
