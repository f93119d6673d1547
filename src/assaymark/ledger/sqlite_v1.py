"""Version 1 of the ledger, one SQLite file: rows out, nothing in. Knows nothing of hashing or signing.

Opened for reading and writing all the same, since only a writer may roll back what a killed process left.
"""

import contextlib
import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from msgspec import Struct

from assaymark.errors import AssaymarkError

__all__ = ["Head", "Row", "State", "Store"]

_APPLICATION_ID = 0x41534D4B  # "ASMK"
_SCHEMA_VERSION = 1
_WAIT_SECONDS = 60.0

_SCHEMA = (
    "CREATE TABLE entries (idx INTEGER PRIMARY KEY, key TEXT, leaf BLOB, data BLOB, mark BLOB)",
    "CREATE INDEX entries_by_key ON entries (key, idx)",
    "CREATE TABLE heads (size INTEGER PRIMARY KEY, note TEXT NOT NULL)",
    "CREATE TABLE signers (public_key BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE state (origin TEXT NOT NULL, size INTEGER NOT NULL, frontier BLOB NOT NULL)",
)

_NO_END = 2**62
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
# Casts and cuts, because a file from a stranger may hold any type and any length in any column.
_ENTRIES = (
    "SELECT idx, ifnull(CAST(key AS TEXT), ''), ifnull(CAST(leaf AS BLOB), x''),"
    " ifnull(CAST(substr(data, 1, 65536) AS BLOB), x''), ifnull(CAST(mark AS BLOB), x'') FROM entries"
)
_HEADS = "SELECT size, ifnull(CAST(substr(note, 1, 16384) AS TEXT), '') FROM heads ORDER BY size"

_RESTORE = "Restore it from a copy, or move it away and a new one will be started."
_ADVICE = {
    sqlite3.SQLITE_FULL: "Free some space and run it again; what was recorded before is intact.",
    sqlite3.SQLITE_IOERR: "Check the disk and its free space; what was recorded before is intact.",
    sqlite3.SQLITE_BUSY: "Another process has held it for a minute; wait for that one, or end it.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable, or set ASSAYMARK_STATE_DIR.",
    sqlite3.SQLITE_CANTOPEN: "Make the file and its folder accessible, or set ASSAYMARK_STATE_DIR.",
    sqlite3.SQLITE_NOTADB: "It is no SQLite file. Name another, or move it away.",
}


class Row(Struct, frozen=True):
    """One stored entry, exactly as it lies in the file."""

    index: int
    key: str
    leaf: bytes
    data: bytes
    mark: bytes
    """Shows the machine that recorded it that it did; means nothing to others."""


class Head(Struct, frozen=True):
    """One stored signed tree head."""

    size: int
    note: str


class State(Struct, frozen=True):
    """What appending needed to know."""

    origin: str
    size: int
    frontier: bytes
    """The frontier's nodes, 32 bytes each."""


