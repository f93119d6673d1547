"""Decisions on their way to the ledger: quick, whole, and never lost in silence."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from assaymark.errors import AssaymarkError
from assaymark.guard.event import Action
from assaymark.guard.evidence.decided import TYPE, Decided, text_digest
from assaymark.guard.evidence.recorder import LedgerRecorder, digest_secret, open_recorder
from assaymark.guard.policy.model import LogPolicy, Policy
from assaymark.ledger.entry import body_of
from assaymark.ledger.keys import load_key, load_or_create_key
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify
from tests.guard.core.small import PHRASE, parts
from tests.guard.evidence.samples import CONTEXT, SECRET_TEXT, SEGMENTS, decision
from tests.guard.proxy.running import gateway, upstream
from tests.guard.proxy.upstream import Script
from tests.ledger.samples import samples
from tests.ledger.v1 import write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger will be."""
    return tmp_path / "ledger"


def stored(path: Path) -> bytes:
    """All bytes that lie in the ledger."""
    return b"".join(p.read_bytes() for p in path.rglob("*") if p.is_file())


@pytest.fixture
def recorder(path: Path) -> Iterator[LedgerRecorder]:
    """One that is open."""
    with open_recorder(path, Policy(name="shop")) as made:
        yield made


def bodies(path: Path) -> list[Decided]:
    """What the ledger says."""
    with Ledger.open(path) as ledger:
        assert {r.entry.type for r in ledger.entries()} <= {TYPE}
        return [body_of(r.entry, Decided) for r in ledger.entries()]


def test_a_decision_becomes_an_entry_that_verifies(path: Path, recorder: LedgerRecorder) -> None:
    """In order, signed, about the system that the policy names."""
    for n in range(700):
        recorder.record(decision(f"d{n}"), SEGMENTS, CONTEXT)

    assert recorder.flush()
    assert (recorder.taken, recorder.written, recorder.waiting) == (700, 700, 0)
    assert [b.id for b in bodies(path)] == [f"d{n}" for n in range(700)]
    assert verify(path).ok
    with Ledger.open(path) as ledger:
        assert ledger.last(1)[0].entry.system == "shop"


def test_the_holder_of_the_key_recognises_a_text(path: Path, recorder: LedgerRecorder) -> None:
    """Nobody else can."""
    recorder.record(decision(), SEGMENTS, CONTEXT)
    assert recorder.flush()
    secret = digest_secret(load_key(path.with_name("guard.pem")))

    assert bodies(path)[0].segments[0].digest == text_digest(SECRET_TEXT, secret)
    assert SECRET_TEXT.encode() not in stored(path)


def test_what_was_let_pass_is_left_out_if_the_policy_says_so(path: Path) -> None:
    """Findings are recorded in any case."""
    with open_recorder(path, Policy(log=LogPolicy(record_allowed=False))) as made:
        made.record(decision("quiet", Action.ALLOW), SEGMENTS, CONTEXT)
        made.record(decision("loud"), SEGMENTS, CONTEXT)

    assert [b.id for b in bodies(path)] == ["loud"]


def test_closing_writes_what_waits(path: Path) -> None:
    """And says that nothing was lost; what comes later is refused."""
    made = open_recorder(path, Policy())
    for n in range(50):
        made.record(decision(f"d{n}"), SEGMENTS, CONTEXT)

    assert made.close() == 0
    assert len(bodies(path)) == 50
    with pytest.raises(OSError, match="closed"):
        made.record(decision(), SEGMENTS, CONTEXT)


def test_a_ledger_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    """A guard that has to record and cannot must not begin."""
    (tmp_path / "ledger.db").write_bytes(b"no database" * 100)

    with pytest.raises(AssaymarkError, match="cannot be used"):
        open_recorder(tmp_path / "ledger.db", Policy())


def test_a_ledger_of_version_1_goes_on(tmp_path: Path) -> None:
    """The policy of a guard that was set up long ago names a file; it becomes a folder of that name."""
    write(tmp_path / "old.db", samples(3))
    with open_recorder(tmp_path / "old.db", Policy()) as made:
        made.record(decision(), SEGMENTS, CONTEXT)
        assert made.flush()

    assert (tmp_path / "guard.pem").is_file()
    assert verify(tmp_path / "old.db").size == 4


