"""Content beside the log: enciphered per subject, erased with its key."""

import hashlib
import hmac
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.ledger.samples import KEY, OTHER_KEY, samples

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger import content_log
from assaymark.ledger.content import MAX_CONTENT_BYTES, ContentStore
from assaymark.ledger.content_files import ContentGone, DamagedContent
from assaymark.ledger.content_log import Erasure
from assaymark.ledger.entry import body_of
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify

LOG = "assaymark.local/0123456789abcdef"
NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
SECRET = b"the prompt said: my account number is 4711-0815 " * 20
JANE = "Jane Doe"


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    """An empty store."""
    return ContentStore(tmp_path / "content", KEY, LOG)


def everything(folder: Path) -> bytes:
    """Names and bytes of every file below `folder`."""
    return b"".join(os.fsencode(p) + (p.read_bytes() if p.is_file() else b"") for p in folder.rglob("*"))


def test_content_is_given_back_as_it_was(store: ContentStore) -> None:
    """Empty or long, several for one subject under one key; another subject has another."""
    first, empty = store.put(JANE, SECRET), store.put(" Jane  Doe ", b"")
    other = store.put("model weights", os.urandom(100_000))
    assert store.get(first).data == SECRET
    assert store.get(empty).data == b""
    assert first.key == empty.key != other.key
    assert store.held(JANE).contents == tuple(sorted((first.id, empty.id)))


def test_the_commitment_can_be_checked_with_the_salt_alone(store: ContentStore) -> None:
    """And tells nothing without it: the same content has another one each time."""
    one, two = store.put(JANE, b"yes"), store.put(JANE, b"yes")
    assert one.commitment != two.commitment
    assert hashlib.sha256(b"yes").hexdigest() not in (one.commitment, two.commitment)
    found = store.get(one)
    assert hmac.digest(found.salt, b"yes", "sha256").hex() == one.commitment


def test_nothing_on_disk_is_in_the_clear(store: ContentStore, tmp_path: Path) -> None:
    """Neither the content nor the subject's name, and nobody else may look."""
    store.put(JANE, SECRET)
    assert SECRET[:16] not in everything(tmp_path)
    assert b"Jane" not in everything(tmp_path)
    for path in (tmp_path / "content").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_after_erasing_nothing_is_left(store: ContentStore, tmp_path: Path) -> None:
    """No key, no content; what others keep is untouched, and later content has another key."""
    mine, other = store.put(JANE, SECRET), store.put("other", b"stays")
    done = store.erase(store.held(JANE))
    assert (done.keys, done.contents) == ((mine.key,), (mine.id,))
    with pytest.raises(ContentGone, match="was erased"):
        store.get(mine)
    assert mine.key.encode() not in everything(tmp_path)
    assert store.get(other).data == b"stays"
    later = store.put(JANE, b"new")
    assert later.key != mine.key
    assert store.erase(done).keys == ()
    assert store.get(later).data == b"new"


def test_the_key_file_is_overwritten_before_it_goes(store: ContentStore, tmp_path: Path) -> None:
    """Another name of the same file holds nothing any more."""
    mine = store.put(JANE, SECRET)
    key = tmp_path / "content" / "keys" / f"{mine.subject}.{mine.key}.key"
    before = key.read_bytes()
    os.link(key, tmp_path / "kept")
    store.erase(store.held(JANE))
    after = (tmp_path / "kept").read_bytes()
    assert len(after) == len(before)
    assert not any(before[n : n + 8] in after for n in range(len(before) - 8))


def test_what_a_killed_process_left_half_written_is_erased_too(store: ContentStore, tmp_path: Path) -> None:
    """It lies under a name that erasing finds, and hinders nobody meanwhile."""
    mine = store.put(JANE, SECRET)
    half = tmp_path / "content" / "data" / f"{mine.subject}.{mine.key}.{'0' * 32}.part"
    half.write_bytes(b"half")
    assert store.put(JANE, b"more").key == mine.key
    store.erase(store.held(JANE))
    assert list((tmp_path / "content" / "data").iterdir()) == []


def test_every_kind_of_tampering_is_detected(store: ContentStore, tmp_path: Path) -> None:
    """A changed byte, a shorter file, another's file, another entry: refused, with exit code 14."""
    mine, other = store.put(JANE, SECRET), store.put("other", b"stays")
    data, keys = tmp_path / "content" / "data", tmp_path / "content" / "keys"
    for path in (data / f"{mine.subject}.{mine.key}.{mine.id}", keys / f"{mine.subject}.{mine.key}.key"):
        good = path.read_bytes()
        bad = [good[:n] + bytes([good[n] ^ 1]) + good[n + 1 :] for n in range(0, len(good), 37)]
        for changed in (*bad, good[:-1], good[:10], b"", good + b"x" * 300):
            path.write_bytes(changed)
            with pytest.raises(DamagedContent) as caught:
                store.get(mine)
            assert caught.value.exit_code == 14
        path.write_bytes(good)
    (data / f"{mine.subject}.{mine.key}.{mine.id}").write_bytes(
        (data / f"{other.subject}.{other.key}.{other.id}").read_bytes()
    )
    for reference in (mine, replace(other, commitment=mine.commitment), replace(other, id="../../x")):
        with pytest.raises(DamagedContent):
            store.get(reference)


