"""Load a catalogue of provisions and look things up in it."""

import functools
import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.standard.provision import Obligation, Provision

__all__ = ["EDITIONS", "Catalogue", "Principle", "catalogue", "obligation", "obligation_ids", "provision"]

EDITIONS = {"V2.1.1": "en_304_223/v2_1_1"}
"""Edition → folder of its data, newest last."""


class Principle(Struct, frozen=True, kw_only=True):
    """One of the thirteen."""

    number: int
    """1 to 13."""
    clause: str
    """EN clause, `5.2.4`."""
    title: str


class Catalogue(Struct, frozen=True, kw_only=True):
    """All provisions of one edition of the standard."""

    edition: str
    """`EN 304 223 V2.1.1`."""
    published: str
    """Year and month of publication."""
    principles: tuple[Principle, ...]
    provisions: tuple[Provision, ...]
    """In the standard's order."""
    sources: tuple[str, ...]
    """What the data was made from, and what in it is ours."""
    sha256: str = ""
    """Digest of the canonical data."""


@functools.cache
def catalogue(edition: str = "V2.1.1") -> Catalogue:
    """The catalogue of `edition`, decoded from the canonical JSON that stands beside its YAML.

    Raises:
        UsageError: there is no such edition.
    """
    if edition not in EDITIONS:
        raise UsageError(f"There is no edition {edition!r}.", f"Known editions: {', '.join(EDITIONS)}.")
    data = (Path(__file__).parent / EDITIONS[edition] / "catalogue.json").read_bytes()
    decoded = msgspec.json.decode(data, type=Catalogue)
    return msgspec.structs.replace(decoded, sha256=hashlib.sha256(data).hexdigest())


@functools.cache
def obligation_ids() -> tuple[str, ...]:
    """The 115 obligation ids in the standard's order."""
    return tuple(o.id for p in catalogue().provisions for o in p.obligations)


def provision(identifier: str, edition: str = "V2.1.1") -> Provision:
    """The provision with exactly this EN id.

    Raises:
        KeyError: there is none.
    """
    return _provisions(edition)[identifier]


def obligation(identifier: str, edition: str = "V2.1.1") -> Obligation:
    """The obligation with exactly this id.

    Raises:
        KeyError: there is none.
    """
    return _obligations(edition)[identifier]


@functools.cache
def _provisions(edition: str) -> dict[str, Provision]:
    return {p.id: p for p in catalogue(edition).provisions}


@functools.cache
def _obligations(edition: str) -> dict[str, Obligation]:
    return {o.id: o for p in catalogue(edition).provisions for o in p.obligations}
