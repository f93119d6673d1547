"""Hashing on all cores."""

import hashlib
import os
from pathlib import Path

import pytest
from tests.signing.samples import write_files

from assaymark.signing.hashing import Piece, digest_pieces, pieces_of, processors
from assaymark.signing.listing import list_files
from assaymark.signing.problems import Trouble


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_digests_come_in_the_order_of_the_pieces(tmp_path: Path, workers: int) -> None:
    """Whatever order the threads take, however many batches there are."""
    files = {f"{n:03}": os.urandom(n * 37) for n in range(300)} | {"big": os.urandom(9 << 20)}
    write_files(tmp_path, files)
    pieces = pieces_of(list_files(tmp_path).files, "files", "sha256", 0)
    digests = digest_pieces(pieces, workers=workers)
    assert digests == [hashlib.sha256(files[piece.name]).hexdigest() for piece in pieces]


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(tmp_path: Path) -> None:
    """Its place holds the reason."""
    write_files(tmp_path, {"a": b"1", "b": b"2", "c": b"3"})
    pieces = pieces_of(list_files(tmp_path).files, "files", "sha256", 0)
    (tmp_path / "b").write_bytes(b"other")
    first, second, third = digest_pieces(pieces)
    assert isinstance(second, Trouble)
    assert str(second) == "b changed while it was looked at"
    assert (first, third) == (hashlib.sha256(b"1").hexdigest(), hashlib.sha256(b"3").hexdigest())


def test_shards_join(tmp_path: Path) -> None:
    """The last is shorter; an empty file is one empty shard; names are in code-point order."""
    write_files(tmp_path, {"a": b"x" * 25, "b": b"", "c": b"y" * 10})
    pieces = pieces_of(list_files(tmp_path).files, "shards", "sha256", 10)
    assert [p.label for p in pieces] == ["a:0:10", "a:10:20", "a:20:25", "b:0:0", "c:0:10"]
    assert digest_pieces(pieces)[2] == hashlib.sha256(b"x" * 5).hexdigest()


def test_nothing_to_hash_is_no_error() -> None:
    """An empty list gives an empty list."""
    empty: list[Piece] = []
    assert digest_pieces(empty) == []
    assert processors() >= 1


def test_a_large_file_does_not_hold_an_interrupted_run(tmp_path: Path) -> None:
    """It is left at its next chunk."""
    write_files(tmp_path, {"a": bytes(64 << 20), "b": bytes(64 << 20)})
    pieces = pieces_of(list_files(tmp_path).files, "files", "sha256", 0)
    counts: list[int] = []

    def stop(count: int) -> None:
        counts.append(count)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        digest_pieces(pieces, workers=2, told=stop)
    assert sum(counts) <= 4 << 20


def test_an_interrupted_run_begins_no_further_file(tmp_path: Path) -> None:
    """What `told` raises ends it at once."""
    write_files(tmp_path, {f"{n}": b"x" for n in range(2000)})
    pieces = pieces_of(list_files(tmp_path).files, "files", "sha256", 0)
    calls = []

    def stop(_: int) -> None:
        calls.append(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        digest_pieces(pieces, workers=2, told=stop)
    assert len(calls) < 100
