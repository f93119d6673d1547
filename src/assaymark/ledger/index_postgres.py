"""The index in a PostgreSQL database, which several machines and several logs may share.

It is reached through pg8000 (the extra `postgres`). A connection that was dropped is opened again once; the
password is in no message.
"""

import contextlib
import importlib
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, TypeVar

from assaymark.errors import AssaymarkError
from assaymark.ledger.index import IndexLostError, key_hash, matched
from assaymark.ledger.index_postgres_url import Address, parse_address

__all__ = ["PostgresIndex"]

T = TypeVar("T")

_LOGS = """CREATE TABLE IF NOT EXISTS assaymark_index_logs (
    log BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, origin TEXT UNIQUE NOT NULL, size BIGINT NOT NULL
)"""
_KEYS = """CREATE TABLE IF NOT EXISTS assaymark_index_keys (
    log BIGINT NOT NULL, hash BIGINT NOT NULL, idx BIGINT NOT NULL, PRIMARY KEY (log, hash, idx)
)"""
_MISSING = "SELECT to_regclass('assaymark_index_keys') IS NULL OR to_regclass('assaymark_index_logs') IS NULL"
_DROP = "DROP TABLE IF EXISTS assaymark_index_keys, assaymark_index_logs"
_LOCK = 0x41534D49  # "ASMI": one process at a time makes the tables
_SECONDS = 60
_AT_ONCE = 10_000
"""Rows in one message of a COPY, keys in one query."""

_GONE = ("08", "57P")
"""How the codes of errors begin that mean that the connection is lost."""
_DAMAGED = ("42P01", "42703", "42804", "22P02", "23505", "23502", "XX001", "XX002")
"""Tables or columns missing or changed, a row twice, pages damaged: not as we left it."""


