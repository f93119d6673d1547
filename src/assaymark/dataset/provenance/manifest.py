"""The nouns of a data set's manifest: its files, their records, and where both came from. Pure."""

from msgspec import Struct

from assaymark.dataset.provenance.canonical import CANONICAL, WIDTH
from assaymark.dataset.provenance.columns import Wanted
from assaymark.dataset.reading.shard import Form

__all__ = ["Column", "DataManifest", "Entry", "Minimum", "Origin", "Records"]


class Origin(Struct, frozen=True, kw_only=True):
    """Where something came from, as far as it is known; empty where not."""

    source: str = ""
    """Address or other words."""
    retrieved_at: str = ""
    """ISO 8601."""
    licence: str = ""
    annotator: str = ""
    """Who or what labelled it."""
    tool: str = ""
    """What fetched or made it."""

    def over(self, other: "Origin") -> "Origin":
        """This where it says something, else `other`."""
        return Origin(
            **{name: getattr(self, name) or getattr(other, name) for name in self.__struct_fields__}
        )


class Column(Struct, frozen=True):
    """A column of a file of records."""

    name: str
    type: str
    """As in `scan.facts.Column`."""


class Records(Struct, frozen=True, kw_only=True):
    """The records in one file."""

    count: int
    root: str
    """Root of the Merkle tree over their digests, hexadecimal."""
    form: Form
    """How they were read."""
    wanted: Wanted = Wanted()
    """Columns that say source and time; empty names where none does."""
    columns: tuple[Column, ...] = ()
    unreadable: int = 0
    """Records that stand for the bytes that could not be read."""
    problem: str = ""
    """Why the file breaks off; empty if it does not."""


class Entry(Struct, frozen=True, kw_only=True):
    """One file."""

    name: str
    """Path relative to the manifest's root, `/`-separated."""
    size: int
    sha256: str
    media_type: str
    origin: Origin = Origin()
    records: Records | None = None
    """None where the file is one record, such as an image, or rows were not asked for."""


class Minimum(Struct, frozen=True, kw_only=True):
    """Whether each record has source and time, the minimum of provision 5.2.4-2.1."""

    records: int
    complete: int = 0
    """With a source and a time that can be one."""
    without_source: int = 0
    without_time: int = 0
    """No time, or none that can be read as one."""
    in_future: int = 0
    """With a time later than the manifest."""
    unread: int = 0
    """Records, or files, that could not be read; they are in `records` and lack both."""
    first: tuple[str, ...] = ()
    """The first that lack something: `file:row: no source`."""

    @property
    def met(self) -> bool:
        """Whether there are records and each has both."""
        return 0 < self.records == self.complete


class DataManifest(Struct, frozen=True, kw_only=True):
    """A data set as it was when the manifest was made."""

    name: str
    made_at: str
    """ISO 8601, UTC."""
    entries: tuple[Entry, ...]
    """By name."""
    scope: tuple[str, ...] = (".",)
    """Relative paths that were looked at; `.` for the whole folder."""
    ignored: tuple[str, ...] = ()
    links: bool = False
    """Whether links that stay inside were followed."""
    origin: Origin = Origin()
    """What was said of the data set as a whole."""
    description: str = ""
    url: str = ""
    creator: str = ""
    version: str = ""
    canonical: str = CANONICAL
    width: int = WIDTH
    """Bytes of a record's digest."""
    rows: int = 0
    """Records in all files, in the order of the files."""
    root: str = ""
    """Root over all records' digests, or over the files if rows were not asked for; hexadecimal."""
    leaves: str = "files"
    """`rows` or `files`: what the root is over."""
    public_key: str = ""
    """Key that was to sign it, hexadecimal; whose it is, it cannot say."""
    minimum: Minimum | None = None
