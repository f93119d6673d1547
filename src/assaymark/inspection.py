"""The nouns of looking into a file that travels with a model: hazards, holes, and what was covered.

An inspector *reads*; it never judges a provision. `Level` says what loading would do, not how bad that is
for anybody. What was not read is a `Hole` and keeps the file from being called clean.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from assaymark.asset import NotLookedAt

__all__ = [
    "Hazard",
    "Header",
    "Hole",
    "HoleKind",
    "Inspection",
    "Level",
    "Rule",
    "ScanReport",
    "Verdict",
    "by_level",
]


class Level(StrEnum):
    """What is known of a hazard."""

    DANGEROUS = "dangerous"
    """Loading executes, imports, reads, writes, connects, or rebinds what the file did not create."""
    UNKNOWN = "unknown"
    """Loading calls something that is on no list: never called malicious, never called safe."""
    NOTE = "note"
    """Worth knowing; it does nothing when the file is loaded."""


class HoleKind(StrEnum):
    """Why a part was not covered."""

    BROKEN = "broken"
    """It cannot be parsed."""
    ENCRYPTED = "encrypted"
    BOUND = "bound"
    """A limit of size, depth, time or expansion was hit; the reason names it and its value."""
    UNSUPPORTED = "unsupported"
    """A format, version or compression that is recognised and not read."""
    UNREADABLE = "unreadable"
    """The system would not let it be read, or it changed meanwhile."""


class Hazard(Struct, frozen=True, kw_only=True):
    """Something in a file that acts when the file is loaded, may act, or hides."""

    rule: str
    """Stable id, listed with title and help in `scan/rules.yaml`: `pickle-call`, `zip-duplicate-entry`."""
    level: Level
    message: str
    """One sentence: what happens on load, or what is hidden, with the names in it."""
    subject: str = ""
    """The name that is judged, as a policy would write it: `os.system`, `auto_map:other/repo`."""
    member: str = ""
    """Where inside the file: `archive/data.pkl`, nested ones joined by `!/`; empty for the file itself."""
    offset: int | None = None
    """Byte offset within the member."""
    line: int = 0
    """Line within the member, for text."""
    evidence: str = ""
    """Disassembly or excerpt around it, at most 2,000 characters, control characters escaped."""


def by_level(hazards: Iterable[Hazard]) -> tuple[Hazard, ...]:
    """Dangerous first, then unknown, then notes; within each in the order given."""
    order = list(Level)
    return tuple(sorted(hazards, key=lambda h: order.index(h.level)))


class Hole(Struct, frozen=True, kw_only=True):
    """A part of the file that was not covered, and why."""

    kind: HoleKind
    reason: str
    member: str = ""
    offset: int | None = None
    size: int = 0
    """Bytes not covered; 0 if that cannot be told."""


class Header(Struct, frozen=True, kw_only=True):
    """What the file says of itself."""

    format: str
    """As in `ModelFile.format`: pickle, torch-zip, joblib, safetensors, gguf, onnx, keras-v3, zip …"""
    tensors: int = 0
    parameters: int = 0
    """Sum of tensor sizes, where the header gives them."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Facts as key and shortened value: architecture, licence, base model, producer, opset."""
    modalities: tuple[str, ...] = ()


class Verdict(StrEnum):
    """One word for a file: the first of these that applies, in this order."""

    DANGEROUS = "dangerous"
    """At least one dangerous hazard."""
    INCONCLUSIVE = "inconclusive"
    """Nothing dangerous was seen, and a part of it was not covered."""
    UNKNOWN = "unknown"
    """It was read whole; something in it is on no list."""
    CLEAN = "clean"
    """It was read whole, and all that loading does is on the list of what is known to be safe."""


class Inspection(Struct, frozen=True, kw_only=True):
    """What one file holds, as far as it was read."""

    path: str
    header: Header | None
    """None if the content is of no format that is known."""
    size: int
    sha256: str = ""
    """Hexadecimal SHA-256 of the whole file; empty unless it was asked for, since that reads all of it."""
    read: int = 0
    """Bytes of the file that were fetched."""
    interpreted: int = 0
    """Bytes that were parsed as structure or code."""
    data: int = 0
    """Bytes that the format declares to be plain numbers or text, which no loader interprets."""
    members: int = 0
    """Files inside it that were inspected, at any depth."""
    formats: tuple[str, ...] = ()
    """Every format that its content is valid as; more than one is a polyglot."""
    hazards: tuple[Hazard, ...] = ()
    """Dangerous first, then in file order."""
    holes: tuple[Hole, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The one word."""
        levels = {h.level for h in self.hazards}
        if Level.DANGEROUS in levels:
            return Verdict.DANGEROUS
        if self.holes:
            return Verdict.INCONCLUSIVE
        return Verdict.UNKNOWN if Level.UNKNOWN in levels else Verdict.CLEAN


class Rule(Struct, frozen=True):
    """What a hazard's `rule` means."""

    id: str
    title: str
    """The condition that was found, a few words."""
    help: str
    """Why it matters and what to do."""


class ScanReport(Struct, frozen=True, kw_only=True):
    """What a scan of a file, folder or store gave."""

    target: str
    """As the user named it."""
    tool_version: str
    files: int
    """Files that lie there; those that are in no known format have no inspection."""
    inspections: tuple[Inspection, ...]
    """One for each file that an inspector knows or that could not be read, by path."""
    not_looked_at: tuple[NotLookedAt, ...] = ()
    rules: tuple[Rule, ...] = ()
    """The rules that are used, with title and help."""
    problems: tuple[str, ...] = ()
    """What the user should know of the scan itself: expired policy entries, say."""

    @property
    def verdict(self) -> Verdict:
        """That of the worst file; what was not looked at keeps the whole from being clean."""
        verdicts = {i.verdict for i in self.inspections}
        if Verdict.DANGEROUS not in verdicts and self.not_looked_at:
            return Verdict.INCONCLUSIVE
        return next((v for v in Verdict if v in verdicts), Verdict.CLEAN)