def test_another_machine_s_key_reads_nothing(store: ContentStore, tmp_path: Path) -> None:
    """Nor does the same machine for another log; both give the subject another pseudonym."""
    mine = store.put(JANE, SECRET)
    for key, log in ((OTHER_KEY, LOG), (KEY, "assaymark.local/other")):
        other = ContentStore(tmp_path / "content", key, log)
        assert other.held(JANE).keys == ()
        with pytest.raises(DamagedContent, match="another machine"):
            other.get(mine)


def test_bounds(store: ContentStore) -> None:
    """Too long content and a subject without a name are refused; nothing is kept."""
    with pytest.raises(UsageError, match="too long"):
        store.put(JANE, bytes(MAX_CONTENT_BYTES + 1))
    for name in ("", " ", "x" * 1_001):
        with pytest.raises(UsageError, match="subject"):
            store.put(name, b"")
    assert store.key_ids() == ()


def test_links_and_open_folders_are_refused(store: ContentStore, tmp_path: Path) -> None:
    """A content file that is a link is not followed; a folder that others may open is not used."""
    mine = store.put(JANE, SECRET)
    path = tmp_path / "content" / "data" / f"{mine.subject}.{mine.key}.{mine.id}"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DamagedContent):
        store.get(mine)
    (tmp_path / "content" / "keys").chmod(0o755)
    with pytest.raises(AssaymarkError, match="chmod 700"):
        store.put(JANE, b"")


def test_the_log_stays_whole_after_an_erasure(store: ContentStore, tmp_path: Path) -> None:
    """It verifies, it says what was erased, and no file of it ever held the content."""
    place = tmp_path / "ledger"
    with Ledger.open(place, KEY) as ledger:
        ledger.append(samples(3))
        index = content_log.keep(store, ledger, JANE, SECRET, system="demo", now=NOW)
        assert content_log.read(store, ledger, index).data == SECRET
        content_log.erase(
            store, ledger, JANE, by="Ann Lee", reason="Request of 3 May.", system="demo", now=NOW
        )
        with pytest.raises(ContentGone, match=f"entry {index} was erased"):
            content_log.read(store, ledger, index)
        told = [body_of(r.entry, Erasure) for r in ledger.entries() if r.entry.type == "erasure"]
        assert [(e.stage, e.by, len(e.what.contents)) for e in told] == [
            ("ordered", "Ann Lee", 1),
            ("done", "Ann Lee", 1),
        ]
    assert verify(place).ok
    assert SECRET[:16] not in everything(tmp_path)
    assert b"Jane" not in everything(tmp_path)


def restored(tmp_path: Path, again: Callable[[ContentStore, Ledger, int], None]) -> None:
    """Keep, copy, erase, restore the copy; then `again`."""
    store = ContentStore(tmp_path / "content", KEY, LOG)
    with Ledger.open(tmp_path / "ledger", KEY) as ledger:
        index = content_log.keep(store, ledger, JANE, SECRET, system="demo", now=NOW)
        subprocess.run(["cp", "-a", tmp_path / "content", tmp_path / "backup"], check=True)
        content_log.erase(store, ledger, JANE, by="Ann", reason="Asked.", system="demo", now=NOW)
        later = content_log.keep(store, ledger, JANE, b"later", system="demo", now=NOW)
        subprocess.run(["cp", "-a", f"{tmp_path}/backup/.", tmp_path / "content"], check=True)
        again(store, ledger, index)
        assert content_log.read(store, ledger, later).data == b"later"
    assert verify(tmp_path / "ledger").ok
    assert len(list((tmp_path / "content" / "keys").iterdir())) == 1


def test_a_restore_from_a_backup_brings_nothing_back(tmp_path: Path) -> None:
    """Repeating the erasures erases it again, records that, and leaves what is newer."""

    def again(store: ContentStore, ledger: Ledger, index: int) -> None:
        assert len(content_log.replay_erasures(store, ledger, system="demo", now=NOW)) == 1
        assert content_log.replay_erasures(store, ledger, system="demo", now=NOW) == ()
        stages = [body_of(r.entry, Erasure).stage for r in ledger.entries() if r.entry.type == "erasure"]
        assert stages == ["ordered", "done", "replayed"]

    restored(tmp_path, again)


