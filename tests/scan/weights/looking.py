"""How tests of this folder look at a file: what one inspector says, and what the whole scan says."""

from typing import TypeVar

from assaymark.inspection import Hazard, Header, Hole, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import LIMITS, Covered, Look, Member, Part
from assaymark.scan.weights import INSPECTORS

__all__ = ["covered", "formats", "hazards", "header", "holes", "members", "parts", "rules"]

T = TypeVar("T", Hazard, Hole, Header, Covered, Member)


def formats(path: str, data: bytes) -> list[str]:
    """Formats whose inspectors claim the bytes."""
    blob = BytesBlob(path, data)
    return [i.format for i in INSPECTORS if i.claims(Look(path, data[:4096], blob))]


def parts(path: str, data: bytes, form: str = "") -> list[Part]:
    """What the inspectors that claim the bytes (or the one of that format) yield."""
    blob = BytesBlob(path, data)
    look = Look(path, data[:4096], blob)
    wanted = [i for i in INSPECTORS if (i.format == form if form else i.claims(look))]
    return [part for inspector in wanted for part in inspector.inspect(blob, LIMITS)]


def _of(kind: type[T], path: str, data: bytes) -> list[T]:
    return [p for p in parts(path, data) if isinstance(p, kind)]


def hazards(path: str, data: bytes) -> list[Hazard]:
    """Hazards of any level."""
    return _of(Hazard, path, data)


def rules(path: str, data: bytes, level: Level = Level.UNKNOWN) -> set[str]:
    """Rules of one level that fire."""
    return {h.rule for h in hazards(path, data) if h.level is level}


def holes(path: str, data: bytes) -> list[Hole]:
    """What was not covered."""
    return _of(Hole, path, data)


def members(path: str, data: bytes) -> dict[str, bytes]:
    """Files inside, by name."""
    return {m.name: m.blob.read() for m in _of(Member, path, data)}


def header(path: str, data: bytes) -> Header:
    """The one header."""
    (found,) = _of(Header, path, data)
    return found


def covered(path: str, data: bytes) -> tuple[int, int]:
    """Bytes interpreted, and bytes passed over as data."""
    found = _of(Covered, path, data)
    return sum(c.interpreted for c in found), sum(c.data for c in found)
