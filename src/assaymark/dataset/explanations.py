"""What persons say of patterns that determine a label: remembered in a file that can be reviewed. Pure.

An explanation without an owner, a reason and a date does not count. It is about one pattern, by digest; where
the data set has changed since and the pattern has spread, it is asked for again. A suspect can be answered
for too, but only up to a date: a rule of business lasts, an exception must not.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

import msgspec
from msgspec import Struct

from assaymark.dataset.finding import Finding, Level
from assaymark.errors import UsageError
from assaymark.observation import canonical, digest_of

__all__ = [
    "FILE",
    "MAX_BYTES",
    "Explanation",
    "Explanations",
    "Standing",
    "added",
    "parse",
    "pattern_digest",
    "render",
    "standing",
]

FILE = "assurance/data-explanations.json"
"""Where explanations lie below the system's folder."""
MAX_BYTES = 4 << 20

_SPREAD = 1.5
"""How far the share of records that bear a pattern may grow before it is asked about again."""
_LONGEST = 4_000
_ADVICE = "Mend it, or write it anew with `assaymark data explain`."


class Explanation(Struct, frozen=True, kw_only=True):
    """Why one pattern determines a label."""

    pattern: str
    """In words, for whoever reviews the file."""
    digest: str
    """Of the pattern, as `pattern_digest` gives it; its first 12 digits are the pattern's id."""
    level: Literal["suspect", "to explain", "note"]
    """What the scan called it."""
    owner: str
    """Who answers for it."""
    reason: str
    on: str
    """ISO date on which it was given."""
    until: str = ""
    """ISO date after which it no longer counts; empty for no end."""
    data: str
    """Digest of the data set about which it was given."""
    count: int
    """Records that bore the pattern then."""
    records: int
    """Records of the data set then."""


class Explanations(Struct, frozen=True, kw_only=True):
    """The file."""

    format: Literal["assaymark-data-explanations/1"] = "assaymark-data-explanations/1"
    explanations: tuple[Explanation, ...] = ()


class Standing(Struct, frozen=True):
    """An explanation, and whether it counts."""

    explanation: Explanation
    counts: bool
    note: str
    """Why it does not count; for one that does, what a reader should know."""


def pattern_digest(finding: Finding) -> str:
    """What makes a pattern the same pattern: engine, words, place and label; not how often it occurs."""
    parts = (finding.engine, finding.pattern, finding.where, finding.label, sorted(finding.trigger.items()))
    return digest_of(
        [_plain(p) if isinstance(p, str) else [[_plain(x) for x in i] for i in p] for p in parts]
    )


def parse(data: bytes, name: str) -> Explanations:
    """The file's explanations.

    Raises:
        UsageError: it is no such file.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is longer than {MAX_BYTES:,} bytes.", _ADVICE)
    try:
        return msgspec.json.decode(data, type=Explanations)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{name} holds no explanations: {error}.", _ADVICE) from error


def render(file: Explanations) -> bytes:
    """The file as text that is easy to review: one field a line, in the order of digests."""
    ordered = Explanations(explanations=tuple(sorted(file.explanations, key=lambda e: (e.digest, e.on))))
    return msgspec.json.format(canonical(ordered), indent=2) + b"\n"


def added(file: Explanations, new: Explanation) -> Explanations:
    """The file with `new` in place of what was said of that pattern before.

    Raises:
        UsageError: an owner, a reason or a date is missing, or a suspect has no end.
    """
    problem = _problem(new)
    if problem:
        raise UsageError(f"The explanation does not count: {problem}", "Say who answers for it, and why.")
    kept = tuple(e for e in file.explanations if e.digest != new.digest)
    return Explanations(explanations=(*kept, new))


def standing(
    file: Iterable[Explanation], finding: Finding, *, data: str, records: int, today: date
) -> Standing | None:
    """What was said of `finding`, and whether that counts for this data set today; None if nothing was.

    Args:
        file: all explanations.
        finding: the pattern as it is now.
        data: digest of the data set as it is now.
        records: its records.
        today: the day.
    """
    wanted = pattern_digest(finding)
    found = next((e for e in file if e.digest == wanted), None)
    if found is None:
        return None
    problem = _problem(found, finding.level) or _dated(found, today)
    if problem:
        return Standing(found, False, problem)
    if found.data == data:
        return Standing(found, True, "")
    before, now = found.count / max(1, found.records), finding.count / max(1, records)
    if now > before * _SPREAD:
        spread = f"the data set has changed since, and the pattern has spread from {before:.2%} to {now:.2%}."
        return Standing(found, False, spread)
    return Standing(found, True, "It was given about an earlier version of the data set.")


def _problem(one: Explanation, level: Level | None = None) -> str:
    """Why it can never count."""
    for value, word in ((one.owner, "owner"), (one.reason, "reason"), (one.on, "date")):
        if not value.strip():
            return f"it has no {word}."
        if len(value) > _LONGEST:
            return f"its {word} is longer than {_LONGEST:,} characters."
    if _day(one.on) is None or (one.until and _day(one.until) is None):
        return "a date of it is no date."
    if (level or Level(one.level)) is Level.SUSPECT and not one.until:
        return "a suspect is answered for up to a date only, and it has none."
    return ""


def _dated(one: Explanation, today: date) -> str:
    given, until = _day(one.on), _day(one.until)
    if given and given > today + timedelta(days=1):
        return "its date lies in the future."
    if until and until < today:
        return f"it ended on {one.until}."
    return ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """One spelling of the same characters, and none that no file can hold."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "backslashreplace").decode("utf-8"))
