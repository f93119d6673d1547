"""Ledgers of version 1, one SQLite file each, as an earlier Assaymark wrote them."""

import hmac
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.samples import KEY

from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.entry import Entry, encode
from assaymark.ledger.keys import mark_secret, public_bytes
from assaymark.ledger.merkle import Frontier, leaf_hash

ORIGIN = "assaymark.local/5f2c9a1be07d4433"

SCHEMA = (
    "PRAGMA application_id = 1095978315",
    "PRAGMA user_version = 1",
    "CREATE TABLE entries (idx INTEGER PRIMARY KEY, key TEXT, leaf BLOB, data BLOB, mark BLOB)",
    "CREATE INDEX entries_by_key ON entries (key, idx)",
    "CREATE TABLE heads (size INTEGER PRIMARY KEY, note TEXT NOT NULL)",
    "CREATE TABLE signers (public_key BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE state (origin TEXT NOT NULL, size INTEGER NOT NULL, frontier BLOB NOT NULL)",
    f"INSERT INTO state (origin, size, frontier) VALUES ('{ORIGIN}', 0, x'')",
)


def write(path: Path, *batches: Sequence[Entry], key: Ed25519PrivateKey = KEY) -> None:
    """Make the file at `path` if it is missing, and append `batches` to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    database = sqlite3.connect(path, isolation_level=None)
    for statement in SCHEMA if new else ():
        database.execute(statement)
    for batch in batches:
        _append(database, batch, key)
    database.close()


def alter(path: Path, *statements: tuple[str, tuple[object, ...]] | str) -> None:
    """Change the file as somebody with SQLite at hand would."""
    database = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        database.execute(*((statement,) if isinstance(statement, str) else statement))
    database.close()


def _append(database: sqlite3.Connection, batch: Sequence[Entry], key: Ed25519PrivateKey) -> None:
    origin, size, nodes = database.execute("SELECT origin, size, frontier FROM state").fetchone()
    frontier = Frontier(size, [nodes[n : n + 32] for n in range(0, len(nodes), 32)])
    database.execute("BEGIN")
    for index, entry in enumerate(batch, size):
        data = encode(entry)
        leaf = leaf_hash(data)
        mark = hmac.digest(mark_secret(key), leaf, "sha256")
        database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (index, entry.key, leaf, data, mark))
        frontier.add(leaf)
    note = checkpoint.sign(Checkpoint(origin, frontier.size, frontier.root()), key)
    database.execute("INSERT INTO heads VALUES (?, ?)", (frontier.size, note))
    database.execute("INSERT OR IGNORE INTO signers VALUES (?)", (public_bytes(key),))
    database.execute("UPDATE state SET size = ?, frontier = ?", (frontier.size, b"".join(frontier.nodes)))
    database.execute("COMMIT")
