"""Where entries with a given run key lie in the log: derived from the log, so it may be lost at any time.

An index holds a short hash of each key and the entry's position, nothing else: no key, no content. Two keys
may share a hash, and a file from a stranger may say anything; whoever asks reads the entry and looks.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from assaymark.errors import AssaymarkError, UsageError

__all__ = ["Index", "IndexLostError", "key_hash", "matched", "open_index"]


class IndexLostError(AssaymarkError):
    """The index was damaged and has been begun anew: add the log's entries from 0, then ask again."""


class Index(Protocol):
    """Run key → positions of the entries that bear it.

    `add` and `find` raise `IndexLostError` when the index turned out to be damaged; it is then empty. Any
    other failure, such as a full disk or a server that is gone, is an `AssaymarkError`: nothing was added.
    """

    @property
    def size(self) -> int:
        """How many entries are indexed: those from 0 to just before this. Another process may add too."""

    def add(self, first: int, keys: Sequence[str]) -> None:
        """Index the entries from position `first` on by their `keys`, in one transaction.

        What another process has indexed meanwhile is passed over.

        Raises:
            ValueError: entries before `first` are not indexed yet.
        """

    def find(self, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """For each of `keys` that may be there, ascending positions; now and then one of another key."""

    def reset(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Let go of the file or connection; everything added stays."""


def open_index(path: Path | None, url: str = "", *, log: str = "") -> Index:
    """Open the index of one log, made if it is missing; what is wrong with it is replaced by an empty one.

    Args:
        path: the SQLite file, or None for an index in memory. One that cannot be written at its place is
            kept in memory too.
        url: `postgresql://` address to use instead of `path`.
        log: the log's origin; an index of another log counts as empty.

    Raises:
        AssaymarkError: the server cannot be used.
        UsageError: `url` is no such address.
    """
    if not url:
        from assaymark.ledger.index_sqlite import SqliteIndex

        return SqliteIndex(path, log=log)
    if not url.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            "The address of the ledger's index does not begin with postgresql://.",
            "Correct ASSAYMARK_LEDGER_INDEX, or unset it to use a file.",
        )
    from assaymark.ledger.index_postgres import PostgresIndex

    return PostgresIndex(url, log=log)


def key_hash(key: str) -> int:
    """The first eight bytes of a key's SHA-256 as a signed number."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def matched(hashes: dict[int, list[str]], found: Iterable[tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    """Rows of (hash, position) as positions of the keys behind the `hashes`."""
    places: dict[int, set[int]] = {}
    for number, place in found:
        places.setdefault(number, set()).add(place)
    return {key: tuple(sorted(places[n])) for n, keys in hashes.items() if n in places for key in keys}