def test_reading_what_was_erased_erases_it_again(tmp_path: Path) -> None:
    """Even if nobody thought of repeating the erasures."""

    def again(store: ContentStore, ledger: Ledger, index: int) -> None:
        with pytest.raises(ContentGone):
            content_log.read(store, ledger, index)

    restored(tmp_path, again)


def test_a_stranger_s_erasure_erases_nothing(store: ContentStore, tmp_path: Path) -> None:
    """Only orders that this machine recorded count."""
    with Ledger.open(tmp_path / "ledger", KEY) as ledger:
        index = content_log.keep(store, ledger, JANE, SECRET, system="demo", now=NOW)
    with Ledger.open(tmp_path / "ledger", OTHER_KEY) as ledger:
        what = store.held(JANE)
        order = Erasure(stage="ordered", what=what, by="Eve", reason="x")
        ledger.append(content_log._entries(order, "demo", NOW))
    with Ledger.open(tmp_path / "ledger", KEY) as ledger:
        assert content_log.replay_erasures(store, ledger, system="demo", now=NOW) == ()
        assert content_log.read(store, ledger, index).data == SECRET


def test_what_an_erasure_must_say(store: ContentStore, tmp_path: Path) -> None:
    """A person and a reason, and nothing that would keep the subject's name for good."""
    with Ledger.open(tmp_path / "ledger", KEY) as ledger:
        content_log.keep(store, ledger, JANE, SECRET, system="demo", now=NOW)
        for by, reason in (
            ("", "x"),
            ("Ann", " "),
            ("Ann", "jane doe asked"),
            (JANE, "x"),
            ("Ann", "x" * 5_000),
        ):
            with pytest.raises(UsageError):
                content_log.erase(store, ledger, JANE, by=by, reason=reason, system="demo", now=NOW)
        with pytest.raises(ContentGone, match="Nothing is kept"):
            content_log.erase(store, ledger, "jane doe", by="Ann", reason="x", system="demo", now=NOW)
        assert len(ledger) == 1


def test_only_entries_of_content_can_be_read(store: ContentStore, tmp_path: Path) -> None:
    """Others say what they are."""
    with Ledger.open(tmp_path / "ledger", KEY) as ledger:
        ledger.append(samples(1))
        with pytest.raises(UsageError, match="'observation'"):
            content_log.read(store, ledger, 0)
        with pytest.raises(UsageError, match="no entry 7"):
            content_log.read(store, ledger, 7)


def test_what_never_came_into_the_log_is_not_kept(store: ContentStore, tmp_path: Path) -> None:
    """If the entry cannot be recorded, the content goes."""
    with Ledger.open(tmp_path / "ledger", KEY) as ledger:
        ledger.append(samples(1))
    with Ledger.open(tmp_path / "ledger") as ledger, pytest.raises(AssaymarkError, match="reading only"):
        content_log.keep(store, ledger, JANE, SECRET, system="demo", now=NOW)
    assert store.held(JANE).contents == ()


def test_killed_while_erasing_nothing_can_be_read_and_the_next_try_ends_it(tmp_path: Path) -> None:
    """Whatever the moment, the order is in the log, and repeating it erases the rest."""
    for step in range(7):
        base = tmp_path / str(step)
        base.mkdir()
        program = (
            "import os, sys; from pathlib import Path; from datetime import datetime, UTC\n"
            "sys.path.insert(0, sys.argv[3])\n"
            "from tests.ledger.samples import KEY\n"
            "from assaymark.ledger import content_log; from assaymark.ledger.content import ContentStore\n"
            "from assaymark.ledger.ledger import Ledger\n"
            "base = Path(sys.argv[1]); left = int(sys.argv[2]); now = datetime.now(UTC)\n"
            "store = ContentStore(base / 'content', KEY, 'x')\n"
            "with Ledger.open(base / 'ledger', KEY) as ledger:\n"
            "    for n in range(3): content_log.keep(store, ledger, 'Jane', b'x', system='demo', now=now)\n"
            "def hook(event, args):\n"
            "    global left\n"
            "    if event in ('os.remove', 'open') and 'content/' in str(args[0]):\n"
            "        left -= 1\n"
            "        if left < 0: os._exit(9)\n"
            "ledger = Ledger.open(base / 'ledger', KEY)\n"
            "sys.addaudithook(hook)\n"
            "content_log.erase(store, ledger, 'Jane', by='Ann', reason='x', system='demo', now=now)\n"
        )
        root = str(Path(__file__).resolve().parents[2])
        done = subprocess.run(
            [sys.executable, "-c", program, str(base), str(step), root], capture_output=True
        )
        assert done.returncode == 9, done.stderr
        store = ContentStore(base / "content", KEY, "x")
        with Ledger.open(base / "ledger", KEY) as ledger:
            content_log.replay_erasures(store, ledger, system="demo", now=NOW)
            with pytest.raises(ContentGone):
                content_log.read(store, ledger, 0)
        assert store.key_ids() == ()
        assert verify(base / "ledger").ok
