"""The queue of questions on disk (or in memory): SQLite, one row a question, first answer wins.

Times are seconds since the epoch, because questions outlive the process that put them.
"""

import contextlib
import sqlite3
from pathlib import Path

from msgspec import Struct

from assaymark.errors import AssaymarkError

__all__ = ["Row", "Store"]

_FIELDS = (
    "id", "digest", "decision", "tool", "effects", "arguments", "shape", "why", "tainted_by", "tenant",
    "asked", "expires", "state", "by", "reason", "answered", "used", "recorded",
)  # fmt: skip
_TABLE = """
CREATE TABLE IF NOT EXISTS question (
  id TEXT PRIMARY KEY, digest TEXT NOT NULL, decision TEXT NOT NULL, tool TEXT NOT NULL,
  effects TEXT NOT NULL, arguments TEXT NOT NULL, shape TEXT NOT NULL, why TEXT NOT NULL,
  tainted_by TEXT NOT NULL, tenant TEXT NOT NULL, asked REAL NOT NULL, expires REAL NOT NULL,
  state TEXT NOT NULL DEFAULT 'open', by TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  answered REAL NOT NULL DEFAULT 0, used INTEGER NOT NULL DEFAULT 0, recorded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS question_digest ON question (digest, expires);
CREATE INDEX IF NOT EXISTS question_news ON question (recorded, state);
"""
_BUSY_SECONDS = 5.0


class Row(Struct, frozen=True, kw_only=True):
    """One question, with its answer if there is one."""

    id: str
    digest: str
    """SHA-256 of caller, upstream, tool and exact arguments: the answer counts for nothing else."""
    decision: str
    tool: str
    effects: str
    arguments: str
    """Empty unless the policy shows them."""
    shape: str
    """Names and kinds of the arguments, without values."""
    why: str
    """Rules that ask, with their sentences."""
    tainted_by: str
    tenant: str
    asked: float
    expires: float
    state: str = "open"
    """`open`, `approved` or `denied`."""
    by: str = ""
    """Name of the person who answered."""
    reason: str = ""
    answered: float = 0.0
    used: int = 0
    """1 once the approval has let a call pass; it lets no second one pass."""
    recorded: int = 0
    """1 once the answer is in the ledger."""

    def state_at(self, now: float) -> str:
        """`open`, `approved`, `used`, `denied` or `expired`."""
        if self.used:
            return "used"
        if self.state != "denied" and self.expires <= now:
            return "expired"
        return self.state


class Store:
    """The table. Not for two threads at once; several processes may share the file.

    Args:
        path: of the file; empty keeps the questions in memory.
        must_exist: refuse to make a new file (for those who only answer).
    """

    def __init__(self, path: str = "", must_exist: bool = False) -> None:
        if must_exist and not Path(path).is_file():
            raise AssaymarkError(
                f"There is no queue of questions at {path or '(memory)'}.",
                "Name the file that the policy's `approvals.store` names, with --store or --policy.",
            )
        try:
            if path and not Path(path).exists():
                Path(path).touch(mode=0o600)
            self._db = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
            )
            if path:
                self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA secure_delete=ON")  # what is pruned is gone from the file too
            self._db.executescript(_TABLE)
        except (sqlite3.Error, OSError) as error:
            raise AssaymarkError(
                f"The queue of questions {path!r} cannot be opened: {error}.",
                "Name a file that this user may write, in a folder that exists.",
            ) from error

    def version(self) -> int:
        """A number that changes when another process has written; cheap to ask."""
        (found,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(found)

    def put(self, row: Row, now: float) -> Row:
        """Put a question, unless the same one is open or approved and unused: then that one."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            found = self._rows(
                "digest = ? AND expires > ? AND used = 0 AND state != 'denied' ORDER BY asked DESC LIMIT 1",
                row.digest,
                now,
            )
            if not found:
                marks = ", ".join("?" * len(_FIELDS))
                values = [getattr(row, name) for name in _FIELDS]
                self._db.execute(f"INSERT INTO question VALUES ({marks})", values)  # noqa: S608 - marks only
        finally:
            self._db.execute("COMMIT")
        return found[0] if found else row

    def get(self, question: str) -> Row | None:
        """One question."""
        return next(iter(self._rows("id = ?", question)), None)

    def newest(self, most: int = 200) -> list[Row]:
        """The newest questions, latest first."""
        return self._rows("1 ORDER BY asked DESC, id LIMIT ?", most)

    def unrecorded(self) -> list[Row]:
        """Answers that are not in the ledger yet."""
        return self._rows("recorded = 0 AND state != 'open' ORDER BY answered LIMIT 1000")

    def mark_recorded(self, question: str) -> bool:
        """Claim an answer for the ledger; True for the first who does."""
        return self._changed("UPDATE question SET recorded = 1 WHERE id = ? AND recorded = 0", question)

    def answer(self, question: str, approved: bool, by: str, reason: str, now: float) -> bool:
        """Answer; False if somebody was faster, it has expired or does not exist."""
        return self._changed(
            "UPDATE question SET state = ?, by = ?, reason = ?, answered = ?"
            " WHERE id = ? AND state = 'open' AND expires > ?",
            "approved" if approved else "denied",
            by,
            reason,
            now,
            question,
            now,
        )

    def use(self, question: str, now: float) -> bool:
        """Spend an approval; True once."""
        return self._changed(
            "UPDATE question SET used = 1 WHERE id = ? AND state = 'approved' AND used = 0 AND expires > ?",
            question,
            now,
        )

    def forget(self, before: float) -> None:
        """Drop what expired before `before` and, if answered, is in the ledger."""
        self._changed("DELETE FROM question WHERE expires < ? AND (recorded = 1 OR state = 'open')", before)

    def close(self) -> None:
        """Let the file go; nothing of what was pruned stays in the write-ahead log."""
        with contextlib.suppress(sqlite3.Error):  # another process reads: it truncates when it closes
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def _changed(self, statement: str, *values: object) -> bool:
        return self._db.execute(statement, values).rowcount > 0

    def _rows(self, where: str, *values: object) -> list[Row]:
        fields = ", ".join(_FIELDS)
        found = self._db.execute(f"SELECT {fields} FROM question WHERE {where}", values)  # noqa: S608 - ours
        return [Row(**dict(zip(_FIELDS, values, strict=True))) for values in found]
