"""Some records on their way from a file into a manifest. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from assaymark.dataset.provenance.columns import Wanted

__all__ = ["Chunk"]


class Chunk(Struct, frozen=True, kw_only=True):
    """Some records in order."""

    records: Sequence[bytes]
    """In canonical form."""
    sources: Sequence[str] | None = None
    """Where each came from, by its own words; None if no column says so."""
    times: Sequence[str] | None = None
    columns: tuple[str, ...] = ()
    """Names of the columns that are known so far."""
    wanted: Wanted = Wanted()
    """Columns that gave source and time."""
    texts: Mapping[str, Sequence[str]] = {}
    """Further columns that were asked for, as text."""
    unreadable: tuple[int, ...] = ()
    """Positions of records that could not be read and are kept as their bytes."""
