"""The report of a data scan, version 1: what every format shows and the JSON holds. Pure.

`docs/formats/data-scan-json.md` is its description, `data-scan-v1.schema.json` its test. A field is never
removed or given another meaning; whoever reads must bear fields that are new.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

__all__ = [
    "FORMAT",
    "ColumnEntry",
    "DataReport",
    "EngineEntry",
    "ExampleEntry",
    "ExplanationEntry",
    "FileEntry",
    "FindingEntry",
    "HoleEntry",
    "PlaceEntry",
    "ProvenanceEntry",
    "ScoreTable",
    "SuspectEntry",
    "TestedEntry",
    "Tool",
]

FORMAT: Literal["assaymark-data-scan/1"] = "assaymark-data-scan/1"


class Tool(Struct, frozen=True):
    """Who made the report."""

    name: str
    version: str


class PlaceEntry(Struct, frozen=True):
    """Where a record stands."""

    row: int
    """Number in the whole data set, from 0."""
    file: str
    line: int = 0
    """Row within the file, from 1; 0 where the file is the record."""


class ColumnEntry(Struct, frozen=True):
    """One column."""

    name: str
    type: str


class FileEntry(Struct, frozen=True, kw_only=True):
    """One file of the data set. Record `first + n` is its row `n + 1`, where it holds more than one."""

    name: str
    bytes: int
    sha256: str
    """Empty for what is not on this machine."""
    first: int
    """Number of its first record."""
    records: int
    first_line: int = 0
    """Line of its first record, where a record is a line; 0 elsewhere."""


class TestedEntry(Struct, frozen=True):
    """A file of the assessed system that was scanned."""

    path: str
    """Relative to the system's folder."""
    sha256: str


class ExampleEntry(Struct, frozen=True, kw_only=True):
    """A record that shows the pattern."""

    at: PlaceEntry
    label: str = ""
    text: str = ""
    """Excerpt; empty for images."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where the pattern stands in `text`: start and end, in Unicode characters."""


class ExplanationEntry(Struct, frozen=True, kw_only=True):
    """What a person said of a pattern."""

    owner: str
    reason: str
    on: str
    """ISO date."""
    until: str = ""
    """ISO date; empty if it has no end."""
    counts: bool
    """Whether it holds for this pattern in this data set today."""
    why_not: str = ""
    """Why it does not count; for one that counts, what a reader should know."""


class FindingEntry(Struct, frozen=True, kw_only=True):
    """One pattern."""

    number: int
    """Place in this report, from 1; `data replay --finding` takes it."""
    id: str
    """Of the pattern, the same in every scan; `data explain` takes it."""
    digest: str
    """SHA-256 of the pattern, of which `id` is the beginning."""
    engine: str
    level: Literal["suspect", "to explain", "note"]
    pattern: str
    trigger: dict[str, str]
    """The same for a machine; empty where nothing can be inserted."""
    where: str
    count: int
    """Records that bear it."""
    label: str
    """Label, or behaviour of the response, that goes with it."""
    purity: float | None
    """Share of its records with that label."""
    expected: float | None
    """The share that chance, given the rest of each record, would lead one to expect."""
    score: float
    threshold: float
    """Strength from which the pattern is a suspect on this data set."""
    false_alarms: float | None
    """Share of records of clean data that this operating point flags; null if it was not measured."""
    summary: str
    rows: tuple[int, ...]
    """Numbers of the records that bear it, most suspicious first; at most 100,000."""
    examples: tuple[ExampleEntry, ...] = ()
    explanation: ExplanationEntry | None = None

    @property
    def explained(self) -> bool:
        """Whether a person answers for it."""
        return self.explanation is not None and self.explanation.counts


class SuspectEntry(Struct, frozen=True, kw_only=True):
    """A record under at least one finding of level `suspect`."""

    at: PlaceEntry
    flagged_by: tuple[str, ...]
    scores: dict[str, float]


class EngineEntry(Struct, frozen=True, kw_only=True):
    """What became of one engine."""

    id: str
    version: int
    state: Literal["looked", "stayed out", "stopped"]
    reason: str
    """Why it did not look; empty if it did."""
    looks_for: str
    misses: str
    looked_at: int
    """Records that it could judge."""
    flagged: int
    seconds: float
    notes: tuple[str, ...] = ()
    suits: bool = True
    """Whether it is meant for this kind of data; if not, nothing is missed by its staying out."""


class HoleEntry(Struct, frozen=True, kw_only=True):
    """Something that could not be read."""

    file: str
    line: int
    reason: str
    records: int


class ProvenanceEntry(Struct, frozen=True, kw_only=True):
    """What a manifest beside the data says of where each record came from, and when."""

    manifest: str
    """Name of the manifest's file."""
    records: int
    complete: int
    """Records with both a source and a time."""
    without_source: int
    without_time: int
    in_future: int = 0
    first: tuple[str, ...] = ()
    """The first records that lack something."""
    problems: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every record has both, and the data are as the manifest says."""
        return self.complete == self.records > 0 and not self.problems


class ScoreTable(Struct, frozen=True, kw_only=True):
    """A score for every record, by its number; arrays where it was made here, lists where it was read."""

    merged: Sequence[float]
    """Engines that flag the record, plus how high it stands with the one where it stands highest (0 to 1)."""
    engines: dict[str, Sequence[float]]
    """By engine. Larger is more suspicious, comparable within one engine only; 0 where nothing is said."""


class DataReport(Struct, frozen=True, kw_only=True):
    """The whole report."""

    format: Literal["assaymark-data-scan/1"] = FORMAT
    tool: Tool
    made_at: str
    """ISO 8601, UTC."""
    targets: tuple[str, ...]
    verdict: Literal["suspect", "to explain", "clean", "nothing looked"]
    """Of the worst pattern that nobody answers for."""
    complete: bool
    """Whether every record could be read and no engine stopped."""
    kind: str
    data_format: str
    roles: dict[str, str]
    """Role → column."""
    roles_found: bool
    """Whether they were found by content; False if the user named them."""
    columns: tuple[ColumnEntry, ...]
    records: int
    """Records in all, those that could not be read included."""
    read: int
    flagged: int
    """Records under a finding of level `suspect`."""
    data_digest: str
    """SHA-256 of the canonical list of files with their digests (sizes where there is none)."""
    tested: tuple[TestedEntry, ...] = ()
    """Files of the assessed system, if the scan was made as evidence."""
    findings: tuple[FindingEntry, ...]
    """Suspects first, then what is to be explained, then notes; strongest first within one engine."""
    suspects: tuple[SuspectEntry, ...]
    """The first of the flagged records."""
    engines: tuple[EngineEntry, ...]
    holes: tuple[HoleEntry, ...]
    """At most 1,000; `records - read` counts all."""
    notes: tuple[str, ...]
    provenance: ProvenanceEntry | None = None
    """None where no manifest lies beside the data."""
    files: tuple[FileEntry, ...] = ()
    unread: tuple[tuple[int, int], ...] = ()
    """Numbers of records that could not be read, as ranges: first, and one after the last."""
    scores: ScoreTable | None = None
    """None in a report that was kept as evidence."""

    def of(self, level: str) -> tuple[FindingEntry, ...]:
        """Findings of one level."""
        return tuple(f for f in self.findings if f.level == level)
