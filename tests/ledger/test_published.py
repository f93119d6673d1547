"""Ledgers that earlier versions wrote are read and verified for ever."""

import base64
import json
import sqlite3
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, OTHER_KEY, observation, samples

from assaymark.errors import AssaymarkError
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify

PUBLISHED = Path(__file__).parent / "published"

ROOT = "1aa0c30ca5e9344a3ea789485c37026e86ab3a546bf44ae267af0323c37994ed"
"""Of the six entries of version 1."""

ROOT_2 = "a7353d540ac08c1a7c4b5aa8712bcbc3f75d3b64e33ae62697cb3ad6970ea05a"
"""Of the eight entries of version 2 that its head is over."""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The ledger of version 1, made from its text."""
    path = tmp_path / "ledger.db"
    database = sqlite3.connect(path)
    database.executescript((PUBLISHED / "v1.sql").read_text(encoding="utf-8"))
    database.close()
    return path


@pytest.fixture
def published_2(tmp_path: Path) -> Path:
    """The ledger of version 2, made from the list of its files."""
    path = tmp_path / "ledger"
    stored = json.loads((PUBLISHED / "v2.json").read_text(encoding="utf-8"))
    for name, content in stored["files"].items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        data = content["text"].encode() if "text" in content else base64.b64decode(content["base64"])
        (path / name).write_bytes(data)
    return path


def test_a_ledger_of_version_1_verifies(published: Path) -> None:
    """Same entries, same root, same signatures as on the day it was written."""
    found = verify(published, public_bytes(KEY))
    assert found.ok, found.problems
    assert (found.size, found.root) == (6, ROOT)


def test_a_ledger_of_version_1_is_read_and_continued(published: Path) -> None:
    """Its observations are understood, its tree is the same in version 2, and it can grow."""
    with Ledger.open(published, KEY) as ledger:
        assert verify(published, public_bytes(KEY)).root == ROOT
        assert [r.entry.observation() for r in ledger.entries()] == [observation(n) for n in range(6)]
        assert ledger.append(samples(2)) == (6, 7)
    assert verify(published).ok


def test_a_ledger_of_version_2_verifies(published_2: Path) -> None:
    """Same entries, same root, same signatures; two entries wait for a head."""
    found = verify(published_2, public_bytes(KEY))
    assert found.ok, found.problems
    assert (found.size, found.waiting, found.root) == (8, 2, ROOT_2)
    assert set(found.signers) == {public_bytes(KEY).hex(), public_bytes(OTHER_KEY).hex()}


def test_a_ledger_of_version_2_is_read_and_continued(published_2: Path) -> None:
    """Its entries and marks are understood, and it can grow."""
    with Ledger.open(published_2, KEY) as ledger:
        assert [r.entry.observation() for r in ledger.entries()] == [observation(n) for n in range(10)]
        assert [r.index for r in ledger.last_ours(10)] == [0, 1, 2, 5, 6, 7, 8, 9]
        assert ledger.append(samples(2, 10)) == (10, 11)
    found = verify(published_2)
    assert (found.ok, found.size, found.waiting) == (True, 12, 0)


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_a_planted_write_ahead_log_is_not_opened(published: Path, tmp_path: Path, ending: str) -> None:
    """SQLite would open what lies beside the file for writing; a link there leads to somebody else's file."""
    other = tmp_path / "theirs"
    other.write_bytes(b"keep this")
    published.with_name(f"{published.name}{ending}").symlink_to(other)

    with pytest.raises(AssaymarkError, match="which ours never have"):
        verify(published)

    assert other.read_bytes() == b"keep this"
