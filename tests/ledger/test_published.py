"""Ledgers that earlier versions wrote are read and verified for ever."""

import sqlite3
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, observation, samples

from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify

ROOT = "1aa0c30ca5e9344a3ea789485c37026e86ab3a546bf44ae267af0323c37994ed"
"""Of the six entries of version 1."""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The ledger of version 1, made from its text."""
    path = tmp_path / "ledger.db"
    database = sqlite3.connect(path)
    database.executescript((Path(__file__).parent / "published" / "v1.sql").read_text(encoding="utf-8"))
    database.close()
    return path


def test_a_ledger_of_version_1_verifies(published: Path) -> None:
    """Same entries, same root, same signatures as on the day it was written."""
    found = verify(published, public_bytes(KEY))
    assert found.ok, found.problems
    assert (found.size, found.root) == (6, ROOT)


def test_a_ledger_of_version_1_is_read_and_continued(published: Path) -> None:
    """Its observations are understood, and it can grow."""
    with Ledger.open(published, KEY) as ledger:
        assert [r.entry.observation() for r in ledger.entries()] == [observation(n) for n in range(6)]
        assert ledger.append(samples(2)) == (6, 7)
    assert verify(published).ok
