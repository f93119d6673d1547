"""Words and characters that every report shares: safe text, verdict labels and symbols, counts."""

import re
import unicodedata
from collections.abc import Iterator

from assaymark.assess.assessment import Freshness, Verdict
from assaymark.observation import Certainty, Observation, Outcome

__all__ = [
    "FRESHNESS_WORDS",
    "SYMBOLS",
    "columns",
    "counted",
    "cut_middle",
    "escaped_json",
    "outcome_words",
    "printable",
    "share",
    "wrap",
]

SYMBOLS = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_APPLICABLE: "–",
}
"""One sign a verdict, so that nothing rests on colour."""

FRESHNESS_WORDS = {
    Freshness.FRESH: "up to date",
    Freshness.STALE: "stale: what it rests on has changed",
    Freshness.EXPIRED: "expired: its date of validity has passed",
    Freshness.NONE: "no evidence yet",
}

_OUTCOME_WORDS = {
    Outcome.MET: "seen to hold",
    Outcome.NOT_MET: "seen not to hold",
    Outcome.PARTLY_MET: "seen in part",
    Outcome.NOT_OBSERVABLE: "cannot be seen here",
    Outcome.NOT_APPLICABLE: "question does not arise",
    Outcome.ERROR: "check could not run",
}

# Controls, line separators, marks and overrides of direction, zero-width and filler characters, tag
# characters (a way to hide text from people), noncharacters and lone surrogates: whatever is able to
# move a cursor, reorder a line or hide in it. U+FE0F stays: emoji need it and it hides nothing.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""`text` with every character that could deceive a reader shown as its escape (`\x1b`, `\u202e`)."""
    return _UNSAFE.sub(lambda m: _escape(m[0]), text) if _UNSAFE.search(text) else text


def escaped_json(data: bytes) -> bytes:
    r"""JSON with the same characters written as JSON's own escapes (`\u202e`): no reader's value changes."""
    if data.isascii() and b"\x7f" not in data:
        return data
    return _UNSAFE.sub(_unit, data.decode("utf-8")).encode("utf-8")


def _unit(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    if found[0] in ("\n", "\r", "\t"):  # between values; within strings the encoder has escaped them
        return found[0]
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cut_middle(text: str, limit: int) -> str:
    """At most `limit` characters of `text`; what is left out of the middle shows as an ellipsis."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2,004 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def share(part: int, whole: int) -> str:
    """A share with its denominator, `19 of 68 (28%)`."""
    return f"{part} of {whole} ({round(100 * part / whole)}%)" if whole else f"{part} of {whole}"


def outcome_words(observation: Observation) -> str:
    """What a check or a person saw, and whether a person still has to judge it."""
    if observation.check == "attestation":
        words = {Outcome.MET: "attested", Outcome.PARTLY_MET: "attested in part"}
        return words.get(observation.outcome, f"attested: {observation.outcome.value}")
    words_seen = _OUTCOME_WORDS[observation.outcome]
    tentative = observation.certainty is Certainty.TENTATIVE and observation.outcome is Outcome.NOT_MET
    return f"{words_seen}; a person has to judge" if tentative else words_seen


def columns(text: str) -> int:
    """Terminal columns that `text` takes: East Asian wide characters and emoji two, marks none."""
    return len(text) if text.isascii() else sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, width: int, first: str = "", rest: str = "") -> Iterator[str]:
    """Lines of at most `width` columns; `first` and `rest` begin the first and the further lines."""
    line, used, empty = first, columns(first), True
    for word in text.split():
        for piece in _pieces(word, max(8, width - columns(rest))):
            size = columns(piece)
            if not empty and used + 1 + size > width:
                yield line.rstrip()
                line, used, empty = rest, columns(rest), True
            line += piece if empty else f" {piece}"
            used += size + (not empty)
            empty = False
    yield line.rstrip()


def _pieces(word: str, width: int) -> Iterator[str]:
    """`word`, or parts of it that fit into `width` columns each."""
    if columns(word) <= width:
        yield word
        return
    part, used = "", 0
    for character in word:
        size = _column(character)
        if used + size > width:
            yield part
            part, used = "", 0
        part, used = part + character, used + size
    yield part