class Store:
    """An open file. Every SQLite failure leaves it as an `AssaymarkError` with advice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._advice():
            self._db = self._connect()
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextlib.contextmanager
    def snapshot(self, *, alone: bool = False) -> Iterator[None]:
        """One state of the file for several reads; `alone` keeps older versions of us from appending."""
        with self._advice():
            if alone:
                self._db.execute("PRAGMA query_only = OFF")  # or the lock would not be given
            self._db.execute("BEGIN IMMEDIATE" if alone else "BEGIN")
            try:
                yield
            finally:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("COMMIT")

    def state(self) -> State:
        """Origin, size and frontier."""
        rows = self._all(
            "SELECT CAST(origin AS TEXT), CAST(size AS INTEGER), CAST(frontier AS BLOB) FROM state"
        )
        if len(rows) != 1:
            raise self._error("its state is missing", "Restore it from a copy.")
        return State(*rows[0])

    def head(self) -> Head | None:
        """The newest signed head."""
        rows = self._all(f"{_HEADS} DESC LIMIT 1")
        return Head(*rows[0]) if rows else None

    def heads(self) -> tuple[Head, ...]:
        """Every signed head, oldest first."""
        return tuple(Head(*row) for row in self._all(_HEADS))

    def signers(self) -> tuple[bytes, ...]:
        """Public keys that have signed heads here."""
        rows = self._all("SELECT CAST(public_key AS BLOB) FROM signers ORDER BY public_key")
        return tuple(key for (key,) in rows)

    def rows(self, start: int = 0, stop: int = _NO_END) -> Iterator[Row]:
        """Stored entries whose index is in ``[start, stop)``, in order."""
        with self._advice():
            query = f"{_ENTRIES} WHERE idx >= ? AND idx < ? ORDER BY idx"
            for row in self._db.execute(query, (start, stop)):
                yield Row(*row)

    def rows_with(self, key: str) -> tuple[Row, ...]:
        """Stored entries with that run key, in order."""
        return tuple(Row(*row) for row in self._all(f"{_ENTRIES} WHERE key = ? ORDER BY idx", (key,)))

    def row_with_leaf(self, leaf: bytes) -> int | None:
        """Index under which a leaf hash is stored; reads the whole file."""
        ((index,),) = self._all("SELECT min(idx) FROM entries WHERE leaf = ?", (leaf,))
        return index if isinstance(index, int) else None

    def _connect(self) -> sqlite3.Connection:
        self._refuse_traps(self._path)
        if not self._path.exists():
            raise self._error("there is none", "Run `assaymark assess` first; it starts one.")
        name = f"file:{quote(str(self._path.absolute()))}?mode=rw"
        connection = sqlite3.connect(name, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        return connection

    def _refuse_traps(self, path: Path) -> None:
        """A ledger may lie in a stranger's tree: neither follow it elsewhere nor delete for it.

        SQLite, when it rolls back a journal that names a super-journal, deletes the file so named. Ours
        never name one, so one that does was planted. Nor have ours a write-ahead log, whose files SQLite
        would open for writing.
        """
        for ending in ("-wal", "-shm"):
            if os.path.lexists(path.with_name(path.name + ending)):
                raise self._error(f"{path.name}{ending} lies beside it, which ours never have", _RESTORE)
        if os.path.lexists(path) and stat.S_IFMT(path.lstat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
            raise self._error("it is no plain file", "Move it away and a new one will be started.")
        journal = path.with_name(f"{path.name}-journal")
        try:
            handle = os.open(journal, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return  # there is none, or another process ended its transaction just now
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENXIO):
                raise
            raise self._error("its journal is no plain file", "Move the journal away.") from error
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise self._error("its journal is no plain file", "Move the journal away.")
            file.seek(max(0, about.st_size - len(_JOURNAL_MAGIC)))
            if file.read() == _JOURNAL_MAGIC:
                raise self._error("its journal names another file, which ours never do", _RESTORE)

    def _prepare(self) -> None:
        # A stranger's file must not run code of its own (triggers, views) when it is read.
        self._db.execute("PRAGMA trusted_schema = OFF")
        self._db.execute("PRAGMA query_only = ON")
        tables: int = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables == 0 and self._pragma("application_id") == 0:
            raise self._error("it is empty", "Run `assaymark assess` first; it fills one.")
        self._check_schema()

    def _check_schema(self) -> None:
        if self._pragma("application_id") != _APPLICATION_ID:
            raise self._error("it is not an Assaymark ledger", "Name another file, or move this one away.")
        if self._pragma("user_version") > _SCHEMA_VERSION:
            raise self._error("a newer Assaymark wrote it", "Upgrade Assaymark to read it.")
        found = self._all("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        if {sql for (sql,) in found} != set(_SCHEMA):
            raise self._error("its tables are not as Assaymark makes them", "Restore it from a copy.")

    def _pragma(self, name: str) -> int:
        value: int = self._db.execute(f"PRAGMA {name}").fetchone()[0]
        return value

    def _all(self, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._advice():
            return self._db.execute(query, parameters).fetchall()

    @contextlib.contextmanager
    def _advice(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._error(str(error), _ADVICE.get(_code(error), _RESTORE)) from error
        except OSError as error:
            raise self._error(str(error.strerror), "Name a place that can be written.") from error

    def _error(self, problem: str, advice: str) -> AssaymarkError:
        return AssaymarkError(f"The ledger {self._path} cannot be used: {problem}.", advice)


def _code(error: sqlite3.Error) -> int:
    # Extended result codes keep the primary one in their low byte.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