def test_a_writer_that_is_held_up_pushes_back(path: Path) -> None:
    """While another process holds the ledger, decisions wait up to a limit; then `record` raises. What was
    taken is written once the ledger is free.
    """
    import fcntl

    made = LedgerRecorder(path, load_or_create_key(path.with_name("k.pem")), Policy(), most=3)
    other = os.open(path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    for n in range(3):
        made.record(decision(f"d{n}"), SEGMENTS, CONTEXT)
    assert not made.healthy
    with pytest.raises(OSError, match="too slow: 3 decisions wait"):
        made.record(decision("late"), SEGMENTS, CONTEXT)
    os.close(other)

    assert made.flush()
    assert made.healthy
    assert made.close() == 0
    assert [b.id for b in bodies(path)] == ["d0", "d1", "d2"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from assaymark.guard.evidence.recorder import open_recorder
from assaymark.guard.policy.model import Policy
from tests.guard.evidence.samples import CONTEXT, SEGMENTS, decision

made = open_recorder(Path(sys.argv[1]), Policy())
made.record(decision("before"), SEGMENTS, CONTEXT)
assert made.flush()
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
taken = 1
for n in range(200):
    try:
        made.record(decision(f"d{n}"), SEGMENTS, CONTEXT)
        taken += 1
    except OSError as error:
        assert "cannot be used" in str(error), error
        break
    made.flush(0.3)
assert made.fault and not made.healthy and not made.flush(0.1)
if sys.argv[2] == "freed":
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert made.flush(10), made.fault
print(taken, made.close())
"""


@pytest.mark.parametrize("then", ["freed", "still full"])
def test_a_full_disk_is_told_and_what_is_lost_is_counted(path: Path, then: str) -> None:
    """While it is full nothing is taken; once there is space again all that was taken is written."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), then], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    taken, lost = map(int, done.stdout.split())

    assert len(bodies(path)) == taken - lost
    assert (lost == 0) == (then == "freed")
    assert verify(path).ok


KILLED = """
import sys
from pathlib import Path
from assaymark.guard.evidence.recorder import open_recorder
from assaymark.guard.policy.model import Policy
from tests.guard.evidence.samples import CONTEXT, SEGMENTS, decision

made = open_recorder(Path(sys.argv[1]), Policy())
for n in range(1_000_000):
    made.record(decision(f"d{n}"), SEGMENTS, CONTEXT)
    if n % 50 == 0 and made.flush():
        print(n, flush=True)
"""


def test_kill_loses_only_what_was_not_confirmed(path: Path) -> None:
    """After `kill -9` the ledger verifies and holds all that `flush` confirmed."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    confirmed = [int(process.stdout.readline()) for _ in range(10)][-1]
    os.kill(process.pid, signal.SIGKILL)
    confirmed = max([confirmed, *(int(line) for line in process.stdout if line.strip())])
    process.wait()
    process.stdout.close()
    open_recorder(path, Policy()).close()  # a writer rolls back what was begun

    assert verify(path).ok
    assert [b.id for b in bodies(path)[: confirmed + 1]] == [f"d{n}" for n in range(confirmed + 1)]


def test_thousands_a_second_are_written(path: Path, recorder: LedgerRecorder) -> None:
    """Batches make one disk write do for hundreds of decisions."""
    started = time.perf_counter()
    for n in range(2_000):
        recorder.record(decision(f"d{n}"), SEGMENTS, CONTEXT)

    assert recorder.flush()
    assert 2_000 / (time.perf_counter() - started) > 500  # an idle machine writes nine thousand


def test_the_gateway_records_what_it_blocks(path: Path) -> None:
    """A real request through a real gateway leaves an entry, and no word of it."""
    script = Script()
    with open_recorder(path, Policy()) as made:
        with (
            upstream(script) as model,
            gateway(model, parts(now=time.monotonic, new_id=lambda: "the-id"), made) as url,
        ):
            body = {"model": "m", "messages": [{"role": "user", "content": f"Zanzibar, {PHRASE}"}]}
            answer = httpx2.post(f"{url}/v1/chat/completions", json=body)
        assert made.flush()
    (entry,) = bodies(path)

    assert answer.status_code == 403 or answer.is_client_error
    assert (entry.id, entry.action, entry.findings[0].rule) == ("the-id", "block", "detector/user")
    assert b"Zanzibar" not in stored(path)


def test_a_ledger_that_was_moved_away_is_a_fault(path: Path) -> None:
    """Decisions are not written into a file that nobody will find; once it is back they are."""
    made = open_recorder(path, Policy())
    made.record(decision("before"), SEGMENTS, CONTEXT)
    assert made.flush()
    path.rename(path.with_name("moved"))
    made.record(decision("meanwhile"), SEGMENTS, CONTEXT)

    assert not made.flush(0.5)
    assert "cannot be used" in made.fault
    path.with_name("moved").rename(path)
    assert made.flush()
    assert made.close() == 0
    assert [b.id for b in bodies(path)] == ["before", "meanwhile"]
