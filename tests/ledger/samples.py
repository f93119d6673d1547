"""Entries and keys for the ledger's tests."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark.ledger.entry import Entry, entry
from assaymark.observation import Detail, Location, Observation, Outcome

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
TIME = "2026-11-23T10:00:00Z"


def observation(number: int = 0, details: int = 1) -> Observation:
    """Something seen."""
    return Observation(
        check="weights_load_without_code",
        check_version=1,
        obligations=("5.2.3-1#1",),
        decisive=("5.2.3-1#1",),
        outcome=Outcome.MET,
        summary=f"{number} of {number} models load without code.",
        details=tuple(Detail(f"model {n}", Location("weights/a.bin", n)) for n in range(details)),
    )


def sample(number: int = 0, *, time: str = TIME, key: str = "") -> Entry:
    """An entry about it."""
    return entry("observation", observation(number), time=time, system="demo", key=key or f"key-{number}")


def samples(count: int, start: int = 0) -> list[Entry]:
    """Several different ones."""
    return [sample(n) for n in range(start, start + count)]
