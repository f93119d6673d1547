"""Hazards whose words come from the file: nothing in them can move a cursor or break a report."""

from assaymark.inspection import Hazard, Level

__all__ = ["hazard", "plain"]

_MESSAGE, _SUBJECT, _EVIDENCE = 600, 200, 2000


def plain(text: str, limit: int = _SUBJECT) -> str:
    """Text cut to `limit` characters, with everything unprintable escaped, lone surrogates too."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:limit])


def hazard(
    rule: str, level: Level, subject: str, message: str, *, path: str = "", evidence: str = "", line: int = 0
) -> Hazard:
    """A hazard of a configuration.

    Args:
        rule: id in a `rules.yaml`.
        level: what loading does.
        subject: the name that is judged.
        message: one sentence.
        path: where in the document, put before the evidence.
        evidence: excerpt.
        line: in a text.
    """
    shown = f"{path}: {evidence}" if path else evidence
    return Hazard(
        rule=rule,
        level=level,
        message=plain(message, _MESSAGE),
        subject=plain(subject),
        line=line,
        evidence=plain(shown, _EVIDENCE),
    )
