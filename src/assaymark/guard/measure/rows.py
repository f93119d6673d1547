"""Lines of JSON → labelled rows; what cannot be read is a problem with its place, never an exception."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from assaymark.guard.event import Channel
from assaymark.guard.measure.vocabulary import channel_named, label_named

__all__ = ["LONGEST_LINE", "Problem", "Row", "read_rows"]

LONGEST_LINE = 16_777_216
"""Bytes of one line; a longer one is a problem."""
_TAKEN = frozenset({"text", "channel", "label"})
_SLICE_CHARACTERS = 80
_SLICES = 20


class Row(Struct, frozen=True, kw_only=True):
    """One text with what is known of it."""

    file: str
    line: int
    text: str
    channel: Channel
    label: bool | None = None
    """True: an attack; None: not said."""
    slices: tuple[tuple[str, str], ...] = ()
    """Other short fields of the line, by which figures are also given."""

    disguise: str = ""
    """How the text was hidden for measuring; empty: as it came."""

    @property
    def digest(self) -> str:
        """Names the text and its channel without keeping them; equal for duplicates."""
        return hashlib.sha256(f"{self.channel}\0{self.text}".encode("utf-8", "surrogatepass")).hexdigest()


class Problem(Struct, frozen=True):
    """A line that could not be used."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def read_rows(lines: Iterable[bytes], file: str, default: Channel = Channel.USER) -> Iterator[Row | Problem]:
    """Rows and problems in the order of the lines; blank lines are passed over.

    Args:
        lines: as they stand in the file, with or without their ends.
        file: its name, for places.
        default: channel of rows that name none.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _row(line, file, number, default)


def _row(line: bytes, file: str, number: int, default: Channel) -> Row | Problem:
    def problem(message: str) -> Problem:
        return Problem(file, number, message)

    if len(line) > LONGEST_LINE:
        return problem(f"longer than {LONGEST_LINE:,} bytes")
    try:
        value: Any = json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        return problem(f"no JSON ({error if isinstance(error, ValueError) else 'nested too deep'})"[:160])
    if not isinstance(value, dict):
        return problem('no JSON object; write {"text": …, "label": …, "channel": …}')
    text = value.get("text")
    if not isinstance(text, str):
        return problem('no string under "text"')
    channel, named = _kind_channel(value.get("kind"), default), value.get("channel")
    if named not in (None, ""):
        found = channel_named(named) if isinstance(named, str) else None
        if found is None:
            known = ", ".join(c.value for c in Channel)
            return problem(f"unknown channel {json.dumps(named)[:60]}; known: {known}, and common aliases")
        channel = found
    label = label_named(value.get("label"))
    if label is None and value.get("label") is not None:
        return problem(f"unknown label {json.dumps(value['label'])[:60]}; write 1 (attack) or 0 (benign)")
    return Row(file=file, line=number, text=text, channel=channel, label=label, slices=_slices(value))


def _kind_channel(kind: Any, default: Channel) -> Channel:
    """Many published sets name no channel, but call an attack in a document `indirect`."""
    return Channel.DOCUMENT if isinstance(kind, str) and kind.lower() == "indirect" else default


def _slices(value: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for name, item in value.items():
        if name in _TAKEN or len(name) > _SLICE_CHARACTERS or not isinstance(item, str | int | bool):
            continue
        word = str(item)
        if 0 < len(word) <= _SLICE_CHARACTERS and word.isprintable():
            found.append((name, word))
    return tuple(found[:_SLICES])
