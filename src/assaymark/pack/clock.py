"""Times that cannot be: later than the reader's now, or in another order than things happen."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from assaymark.ledger.ledger import Recorded
from assaymark.pack.format import ASSESSMENT, BASIS, ENTRIES, STATEMENT
from assaymark.pack.verification import Kind, Problem, Signed

__all__ = ["TOLERANCE", "moment", "nonsense"]

TOLERANCE = timedelta(minutes=10)
"""By how much two honest clocks may differ."""
_DAY = timedelta(days=1)
"""A date is a day long, and begins half a day earlier or later elsewhere."""


def moment(text: str) -> datetime | None:
    """The time that `text` gives (`2026-11-23T10:00:00Z`); None if it gives none."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def nonsense(
    assessed_at: str, entries: Iterable[Recorded], signed: Iterable[Signed], now: datetime
) -> Iterator[Problem]:
    """A problem for each time that cannot be.

    Args:
        assessed_at: when the system was assessed, as the pack says.
        entries: ledger entries of the pack.
        signed: signatures with a time of their own.
        now: the reader's time.
    """
    assessed = moment(assessed_at)
    if assessed is None:
        yield Problem(BASIS, f"says that it was assessed at {assessed_at[:40]!r}, which is no time.")
        return
    if assessed > now + TOLERANCE:
        yield Problem(STATEMENT, f"was assessed at {assessed_at}, which is still to come ({_told(now)} now).")
    for one in entries:
        yield from _recorded(one, assessed, now)
    for signature in signed:
        yield from _signed(signature, assessed, now)


def _recorded(one: Recorded, assessed: datetime, now: datetime) -> Iterator[Problem]:
    place = f"{ENTRIES} (entry {one.index})"
    at = moment(one.time)
    if at is None:
        yield Problem(place, f"was recorded at {one.time[:40]!r}, which is no time.")
    elif one.entry.type == ASSESSMENT:
        if at > now + TOLERANCE:
            yield Problem(place, f"was recorded at {one.time}, which is still to come.")
    elif at > assessed + TOLERANCE:
        yield Problem(place, f"was recorded at {one.time}, after the assessment that rests on it.")
    elif one.entry.type == "attestation":
        yield from _attested(one, at, place)


def _attested(one: Recorded, at: datetime, place: str) -> Iterator[Problem]:
    said = one.entry.observation()
    made, until = _date(said.made_on), _date(said.valid_until)
    if made is None or until is None:
        yield Problem(place, f"is an attestation with a date that is none ({said.made_on[:20]!r}).")
    elif until < made:
        yield Problem(place, f"is an attestation valid until {until}, before it was made on {made}.")
    elif made > (at + _DAY).date():
        yield Problem(place, f"is an attestation made on {made}, after it was recorded at {one.time}.")


def _signed(signature: Signed, assessed: datetime, now: datetime) -> Iterator[Problem]:
    if signature.kind not in (Kind.SIGN_OFF, Kind.WITNESS):
        return
    place, at = f"{signature.kind} by {signature.name}", moment(signature.at)
    if at is None:
        yield Problem(place, f"was made at {signature.at[:40]!r}, which is no time.")
    elif at > now + TOLERANCE:
        yield Problem(place, f"was made at {signature.at}, which is still to come.")
    elif at < assessed - TOLERANCE:
        yield Problem(place, f"was made at {signature.at}, before the assessment that it is about.")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _told(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
