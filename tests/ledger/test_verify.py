"""Every way to change a ledger shows, and where."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, OTHER_KEY, sample, samples
from tests.ledger.test_ledger import files, other_letter, rotate

from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint, wal
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.edge import Edge
from assaymark.ledger.entry import encode
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.merkle import Frontier, leaf_hash
from assaymark.ledger.tiles import decode_bundle, encode_bundle
from assaymark.ledger.verify import Verification, verify

SIZE = 600


def write(path: Path, *batches: int, key: object = KEY) -> None:
    """Append batches, each in a session of its own, so that a head is kept after each."""
    for count in batches:
        with Ledger.open(path, key) as ledger:  # type: ignore[arg-type]
            ledger.append(samples(count, len(ledger)))
    rotate(path)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of 600 entries in sessions of 4, 296 and 300: two full tiles, and one of 88."""
    place = tmp_path_factory.mktemp("written") / "ledger"
    write(place, 4, 296, 300)
    return place


@pytest.fixture
def path(tmp_path: Path, written: Path) -> Path:
    """A copy of it to change."""
    return shutil.copytree(written, tmp_path / "ledger")


def first(found: Verification) -> tuple[int | None, str]:
    """The first problem, of a ledger that must not verify."""
    assert not found.ok
    return found.problems[0].index, found.problems[0].message


def bundle(path: Path, number: int) -> Path:
    """The file of a bundle of entries."""
    full = path / f"tile/entries/{number:03}"
    return full if full.is_file() else next((path / f"tile/entries/{number:03}.p").iterdir())


def tile(path: Path, level: int, number: int) -> Path:
    """The file of a hash tile."""
    full = path / f"tile/{level}/{number:03}"
    return full if full.is_file() else next((path / f"tile/{level}/{number:03}.p").iterdir())


def entries(path: Path, number: int) -> list[bytes]:
    """The entries of a bundle."""
    file = bundle(path, number)
    return list(decode_bundle(file.read_bytes(), 256 if file.name == f"{number:03}" else int(file.name)))


