"""The index as one SQLite file, which may lie in a stranger's tree.

Rows are ordered by generation (some hundred thousand entries) first: new ones touch only the pages of the
last generation, so that adding costs the same however long the log is; a key is sought in each generation.
"""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from assaymark.errors import AssaymarkError
from assaymark.ledger.index import IndexLostError, key_hash, matched

__all__ = ["SqliteIndex"]

_APPLICATION_ID = 0x41534D49  # "ASMI"
_SCHEMA = (
    "CREATE TABLE keys (gen INTEGER, hash INTEGER, idx INTEGER, PRIMARY KEY (gen, hash, idx)) WITHOUT ROWID",
    "CREATE TABLE state (log TEXT NOT NULL, size INTEGER NOT NULL)",
)
_GENERATION_BITS = 18
_WAIT_SECONDS = 60.0
_CACHE_KIB = 32_768
_AT_ONCE = 500
"""Keys in one query."""
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_NEVER_OURS = ("-wal", "-shm")
"""SQLite opens these for writing if they are there, whatever they link to; we use no such mode."""

# What says that the place or the moment is at fault, and not the file.
_ADVICE = {
    sqlite3.SQLITE_FULL: "Free some space and run it again; the log itself is intact.",
    sqlite3.SQLITE_IOERR: "Check the disk and its free space; the log itself is intact.",
    sqlite3.SQLITE_BUSY: "Another process has held it for a minute; wait for that one, or end it.",
    sqlite3.SQLITE_LOCKED: "Another process has held it for a minute; wait for that one, or end it.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable.",
    sqlite3.SQLITE_NOMEM: "Free some memory and run it again; the log itself is intact.",
}
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


