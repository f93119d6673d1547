"""Every way to change a ledger of version 1 shows, and where."""

import sqlite3
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, OTHER_KEY, sample, samples
from tests.ledger.v1 import alter, write

from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.entry import encode
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.merkle import Frontier, leaf_hash
from assaymark.ledger.verify import Verification, verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of ten entries in batches of 4, 3 and 3."""
    place = tmp_path / "ledger.db"
    write(place, samples(4), samples(3, 4), samples(3, 7))
    return place


def altered(path: Path, *statements: tuple[str, tuple[object, ...]] | str) -> Verification:
    """Verify after changing the file as somebody with SQLite at hand would."""
    alter(path, *statements)
    return verify(path)


def first(found: Verification) -> tuple[int | None, str]:
    """The first problem, of a ledger that must not verify."""
    assert not found.ok
    return found.problems[0].index, found.problems[0].message


def _put(index: int, data: bytes, leaf: bytes | None = None) -> tuple[str, tuple[object, ...]]:
    return (
        "UPDATE entries SET data = ?, leaf = ? WHERE idx = ?",
        (data, leaf_hash(data) if leaf is None else leaf, index),
    )


def test_an_untouched_ledger_verifies(path: Path) -> None:
    """And tells its size, root, origin and key."""
    found = verify(path)
    assert found.ok
    assert (found.size, found.problems) == (10, ())
    assert found.root == Frontier().extend(leaf_hash(encode(s)) for s in samples(10)).root().hex()
    assert found.public_key == public_bytes(KEY).hex()
    assert found.origin.startswith("assaymark.local/")


def test_an_empty_ledger_verifies(tmp_path: Path) -> None:
    """Nothing was recorded, nothing is missing, nobody signed."""
    write(tmp_path / "l.db")
    found = verify(tmp_path / "l.db")
    assert (found.ok, found.size, found.public_key) == (True, 0, "")


@pytest.mark.parametrize("index", range(10))
def test_one_changed_byte_is_found_at_its_entry(path: Path, index: int) -> None:
    """Without care for the leaf hash, the very entry is named."""
    found = altered(
        path, f"UPDATE entries SET data = CAST(replace(data, 'demo', 'dem0') AS BLOB) WHERE idx = {index}"
    )
    assert first(found) == (index, f"Entry {index} was changed: its bytes do not give its leaf hash.")


def test_a_changed_entry_with_its_leaf_hash_recomputed_is_found_in_its_batch(path: Path) -> None:
    """The signed head over the batch no longer fits, so the batch is named."""
    index, message = first(altered(path, _put(5, encode(sample(99, key="key-5")))))
    assert index == 4
    assert message == "The head over 7 entries was signed over something else than entries 4 to 6."


def test_a_removed_entry_is_found(path: Path) -> None:
    """The gap is named."""
    assert first(altered(path, "DELETE FROM entries WHERE idx = 5")) == (
        5,
        "Entry 5 is missing; the next one is 6.",
    )


def test_a_removed_entry_with_the_others_moved_up_is_found(path: Path) -> None:
    """Closing the gap changes what the heads were signed over."""
    move = "UPDATE entries SET idx = idx - 1 WHERE idx = "
    found = altered(path, "DELETE FROM entries WHERE idx = 5", *(f"{move}{n}" for n in range(6, 10)))
    assert first(found)[0] == 4


def test_swapped_entries_are_found(path: Path) -> None:
    """Whether whole rows or only their contents changed places."""
    database = sqlite3.connect(path)
    rows = dict(database.execute("SELECT idx, leaf FROM entries"))
    database.close()
    contents = altered(path, _put(2, encode(sample(8)), rows[2]), _put(8, encode(sample(2)), rows[8]))
    index, message = first(contents)
    assert index == 2
    assert message.endswith("It is what was recorded as entry 8.")
    whole = altered(
        path,
        _put(2, encode(sample(8))),
        _put(8, encode(sample(2))),
        "UPDATE entries SET key = 'key-8' WHERE idx = 2",
        "UPDATE entries SET key = 'key-2' WHERE idx = 8",
    )
    assert first(whole) == (0, "The head over 4 entries was signed over something else than entries 0 to 3.")


def test_a_tail_cut_off_is_found(path: Path) -> None:
    """The newest head covers more than there is."""
    assert first(altered(path, "DELETE FROM entries WHERE idx >= 8")) == (
        8,
        "Entries 8 to 9 were removed from the end.",
    )


def test_a_tail_cut_off_with_its_head_is_found_by_a_head_held_elsewhere(path: Path) -> None:
    """A clean rollback fools the file itself; it does not fool somebody who kept a head."""
    with Ledger.open(path) as ledger:
        held = ledger.head()
    state = Frontier().extend(leaf_hash(encode(s)) for s in samples(7))
    rolled_back = altered(
        path,
        "DELETE FROM entries WHERE idx >= 7",
        "DELETE FROM heads WHERE size > 7",
        ("UPDATE state SET size = 7, frontier = ?", (b"".join(state.nodes),)),
    )
    assert rolled_back.ok
    assert first(verify(path, heads=[held])) == (7, "Entries 7 to 9 were removed from the end.")


def test_a_head_held_elsewhere_agrees_with_a_ledger_that_grew(path: Path) -> None:
    """Growing is what a ledger does."""
    with Ledger.open(path) as ledger:
        held = ledger.head()
    write(path, samples(3))
    assert verify(path, heads=[held]).ok


def test_heads_that_are_of_no_use_are_named(path: Path) -> None:
    """Of another ledger, not a head at all, signed by somebody else, or over other entries."""
    origin = verify(path).origin
    other = checkpoint.sign(Checkpoint("elsewhere", 3, bytes(32)), KEY)
    forged = checkpoint.sign(Checkpoint(origin, 3, bytes(32)), OTHER_KEY)
    different = checkpoint.sign(Checkpoint(origin, 3, bytes(32)), KEY)
    assert "another ledger" in first(verify(path, heads=[other]))[1]
    assert "no signed checkpoint" in first(verify(path, heads=["hello"]))[1]
    assert "no signature" in first(verify(path, heads=[forged]))[1]
    assert "something else than entries 0 to 2" in first(verify(path, heads=[different]))[1]


def test_an_entry_added_behind_the_heads_is_found(path: Path) -> None:
    """Nobody signed for it."""
    data = encode(sample(10))
    added = ("INSERT INTO entries VALUES (10, 'key-10', ?, ?, NULL)", (leaf_hash(data), data))
    found = altered(path, added)
    assert (10, "No head by an accepted key covers entries 10 to 10.") in [
        (p.index, p.message) for p in found.problems
    ]


def test_a_ledger_written_anew_is_found_by_the_key(path: Path, tmp_path: Path) -> None:
    """It is whole by itself; only whoever knows the true key can tell."""
    forged = tmp_path / "forged.db"
    write(forged, samples(10), key=OTHER_KEY)
    assert verify(forged).ok
    assert first(verify(forged, public_bytes(KEY))) == (
        0,
        "No head by an accepted key covers entries 0 to 9.",
    )
    assert verify(path, public_bytes(KEY)).ok


def test_entries_that_only_another_key_signed_are_named(path: Path) -> None:
    """Trust in one key reaches as far as its newest head."""
    write(path, samples(2), key=OTHER_KEY)
    assert first(verify(path, public_bytes(KEY))) == (
        10,
        "No head by an accepted key covers entries 10 to 11.",
    )
    assert verify(path, public_bytes(OTHER_KEY)).ok


@pytest.mark.parametrize(
    ("statement", "index", "message"),
    [
        (
            "UPDATE heads SET note = replace(note, 'assaymark.local', 'assaymark.other') WHERE size = 7",
            4,
            "no signature",
        ),
        ("UPDATE heads SET note = 'x' WHERE size = 7", 4, "no signed checkpoint"),
        (
            "UPDATE heads SET note = (SELECT note FROM heads WHERE size = 4) WHERE size = 7",
            4,
            "belongs elsewhere",
        ),
        ("DELETE FROM heads WHERE size = 10", 7, "No head by an accepted key"),
        ("DELETE FROM signers", 0, "no signature"),
        ("UPDATE signers SET public_key = x'00'", 0, "no signature"),
        ("UPDATE state SET size = 9", None, "stored state"),
        ("UPDATE entries SET key = 'other' WHERE idx = 3", 3, "key that is not its own"),
        ("UPDATE entries SET key = CAST(x'ff' AS TEXT) WHERE idx = 3", 3, "key that is not its own"),
        ("UPDATE entries SET leaf = 'text' WHERE idx = 3", 3, "was changed"),
        ("UPDATE entries SET data = zeroblob(100000) WHERE idx = 3", 3, "was changed"),
        ("UPDATE entries SET data = NULL WHERE idx = 3", 3, "was changed"),
        ("UPDATE entries SET idx = -1 WHERE idx = 0", 0, "missing; the next one is 1"),
    ],
)
def test_other_changes_are_named_where_they_are(
    path: Path, statement: str, index: int | None, message: str
) -> None:
    """Heads, keys, state and columns are all checked; a wrong type or length is no way round."""
    found = altered(path, statement)
    assert first(found)[0] == index
    assert message in first(found)[1]


@pytest.mark.parametrize("data", [b"{}", encode(sample(3)).replace(b",", b", ", 1), b"\xff", b"x" * 70_000])
def test_bytes_in_another_form_are_found_even_if_properly_signed(tmp_path: Path, data: bytes) -> None:
    """A writer that signs what is no canonical entry does not verify."""
    place = tmp_path / "ledger.db"
    write(place, samples(3))
    state = Frontier().extend(leaf_hash(encode(s)) for s in samples(3)).extend([leaf_hash(data[:65536])])
    head = Checkpoint(verify(place).origin, 4, state.root())
    found = altered(
        place,
        ("INSERT INTO entries VALUES (3, 'key-3', ?, ?, NULL)", (leaf_hash(data[:65536]), data)),
        ("INSERT INTO heads VALUES (4, ?)", (checkpoint.sign(head, KEY),)),
        ("UPDATE state SET size = 4, frontier = ?", (b"".join(state.nodes),)),
    )
    index, message = first(found)
    assert index == 3
    assert "not well-formed" in message


def test_a_ledger_that_is_wrong_throughout_gives_twenty_problems(tmp_path: Path) -> None:
    """Enough to see it; not a line for each of a million."""
    place = tmp_path / "ledger.db"
    write(place, samples(50))
    assert len(altered(place, "UPDATE entries SET leaf = zeroblob(32)").problems) == 20


def test_what_is_no_ledger_cannot_be_verified(tmp_path: Path) -> None:
    """An error with advice, not a verification that failed."""
    with pytest.raises(AssaymarkError, match="there is none"):
        verify(tmp_path / "none.db")