def change(path: Path, index: int, data: bytes) -> None:
    """Put other bytes in an entry's place, in its bundle alone."""
    held = entries(path, index // 256)
    held[index % 256] = data
    bundle(path, index // 256).write_bytes(encode_bundle(held))


def rewrite(path: Path, contents: Sequence[bytes]) -> Edge:
    """Write all tiles anew over other contents, as somebody without the key can."""
    shutil.rmtree(path / "tile")
    edge = Edge()
    for data in contents:
        edge.add(leaf_hash(data), data)
    for part, data in (*edge.finished.items(), *edge.partials()):
        (path / part.path).parent.mkdir(parents=True, exist_ok=True)
        (path / part.path).write_bytes(data)
    return edge


def flip(file: Path, place: int) -> None:
    """Change one bit."""
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


def test_an_untouched_ledger_verifies(path: Path) -> None:
    """And tells its size, root, origin and key; nothing is written."""
    before = files(path)
    found = verify(path)
    assert found.ok, found.problems
    assert (found.size, found.waiting, found.problems) == (SIZE, 0, ())
    assert found.root == Frontier().extend(leaf_hash(encode(s)) for s in samples(SIZE)).root().hex()
    assert found.public_key == public_bytes(KEY).hex()
    assert found.origin.startswith("assaymark.local/")
    assert files(path) == before


def test_an_empty_ledger_verifies(tmp_path: Path) -> None:
    """Nothing was recorded, nothing is missing, nobody signed."""
    Ledger.open(tmp_path / "l", KEY).close()
    found = verify(tmp_path / "l")
    assert (found.ok, found.size, found.public_key) == (True, 0, "")


def test_tiles_and_head_alone_verify(path: Path) -> None:
    """A log as it is published, without what only its writer needs, but for the keys."""
    for name in ("wal", "marks", "heads", "index.db"):
        (path / name).unlink()
    found = verify(path)
    assert (found.ok, found.size) == (True, SIZE)
    (path / "signers").unlink()
    assert "no signature" in first(verify(path))[1]
    assert verify(path, public_bytes(KEY)).ok


@pytest.mark.parametrize("index", [0, 3, 4, 255, 256, 511, 512, 599])
def test_one_changed_byte_is_found_at_its_entry(path: Path, index: int) -> None:
    """Without care for the tiles, the very entry is named."""
    change(path, index, encode(sample(index)).replace(b"demo", b"dem0"))
    for found in (verify(path), verify(path, entries=False)):
        assert first(found) == (index, f"Entry {index} was changed: its bytes do not give its leaf hash.")
        assert len(found.problems) == 1


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 599])
def test_a_changed_leaf_hash_is_found_to_be_that(path: Path, index: int) -> None:
    """The entry is as it was signed; the tile is at fault."""
    file = tile(path, 0, index // 256)
    flip(file, index % 256 * 32 + 5)
    name = str(file.relative_to(path))
    assert first(verify(path)) == (
        index,
        f"{name} was changed: its hash {index % 256} is not that of entry {index}.",
    )
    assert len(verify(path).problems) == 1


def test_a_changed_hash_above_is_found_to_be_that(path: Path) -> None:
    """The entries and their tiles are as they were signed."""
    flip(tile(path, 1, 0), 33)
    message = "tile/1/000.p/2 was changed: its hash 1 is not that of entries 256 to 511."
    assert first(verify(path)) == (256, message)


@pytest.mark.parametrize(("number", "start"), [(0, 0), (1, 256), (2, 512)])
def test_a_missing_or_malformed_file_is_named(path: Path, number: int, start: int) -> None:
    """Whether of entries or of hashes."""
    file = bundle(path, number)
    name, data = str(file.relative_to(path)), file.read_bytes()
    file.unlink()
    last = min(start + 255, 599)
    assert first(verify(path)) == (
        start, f"Entries {start} to {last} cannot be read: {name} is missing."
    )  # fmt: skip
    file.write_bytes(data[:-1])
    assert first(verify(path))[1].startswith(f"Entries {start} to {last} cannot be read: {name}: it ends")
    file.write_bytes(data + b"\0")
    assert "bytes after its" in first(verify(path))[1]
    file.write_bytes(data)
    file = tile(path, 0, number)
    name, data = str(file.relative_to(path)), file.read_bytes()
    file.unlink()
    assert first(verify(path)) == (start, f"A tile cannot be read: {name} is missing.")
    file.write_bytes(data[:-32])
    assert first(verify(path))[1].startswith(f"A tile cannot be read: {name} has")
    file.write_bytes(data)
    assert verify(path).ok


def test_a_changed_entry_with_its_leaf_hash_recomputed_is_found_by_the_tile_above(path: Path) -> None:
    """So one has to change that too, and so on up to the head."""
    changed = encode(sample(9_999))
    change(path, 300, changed)
    file = tile(path, 0, 1)
    data = file.read_bytes()
    file.write_bytes(data[: 44 * 32] + leaf_hash(changed) + data[45 * 32 :])
    assert first(verify(path)) == (
        256,
        "Entries 256 to 511 were changed, and their tiles with them: tile/1/000.p/2 says otherwise.",
    )


@pytest.mark.parametrize(("index", "size", "start"), [(2, 4, 0), (299, 300, 4), (300, 600, 300)])
def test_a_ledger_rewritten_from_some_entry_on_departs_at_a_head(
    path: Path, index: int, size: int, start: int
) -> None:
    """With all tiles made anew, the first kept head that no longer fits says since when."""
    contents = [encode(s) for s in samples(SIZE)]
    contents[index] = encode(sample(9_999))
    rewrite(path, contents)
    message = (
        f"The head over {size} entries was signed over something else than entries {start} to {size - 1}."
    )
    assert first(verify(path)) == (start, message)


def test_a_removed_entry_is_found(path: Path) -> None:
    """Its bundle has one too few; with the others moved up, the heads were signed over something else."""
    held = entries(path, 1)
    bundle(path, 1).write_bytes(encode_bundle(held[:5] + held[6:]))
    assert first(verify(path))[0] == 256
    contents = [encode(s) for s in samples(SIZE) if s.key != "key-261"]
    rewrite(path, contents)
    assert first(verify(path))[0] in (4, 512)


def test_swapped_entries_are_found(path: Path) -> None:
    """In their bundles alone, or with all tiles made anew."""
    change(path, 2, encode(sample(8)))
    change(path, 8, encode(sample(2)))
    index, message = first(verify(path))
    assert index == 2
    assert message.endswith("It is what was recorded as entry 8.")
    contents = [encode(s) for s in samples(SIZE)]
    contents[2], contents[8] = contents[8], contents[2]
    rewrite(path, contents)
    assert first(verify(path)) == (
        0,
        "The head over 4 entries was signed over something else than entries 0 to 3.",
    )


def cut_off(path: Path, size: int, head: str) -> None:
    """Roll the ledger back to `size` entries and an older head of its own."""
    rewrite(path, [encode(s) for s in samples(size)])
    (path / "checkpoint").write_text(head)
    notes = (path / "heads").read_text()
    (path / "heads").write_text(notes[: notes.index(head) + len(head) + 1])
    origin = checkpoint.parse(head).origin
    (path / "wal").write_bytes(wal.header(origin, size))


def test_a_tail_cut_off_with_its_head_is_found_by_a_head_held_elsewhere(path: Path) -> None:
    """A clean rollback fools the files themselves; it does not fool somebody who kept a head."""
    with Ledger.open(path) as ledger:
        held = ledger.head()
    older = (path / "heads").read_text().split("\n\n")[2:4]
    cut_off(path, 300, "\n\n".join(older) + "\n")
    assert verify(path).ok
    assert first(verify(path, heads=[held])) == (300, "Entries 300 to 599 were removed from the end.")


def test_a_tail_cut_off_is_found_by_the_kept_heads(path: Path) -> None:
    """Whoever forgets them is found out by them; and the write-ahead file knows how many there were."""
    notes = (path / "heads").read_text()
    older = "\n\n".join(notes.split("\n\n")[2:4]) + "\n"
    cut_off(path, 300, older)
    (path / "heads").write_text(notes)
    assert first(verify(path)) == (300, "Entries 300 to 599 were removed from the end.")
    origin = checkpoint.parse(older).origin
    (path / "wal").write_bytes(wal.header(origin, 600))
    assert "600 were signed before" in first(verify(path))[1]


def test_a_head_held_elsewhere_agrees_with_a_ledger_that_grew(path: Path) -> None:
    """Growing is what a ledger does."""
    with Ledger.open(path, KEY) as ledger:
        held = ledger.head()
        ledger.append(samples(3))
    assert verify(path, heads=[held]).ok


def test_a_fork_is_found_by_a_head_held_elsewhere(path: Path, tmp_path: Path) -> None:
    """Two copies that went on apart, each signed with the true key: a head of one contradicts the other."""
    shutil.copytree(path, tmp_path / "copy")
    with Ledger.open(tmp_path / "copy", KEY) as ledger:
        ledger.append(samples(2, 900))
        held = ledger.head()
    write(path, 5)
    assert verify(path).ok
    message = (
        "The head held elsewhere, over 602 entries, was signed over something else than entries 0 to 601."
    )
    assert first(verify(path, heads=[held])) == (0, message)


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


def test_a_ledger_written_anew_is_found_by_the_key(path: Path, tmp_path: Path) -> None:
    """It is whole by itself; only whoever knows the true key can tell."""
    write(tmp_path / "forged", 10, key=OTHER_KEY)
    shutil.rmtree(path)
    forged = tmp_path / "again"
    with Ledger.open(forged, OTHER_KEY) as ledger:
        ledger.append(samples(10))
    assert verify(forged).ok
    assert first(verify(forged, public_bytes(KEY))) == (
        0,
        "No head by an accepted key covers entries 0 to 9.",
    )


def test_entries_that_only_another_key_signed_are_named(path: Path) -> None:
    """Trust in one key reaches as far as its newest head, which is kept."""
    with Ledger.open(path, OTHER_KEY) as ledger:
        ledger.append(samples(2, SIZE))
    assert first(verify(path, public_bytes(KEY))) == (
        600,
        "No head by an accepted key covers entries 600 to 601.",
    )
    assert verify(path, public_bytes(OTHER_KEY)).ok


def _origin_changed(path: Path) -> None:
    note = (path / "checkpoint").read_text()
    (path / "checkpoint").write_text(note.replace("assaymark.local", "assaymark.other"))


def _headless(path: Path) -> None:
    (path / "checkpoint").unlink()


def _doubled_heads(path: Path) -> None:
    notes = (path / "heads").read_text()
    (path / "heads").write_text(notes + notes)


@pytest.mark.parametrize(
    ("damage", "index", "message"),
    [
        (_origin_changed, 300, "no signature"),
        (lambda p: (p / "checkpoint").write_text("x"), 300, "no signed checkpoint"),
        (lambda p: other_letter(p / "checkpoint", 45), 300, "no signature"),
        (lambda p: other_letter(p / "checkpoint", -30), 300, "no signature"),
        (_headless, None, "newest head is missing"),
        (lambda p: (p / "signers").unlink(), 0, "no signature"),
        (lambda p: other_letter(p / "heads", 45), 0, "no signature"),
        (lambda p: (p / "heads").write_text("x\n\ny\n\n"), 0, "no signed checkpoint"),
        (lambda p: (p / "heads").write_text("x\n\n"), None, "does not end as one"),
        (_doubled_heads, 4, "comes after one over"),
        (lambda p: flip(p / "wal", 20), None, "header"),
        (lambda p: (p / "wal").write_bytes(b"x"), None, "does not begin as one"),
    ],
)
def test_other_changes_are_named_where_they_are(
    path: Path, damage: Callable[[Path], None], index: int | None, message: str
) -> None:
    """Heads, keys and the write-ahead file are all checked."""
    damage(path)
    found = verify(path)
    assert not found.ok
    assert (index, message) in [(p.index, m) for p in found.problems for m in [message] if m in p.message]


@pytest.mark.parametrize("data", [b"{}", encode(sample(3)).replace(b",", b", ", 1), b"\xff", b""])
def test_bytes_in_another_form_are_found_even_if_properly_signed(path: Path, data: bytes) -> None:
    """A writer that signs what is no canonical entry does not verify; the mere bytes are as signed."""
    edge = rewrite(path, [*(encode(s) for s in samples(SIZE)), data])
    origin = verify(path).origin
    (path / "checkpoint").write_text(checkpoint.sign(Checkpoint(origin, edge.size, edge.root()), KEY))
    (path / "wal").unlink()
    index, message = first(verify(path))
    assert index == 600
    assert "not well-formed" in message
    assert verify(path, entries=False).ok


def test_entries_that_wait_for_a_head_are_counted_and_looked_at(path: Path, tmp_path: Path) -> None:
    """They are whole and well-formed; that they are not signed yet is no fault."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3, SIZE))
        shutil.copytree(path, tmp_path / "copy")
    found = verify(tmp_path / "copy")
    assert (found.ok, found.size, found.waiting) == (True, SIZE, 3)
    data = (tmp_path / "copy" / "wal").read_bytes()
    _, base, start = wal.read_header(data)
    bad = wal.written([[wal.Record(b"{}", bytes(32))]], start, base)
    (tmp_path / "copy" / "wal").write_bytes(data[:start] + bad)
    assert first(verify(tmp_path / "copy"))[1].startswith("Entry 600 is not well-formed")


def test_a_write_ahead_file_that_says_something_else_is_found(path: Path) -> None:
    """Where it still holds what is in tiles already."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3, SIZE))
    data = (path / "wal").read_bytes()
    _, base, start = wal.read_header(data)
    records = list(wal.read_records(data[start:], start, base).found)
    records[1] = wal.Record(encode(sample(9_999)), bytes(32))
    (path / "wal").write_bytes(data[:start] + wal.written([records], start, base))
    assert first(verify(path)) == (601, "Entry 601 in the write-ahead file is not the one in its bundle.")


def test_a_ledger_that_is_wrong_throughout_gives_twenty_problems(path: Path) -> None:
    """Enough to see it; not a line for each of a million."""
    bundle(path, 0).write_bytes(encode_bundle([encode(sample(9_999))] * 256))
    assert len(verify(path).problems) == 20


def test_what_is_no_ledger_cannot_be_verified(tmp_path: Path) -> None:
    """An error with advice, not a verification that failed."""
    with pytest.raises(AssaymarkError, match="there is none"):
        verify(tmp_path / "none")


def test_no_flipped_byte_passes(path: Path) -> None:
    """Of whichever file that bears on the entries, and never with a traceback."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3, SIZE))
    assert verify(path).ok
    places = [
        (file, place)
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name not in ("marks", "index.db", "index.db-journal")
        and not (file.parent.suffix == ".p" and file.name == "88")  # of the head before
        for place in range(0, file.stat().st_size, max(1, file.stat().st_size // 25))
    ]  # fmt: skip
    passed = []
    for file, place in places:
        whole = file.read_bytes()
        flip(file, place)
        if verify(path).ok:
            passed.append((str(file.relative_to(path)), place))
        file.write_bytes(whole)
    assert len(places) > 150
    assert passed == []
