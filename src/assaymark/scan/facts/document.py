"""What documents say, by structure."""

from msgspec import Struct

from assaymark.scan.facts._base import Fact

__all__ = [
    "Claim",
    "Document",
    "Register",
    "Section",
]


class Section(Struct, frozen=True):
    """A heading and what stands under it."""

    title: str
    line: int
    words: int
    """Words of its own text, without sub-sections, headings and placeholders."""
    topics: tuple[str, ...]
    """Topic ids found in title or text (see ``scan/topics.yaml``)."""


class Document(Fact, frozen=True, kw_only=True):
    """A document for people: Markdown, reStructuredText, text, HTML, YAML front matter."""

    kind: str
    """readme, model-card, data-card, security-policy, security-txt, threat-model, risk-register,
    risk-assessment, incident-plan, recovery-plan, privacy-notice, user-guide, acceptable-use,
    training-register, awareness, secure-coding, supplier-register, due-diligence, contract-review,
    asset-register, architecture, decision-record, maintenance-plan, changelog, release-notes,
    update-notice, evaluation-report, test-report, access-review, disposal-record, disposal-policy,
    monitoring-plan, oversight-plan, justification, data-approval, other."""
    title: str = ""
    sha256: str
    words: int
    sections: tuple[Section, ...] = ()
    topics: tuple[str, ...] = ()
    """Union over the sections."""
    dates: tuple[tuple[str, str], ...] = ()
    """Labelled dates, ISO: (`reviewed`, `2026-05-01`), (`approved`, …), (`exercised`, …), (`expires`, …),
    and `updated`, `next review`, `decided`, `effective`, `announced`, `disposed`, `completed`."""
    people: tuple[tuple[str, str], ...] = ()
    """Labelled names: (`owner`, …), (`approved by`, …), (`data custodian`, …), and `author`, `reviewer`,
    `tester`, `contact`, `responsible`, `incident lead`."""
    versions: tuple[str, ...] = ()
    """Model, system or document versions it names."""
    links: tuple[str, ...] = ()
    """Relative links to files of the tree."""
    template: bool = False
    """It still holds the placeholders of its template."""
    front_matter: tuple[tuple[str, str], ...] = ()
    """Keys and values; the fields of a security.txt; and of a model card also what its text or
    table states of `architecture`, `base_model`, `license`, `context length`, `format`, `parameters`."""
    part: bool = False
    """It is a section of a larger document whose heading names another kind (`at` has its line)."""


class Register(Fact, frozen=True, kw_only=True):
    """A table with one row a thing: people trained, risks, suppliers, assets."""

    kind: str
    """training, risk, supplier, asset, model, data, disposal, incident, decision."""
    columns: tuple[str, ...]
    """Normalised column names."""
    rows: tuple[tuple[str, ...], ...]
    """Cells as text, at most 2,000 rows."""


class Claim(Fact, frozen=True, kw_only=True):
    """A statement in a document that code can contradict."""

    subject: str
    """rate-limit, authentication, encryption, sandbox, read-only, no-logging, no-training, pinned,
    signed, human-approval, timeout, token-limit, max-upload, local-only, tested, input-validation,
    moderation, no-telemetry, safe-format, feature (a file that a documented command needs)."""
    text: str
    """The sentence, shortened."""
    value: str = ""
    """A number, path, flag or name within it that can be compared."""
    document: str = ""
    """Kind of the document it stands in."""
