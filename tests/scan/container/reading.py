"""What the tests read containers with: the inspectors alone, without those of what is inside."""

from dataclasses import dataclass, field
from pathlib import Path

from assaymark.inspection import Hazard, Header, Hole, Level
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.container import INSPECTORS
from assaymark.scan.part import LIMITS, Covered, Limits, Look, Member

SAMPLES = Path(__file__).parent / "samples"


@dataclass
class Read:
    """All parts that the container inspectors gave of one file, at every depth."""

    members: dict[str, bytes] = field(default_factory=dict)
    """The first 64 KiB of each, by name, nested ones joined by `!/`."""
    names: list[str] = field(default_factory=list)
    """The same names in order, repeated ones repeated."""
    hazards: list[Hazard] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)

    @property
    def rules(self) -> dict[str, Level]:
        """The worst level of each rule."""
        order = list(Level)
        found: dict[str, Level] = {}
        for hazard in self.hazards:
            now = found.get(hazard.rule, Level.NOTE)
            found[hazard.rule] = min(now, hazard.level, key=order.index)
        return found

    @property
    def formats(self) -> list[str]:
        """Of the file itself and of what is in it."""
        return [h.format for h in self.headers]


def read(data: bytes | Blob, path: str = "model.bin", *, limits: Limits = LIMITS) -> Read:
    """All that the container inspectors say of a file."""
    found = Read()
    _walk(BytesBlob(path, data) if isinstance(data, bytes) else data, "", limits.depth, found, limits)
    return found


def _walk(blob: Blob, outer: str, depth: int, found: Read, limits: Limits) -> None:
    look = Look(blob.path, blob.read(0, 4096), blob)
    for inspector in INSPECTORS:
        if not inspector.claims(look):
            continue
        for part in inspector.inspect(blob, limits):
            match part:
                case Member():
                    name = f"{outer}!/{part.name}" if outer else part.name
                    found.names.append(name)
                    found.members[name] = part.blob.read(0, 1 << 16)
                    if depth:
                        _walk(part.blob, name, depth - 1, found, limits)
                case Hazard():
                    found.hazards.append(part)
                case Hole():
                    found.holes.append(part)
                case Header():
                    found.headers.append(part)
                case Covered():
                    found.covered.append(part)


def sample(name: str) -> bytes:
    """A committed file that a library wrote."""
    return (SAMPLES / name).read_bytes()
