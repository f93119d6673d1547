"""What one line of the ledger says, and its one encoding.

An entry is canonical JSON (`assaymark.observation.canonical`) of exactly the fields of `Entry`.
The leaf hash covers those bytes; bytes that would encode differently are refused, so that an entry
has one form only. The limit of 65,535 bytes is that of an entry in C2SP tlog-tiles.
"""

from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.observation import Detail, Observation, canonical

__all__ = ["MAX_ENTRY_BYTES", "Entry", "InvalidEntryError", "body_of", "decode", "encode", "entry", "fitted"]

MAX_ENTRY_BYTES = 65_535
"""Longest entry; C2SP tlog-tiles stores lengths in two bytes."""

T = TypeVar("T")


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One statement in the ledger."""

    v: Literal[1] = 1
    """Version of this encoding."""
    type: str
    """`observation`, `attestation`, `assessment`; later kinds need no new version."""
    time: str
    """When it was recorded, ISO 8601, UTC."""
    system: str
    """Name of the system that it is about."""
    key: str
    """Run key: digest of all that determined the statement; entries with the same key say the same."""
    body: msgspec.Raw
    """The statement itself, canonical JSON."""

    def observation(self) -> Observation:
        """The body of an `observation` or `attestation` entry."""
        return body_of(self, Observation)


class InvalidEntryError(ValueError):
    """Bytes that are no canonical version-1 entry; the message says why."""


def body_of(value: Entry, kind: type[T]) -> T:
    """The body of `value` as a `kind`.

    Raises:
        InvalidEntryError: it is none.
    """
    try:
        return msgspec.json.decode(value.body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidEntryError(f"its body is no {kind.__name__}: {error}") from error


def entry(kind: str, body: object, *, time: str, system: str, key: str) -> Entry:
    """An entry that says `body`."""
    return Entry(type=kind, time=time, system=system, key=key, body=msgspec.Raw(canonical(body)))


def encode(value: Entry) -> bytes:
    """Canonical bytes of an entry.

    Raises:
        AssaymarkError: it is longer than `MAX_ENTRY_BYTES`.
    """
    data = canonical(value)
    if len(data) > MAX_ENTRY_BYTES:
        raise AssaymarkError(
            f"A ledger entry of {len(data):,} bytes is too long; the limit is {MAX_ENTRY_BYTES:,}.",
            "Record the content elsewhere and only its digest here.",
        )
    return data


def decode(data: bytes) -> Entry:
    """The entry that `data` encodes.

    Raises:
        InvalidEntryError: `data` is too long, is no version-1 entry, or is not in canonical form.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise InvalidEntryError(f"it is longer than {MAX_ENTRY_BYTES:,} bytes")
    try:
        value = _DECODER.decode(data)
        again = canonical(msgspec.json.decode(data))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as error:
        raise InvalidEntryError(f"it is no version-1 entry: {error}") from error
    if again != data:
        raise InvalidEntryError("it is not in canonical form")
    return value


def fitted(observation: Observation, limit: int = MAX_ENTRY_BYTES - 2_048) -> Observation:
    """`observation` with as many details as an entry can hold; the last one says how many were left out."""
    kept = len(observation.details)
    result = observation
    while kept and len(canonical(result)) > limit:
        kept //= 2
        left_out = len(observation.details) - kept
        note = Detail(f"{left_out} more were left out here: a ledger entry holds 64 KiB.")
        result = msgspec.structs.replace(observation, details=(*observation.details[:kept], note))
    return result


_DECODER = msgspec.json.Decoder(Entry)