class SqliteIndex:
    """An open index file; see `assaymark.ledger.index.Index`."""

    def __init__(self, path: Path | None, *, log: str = "") -> None:
        """Open `path`; an unfit file is replaced, an unwritable place means memory."""
        self._path, self._log = path, log
        self._db = self._opened()

    @property
    def size(self) -> int:
        """How many entries are indexed."""
        with self._repaired():
            return _size(self._db)

    def add(self, first: int, keys: Sequence[str]) -> None:
        """Index `keys` from position `first` on."""
        with self._repaired(), _transaction(self._db):
            size = _size(self._db)
            if first > size:
                raise ValueError(f"entries {size} to {first - 1} are not indexed yet")
            fresh = keys[size - first :]
            self._db.executemany(
                "INSERT OR IGNORE INTO keys (gen, hash, idx) VALUES (?, ?, ?)",
                # In the order of the rows: neighbours share a page.
                sorted((n >> _GENERATION_BITS, key_hash(key), n) for n, key in enumerate(fresh, size)),
            )
            self._db.execute("UPDATE state SET size = ?", (size + len(fresh),))

    def find(self, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Positions of each key."""
        hashes: dict[int, list[str]] = {}
        for key in dict.fromkeys(keys):
            hashes.setdefault(key_hash(key), []).append(key)
        with self._repaired():
            return matched(hashes, self._rows(sorted(hashes)))

    def reset(self) -> None:
        """Forget everything."""
        with self._repaired(), _transaction(self._db):
            self._db.execute("DELETE FROM keys")
            self._db.execute("UPDATE state SET size = 0")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _rows(self, hashes: Sequence[int]) -> Iterator[tuple[int, int]]:
        size = _size(self._db)
        for start in range(0, len(hashes), _AT_ONCE):
            some = hashes[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT hash, idx FROM keys WHERE gen = ? AND hash IN ({marks})"  # noqa: S608  only marks
            for generation in range((size >> _GENERATION_BITS) + 1):
                for number, place in self._db.execute(query, (generation, *some)):
                    if isinstance(place, int) and 0 <= place < size:  # a stranger's row may say anything
                        yield number, place

    def _opened(self) -> sqlite3.Connection:
        if self._path is None:
            return _connected(None, self._log)
        for _ in range(2):
            try:
                if _is_safe(self._path):
                    return _connected(self._path, self._log)
            except sqlite3.Error as error:
                if _code(error) in _UNWRITABLE:
                    break
                if _code(error) in _ADVICE:
                    raise self._error(error) from error
            except OSError:
                break
            if not self._removed():
                break
        return _connected(None, self._log)

    def _removed(self) -> bool:
        """Whether file and journal are out of the way; what links led to is left alone."""
        if self._path is None:
            return True
        try:
            for ending in ("-journal", *_NEVER_OURS, ""):
                _beside(self._path, ending).unlink(missing_ok=True)
        except OSError:
            return False
        return True

    @contextlib.contextmanager
    def _repaired(self) -> Iterator[None]:
        """Whatever SQLite says of a damaged file starts a new one."""
        try:
            yield
        except sqlite3.Error as error:
            if _code(error) in _ADVICE:
                raise self._error(error) from error
            self._db.close()
            self._removed()
            self._db = self._opened()
            raise IndexLostError(
                f"The ledger's index {self._path} was damaged and is begun anew: {error}.",
                "Run it again; the index is made from the log, which is intact.",
            ) from error

    def _error(self, error: sqlite3.Error) -> AssaymarkError:
        return AssaymarkError(
            f"The ledger's index {self._path} cannot be used: {error}.", _ADVICE[_code(error)]
        )


def _connected(path: Path | None, log: str) -> sqlite3.Connection:
    """A connection to an index of `log`; raises `sqlite3.Error` if the file is none of ours."""
    if path is None:
        name = ":memory:"
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"file:{quote(str(path.absolute()))}?mode=rwc"
    db = sqlite3.connect(name, uri=True, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _prepare(db, log)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, log: str) -> None:
    # A stranger's file must not run code of its own (triggers, views), nor hand over a string without end.
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)
    for setting in (
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "secure_delete = ON",
        "synchronous = NORMAL",
        f"cache_size = -{_CACHE_KIB}",
    ):
        db.execute(f"PRAGMA {setting}")
    with _transaction(db):
        if _is_new(db):
            for statement in _SCHEMA:
                db.execute(statement)
            db.execute("INSERT INTO state (log, size) VALUES (?, 0)", (log,))
            db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        _check(db, log)
    db.execute("PRAGMA journal_mode = TRUNCATE")  # its bytes must not outlive the transaction


def _is_new(db: sqlite3.Connection) -> bool:
    tables: int = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return tables == 0


def _check(db: sqlite3.Connection, log: str) -> None:
    (number,) = db.execute("PRAGMA application_id").fetchone()
    tables = {sql for (sql,) in db.execute("SELECT sql FROM sqlite_master").fetchmany(9)}
    if number != _APPLICATION_ID or tables != set(_SCHEMA):
        raise sqlite3.DatabaseError("it is no index")
    found = db.execute("SELECT log, size FROM state").fetchmany(2)
    if len(found) != 1 or found[0][0] != log or not isinstance(found[0][1], int) or found[0][1] < 0:
        raise sqlite3.DatabaseError("it is the index of another log")


def _size(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT size FROM state").fetchone()
    if row is None or not isinstance(row[0], int):
        raise sqlite3.DatabaseError("its state is missing")
    return row[0]


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # a full disk may have rolled back already
            db.execute("ROLLBACK")
        raise


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")


def _is_safe(path: Path) -> bool:
    """Whether opening `path` reads and writes nothing else: SQLite follows what it finds beside a file."""
    planted = any(os.path.lexists(_beside(path, ending)) for ending in _NEVER_OURS)
    return not planted and _is_plain(path) and _is_plain(_beside(path, "-journal")) and not _is_trap(path)


def _is_plain(path: Path) -> bool:
    """Whether nothing is there, or a file that has no other name: one must not be led elsewhere."""
    try:
        about = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISREG(about.st_mode) and about.st_nlink == 1


def _is_trap(path: Path) -> bool:
    """Whether the journal names a super-journal: SQLite would delete the file so named. Ours never do."""
    try:
        handle = os.open(
            _beside(path, "-journal"), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        )
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "rb") as file:
        file.seek(max(0, os.fstat(handle).st_size - len(_JOURNAL_MAGIC)))
        return file.read(len(_JOURNAL_MAGIC)) == _JOURNAL_MAGIC


def _code(error: sqlite3.Error) -> int:
    # Extended result codes keep the primary one in their low byte.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
