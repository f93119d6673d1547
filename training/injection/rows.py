"""One training row, whoever wrote it."""

from dataclasses import dataclass

__all__ = ["Row"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One text with its label for one head of the detector."""

    text: str
    label: int
    """1: tries to change whom the model obeys, or what data or power may leave; 0: does not."""
    head: str
    """`user`, `document` (also tool results and tool descriptions) or `output`."""
    family: str
    """What kind of text it is, for reports by slice: `hijack/fake_delimiter`, `hard_benign/security_talk`."""
    group: str
    """Rows of one group (one template, one carrier, one source text) stay on one side of every split."""
    language: str = "en"
    """BCP 47."""
    spans: tuple[tuple[int, int], ...] = ()
    """Code points of the attack within the text, if it was inserted; empty: the whole text counts."""