class PostgresIndex:
    """An open index; see `assaymark.ledger.index.Index`."""

    def __init__(self, url: str, *, log: str = "") -> None:
        """Connect to the database at `url`; its tables are made if they are missing."""
        self._address, self._log = parse_address(url), log
        self._pg = _library()
        self._db: Any = None
        self._number = 0
        self._run(lambda: None)

    @property
    def size(self) -> int:
        """How many entries are indexed."""
        return self._run(self._size)

    def add(self, first: int, keys: Sequence[str]) -> None:
        """Index `keys` from position `first` on."""
        self._run(lambda: self._add(first, keys))

    def find(self, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Positions of each key."""
        hashes: dict[int, list[str]] = {}
        for key in dict.fromkeys(keys):
            hashes.setdefault(key_hash(key), []).append(key)
        return matched(hashes, self._run(lambda: self._rows(sorted(hashes))))

    def reset(self) -> None:
        """Forget everything about this log."""
        self._run(self._reset)

    def close(self) -> None:
        """Close the connection."""
        db, self._db = self._db, None
        if db is not None:
            # A connection that is gone already cannot say goodbye.
            with contextlib.suppress(self._pg.Error, OSError, struct.error):
                db.close()

    def _size(self) -> int:
        rows = self._db.run("SELECT size FROM assaymark_index_logs WHERE log = :log", log=self._number)
        if not rows:
            raise IndexLostError(*self._lost("its row was removed"))
        return int(rows[0][0])

    def _add(self, first: int, keys: Sequence[str]) -> None:
        with self._transaction():
            # The lock lasts until the end of the transaction: nobody else adds to this log meanwhile.
            self._db.run("SELECT 1 FROM assaymark_index_logs WHERE log = :log FOR UPDATE", log=self._number)
            size = self._size()
            if first > size:
                raise ValueError(f"entries {size} to {first - 1} are not indexed yet")
            fresh = keys[size - first :]
            rows = sorted((key_hash(key), n) for n, key in enumerate(fresh, size))
            lines = [f"{self._number}\t{number}\t{place}\n" for number, place in rows]
            self._db.run(
                "COPY assaymark_index_keys (log, hash, idx) FROM STDIN",
                stream=("".join(lines[n : n + _AT_ONCE]) for n in range(0, len(lines), _AT_ONCE)),
            )
            self._db.run(
                "UPDATE assaymark_index_logs SET size = :size WHERE log = :log",
                size=size + len(fresh),
                log=self._number,
            )

    def _rows(self, hashes: Sequence[int]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        size = self._size()
        for start in range(0, len(hashes), _AT_ONCE):
            rows = self._db.run(
                "SELECT hash, idx FROM assaymark_index_keys"
                " WHERE log = :log AND hash = ANY(CAST(:hashes AS BIGINT[])) AND idx < :size",
                log=self._number,
                hashes=list(hashes[start : start + _AT_ONCE]),
                size=size,
            )
            found.extend((number, place) for number, place in rows)
        return found

    def _reset(self) -> None:
        with self._transaction():
            self._db.run("DELETE FROM assaymark_index_keys WHERE log = :log", log=self._number)
            self._db.run("UPDATE assaymark_index_logs SET size = 0 WHERE log = :log", log=self._number)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.run("BEGIN")
        try:
            yield
            self._db.run("COMMIT")
        except BaseException:
            # On a dead connection the server rolls back by itself.
            with contextlib.suppress(self._pg.Error, OSError, struct.error):
                self._db.run("ROLLBACK")
            raise

    def _run(self, work: Callable[[], T]) -> T:
        """What `work` gives; over a new connection, once, if the present one turns out to be gone."""
        fresh = self._db is None
        try:
            return self._tried(work)
        except (self._pg.Error, OSError, struct.error) as error:
            self.close()
            if _state(error).startswith(_DAMAGED):
                self._begin_anew()
                raise IndexLostError(*self._lost(_reason(error))) from error
            if fresh or not _is_gone(error):
                raise self._error(error) from error
        except BaseException:
            self._settle()
            raise
        try:
            return self._tried(work)
        except (self._pg.Error, OSError, struct.error) as error:
            self.close()
            raise self._error(error) from error

    def _tried(self, work: Callable[[], T]) -> T:
        if self._db is None:
            self._db = self._connected()
            self._number = self._prepared()
        return work()

    def _settle(self) -> None:
        """After an interruption half an answer may wait on the line; it must not answer the next question."""
        self.close()

    def _connected(self) -> Any:
        at = self._address
        return self._pg.Connection(
            at.user,
            host=at.host,
            port=at.port,
            unix_sock=at.socket or None,
            database=at.database,
            password=at.password or None,
            timeout=_SECONDS,
            ssl_context=_encryption(at),
            application_name="assaymark",
        )

    def _prepared(self) -> int:
        """The number under which this log is kept; tables and row are made if they are missing."""
        with self._transaction():
            self._db.run("SELECT pg_advisory_xact_lock(:lock)", lock=_LOCK)
            if self._db.run(_MISSING)[0][0]:
                for statement in (_DROP, _LOGS, _KEYS):  # rows without their log's would be met again
                    self._db.run(statement)
            find = "SELECT log FROM assaymark_index_logs WHERE origin = :origin"
            rows = self._db.run(find, origin=self._log)
            if not rows:
                self._db.run(
                    "INSERT INTO assaymark_index_logs (origin, size) VALUES (:origin, 0)", origin=self._log
                )
                rows = self._db.run(find, origin=self._log)
            return int(rows[0][0])

    def _begin_anew(self) -> None:
        """Drop our tables, which the next connection makes again."""
        try:
            self._db = self._connected()
            self._db.run(_DROP)
            self.close()
        except (self._pg.Error, OSError, struct.error) as error:
            self.close()
            raise self._error(error) from error

    def _lost(self, reason: str) -> tuple[str, str]:
        self.close()
        return (
            f"The ledger's index at {self._address.shown} was damaged and is begun anew: {reason}.",
            "Run it again; the index is made from the log, which is intact.",
        )

    def _error(self, error: BaseException) -> AssaymarkError:
        return AssaymarkError(
            f"The ledger's index at {self._address.shown} cannot be used: {_reason(error)}.",
            "Start the server or correct ASSAYMARK_LEDGER_INDEX; the log itself is intact.",
        )


def _library() -> ModuleType:
    try:
        return importlib.import_module("pg8000.native")
    except ImportError as error:
        raise AssaymarkError(
            "A ledger's index in PostgreSQL needs the library pg8000, which is not installed.",
            "Run: pip install 'assaymark[postgres]'",
        ) from error


def _encryption(at: Address) -> ssl.SSLContext | bool | None:
    """What pg8000 calls `ssl_context`: None takes what the server offers, as libpq does by itself."""
    if at.ssl_mode == "disable" or at.socket:
        return False
    if at.ssl_mode in ("", "allow", "prefer"):
        return None
    context = ssl.create_default_context(cafile=at.root_certificate or None)
    if at.ssl_mode != "verify-full":
        context.check_hostname = False
    if at.ssl_mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context


def _told(error: BaseException | None) -> dict[str, str]:
    """What the server said, by the letters of its protocol; empty if it said nothing.

    pg8000 says goodbye after a refusal; where the server has hung up already, that failure hides the refusal.
    """
    for _ in range(6):
        if error is None:
            break
        if error.args and isinstance(error.args[0], dict):
            return error.args[0]
        error = error.__cause__ or error.__context__
    return {}


def _state(error: BaseException) -> str:
    """SQLSTATE of what the server said; empty if it said nothing."""
    return str(_told(error).get("C", ""))


def _is_gone(error: BaseException) -> bool:
    return not _state(error) or _state(error).startswith(_GONE)


def _reason(error: BaseException) -> str:
    """What went wrong in one line; it comes from the server or the network, so it is made safe to print."""
    text = str(_told(error).get("M", ""))
    if not text:
        below = error.__cause__ or error
        text = getattr(below, "strerror", None) or str(below) or "the connection was lost"
    return "".join(c if c.isprintable() else " " for c in text[:300])
