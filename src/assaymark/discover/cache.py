"""Digests and facts of files seen before, keyed as git's index is: path, size, time, inode.

A cache only: deleting it costs time, never evidence. It lies in the user's cache folder, not in the tree.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from assaymark.source.walk import Found

__all__ = ["Cache", "Row"]

Row = tuple[str, int, int, int, str, bytes]
"""Path, size, mtime_ns, inode, sha256, facts as JSON."""

_RACY_NS = 2_000_000_000
"""A file written less than this before it was read may have been written again in the same tick."""


class Cache:
    """Rows of one assessed folder; with no path, an empty cache that forgets."""

    def __init__(self, path: Path | None, version: str) -> None:
        self._version = version
        self._db = self._open(path) if path is not None else None

    def __enter__(self) -> "Cache":
        return self

    def __exit__(self, *_: object) -> None:
        if self._db is not None:
            self._db.close()

    def known(self, files: Iterable[Found]) -> Iterator[tuple[Found, tuple[str, bytes] | None]]:
        """Each file with its digest and facts if it is unchanged, else None."""
        rows = self._rows()
        for file in files:
            row = rows.get(file.path)
            if row is not None and row[1:4] == (file.size, file.mtime_ns, file.inode):
                yield file, row[4:]
            else:
                yield file, None

    def paths(self) -> set[str]:
        """Every path with a row."""
        if self._db is None:
            return set()
        return {r[0] for r in self._db.execute("SELECT path FROM files")}

    def store(self, rows: Iterable[Row], gone: Iterable[str]) -> None:
        """Remember `rows` and forget paths that are gone; failing to is no error."""
        if self._db is None:
            return
        now = time.time_ns()
        with contextlib.suppress(sqlite3.Error), self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?)",
                [r for r in rows if now - r[2] > _RACY_NS],
            )
            self._db.executemany("DELETE FROM files WHERE path = ?", [(p,) for p in gone])

    def get(self, key: str) -> bytes | None:
        """A value kept under `key` (the history's facts, keyed by the head commit)."""
        if self._db is None:
            return None
        row = self._db.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def put(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`, and no other note."""
        if self._db is None:
            return
        with contextlib.suppress(sqlite3.Error), self._db:
            self._db.execute("DELETE FROM notes WHERE key LIKE ?", (key.partition(":")[0] + ":%",))
            self._db.execute("INSERT INTO notes VALUES (?,?)", (key, value))

    def _rows(self) -> dict[str, Row]:
        if self._db is None:
            return {}
        return {r[0]: r for r in self._db.execute("SELECT * FROM files")}

    def _open(self, path: Path) -> sqlite3.Connection | None:
        """The database, emptied if another version of the parsers wrote it; None if it cannot be had."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, timeout=5)
            db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            db.execute("PRAGMA synchronous=OFF")
            db.execute("PRAGMA secure_delete=ON")  # what is known of a file goes when the file does
            with db:
                self._prepare(db)
        except sqlite3.DatabaseError:
            with contextlib.suppress(OSError):
                path.unlink()  # a damaged cache is worth nothing; the next run starts a new one
            return None
        except OSError:
            return None
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE IF NOT EXISTS about (version TEXT)")
        row = db.execute("SELECT version FROM about").fetchone()
        if row is not None and row[0] == self._version:
            return
        for table in ("files", "notes"):
            db.execute(f"DROP TABLE IF EXISTS {table}")
        db.execute("DELETE FROM about")
        db.execute("INSERT INTO about VALUES (?)", (self._version,))
        db.execute(
            "CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode INTEGER,"
            " sha256 TEXT, facts BLOB) WITHOUT ROWID"
        )
        db.execute("CREATE TABLE notes (key TEXT PRIMARY KEY, value BLOB)")
