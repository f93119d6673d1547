"""Conversations, kept for 90 days."""

import sqlite3
import uuid

db = sqlite3.connect("conversations.db", check_same_thread=False)
db.execute("CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, owner TEXT, text TEXT, at TEXT)")


def new_conversation() -> str:
    """A fresh id."""
    return uuid.uuid4().hex


def save(conversation: str, owner: str, text: str) -> None:
    """Keep an answer."""
    db.execute("INSERT INTO conversations VALUES (?, ?, ?, datetime('now'))", (conversation, owner, text))
    db.commit()


def load(conversation: str) -> dict[str, str] | None:
    """One conversation."""
    row = db.execute("SELECT owner, text FROM conversations WHERE id = ?", (conversation,)).fetchone()
    return {"owner": row[0], "text": row[1]} if row else None


def load_all() -> list[dict[str, str]]:
    """Every conversation."""
    return [{"id": r[0], "text": r[1]} for r in db.execute("SELECT id, text FROM conversations")]


def erase_older_than(days: int) -> int:
    """Retention: erase what is older than `days`."""
    done = db.execute("DELETE FROM conversations WHERE at < datetime('now', ?)", (f"-{days} days",))
    db.commit()
    return done.rowcount
