"""When domains were registered, as a file of the user says: CSV, JSON or JSON Lines, also answers of RDAP.

Columns or members: `domain` (or `ldhName`), `created`, `expires`, `changed`; RDAP's `events` are understood
(RFC 9083, 4.5). Nothing is asked of the network.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from assaymark.dataset.provenance.columns import moment
from assaymark.errors import UsageError
from assaymark.signing.reading import CannotRead, open_regular

__all__ = ["Registration", "find_registration", "read_registrations"]

MAX_BYTES = 256 << 20
MAX_DOMAINS = 5_000_000
_NAMES = {
    "domain": ("domain", "ldhname", "name", "domain_name"),
    "created": ("created", "creation_date", "registered", "registration", "created_at", "created_date"),
    "expires": ("expires", "expiration_date", "expiration", "expiry", "expires_at", "expiry_date"),
    "changed": (
        "changed",
        "updated",
        "updated_date",
        "last_changed",
        "transferred",
        "transfer",
        "last changed",
    ),
}


class Registration(Struct, frozen=True, kw_only=True):
    """One domain; a date is None where the file gives none."""

    created: datetime | None = None
    """When the registration that holds now began."""
    expires: datetime | None = None
    changed: datetime | None = None
    """When it was last changed or transferred."""


def read_registrations(path: Path) -> dict[str, Registration]:
    """Domain → its registration.

    Raises:
        UsageError: the file cannot be read, is too large, or names no domain.
    """
    try:
        with open(open_regular(path), "rb") as file:  # noqa: PTH123  a descriptor, no path
            data = file.read(MAX_BYTES + 1)
    except CannotRead as error:
        raise UsageError(f"{path} {error}.", "Name a CSV or JSON file of domains.") from error
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{path} is longer than {MAX_BYTES:,} bytes.", "Leave out domains that do not count."
        )
    found: dict[str, Registration] = {}
    for row in _rows(data.decode("utf-8-sig", "replace")):
        cells = _cells(row)
        domain = cells.pop("domain", "").strip().rstrip(".").lower()
        if domain and len(found) < MAX_DOMAINS:
            found[domain] = Registration(**{key: moment(text) for key, text in cells.items()})
    if not found:
        raise UsageError(f"{path} names no domain.", "Give columns domain, created, expires and changed.")
    return found


def find_registration(known: Mapping[str, Registration], host: str) -> tuple[str, Registration] | None:
    """The registration that covers `host`, and its domain: the longest that is known."""
    while host:
        if host in known:
            return host, known[host]
        host = host.partition(".")[2]
    return None


def _rows(text: str) -> Iterable[Mapping[str, Any]]:
    start = text.lstrip()[:1]
    if start not in ("{", "["):
        try:
            return list(csv.DictReader(io.StringIO(text, newline="")))
        except csv.Error:
            return []
    values = _json(text)
    if isinstance(values, dict):
        inner = [{"domain": key, **value} for key, value in values.items() if isinstance(value, dict)]
        values = [values] if any(key.lower() in _NAMES["domain"] for key in values) else inner
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    values = []
    for line in text.splitlines():
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    return values


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    lowered = {str(key).strip().lower().replace(" ", "_"): value for key, value in row.items()}
    events = lowered.get("events")
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict):
            lowered.setdefault(
                str(event.get("eventAction", "")).lower().replace(" ", "_"), event.get("eventDate")
            )
    cells = {}
    for key, names in _NAMES.items():
        found = next((lowered[n] for n in names if lowered.get(n)), "")
        cells[key] = str(found[0] if isinstance(found, list) and found else found)
    return cells
