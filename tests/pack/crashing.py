"""Kill packing and signing at random moments; run as a process of its own, which forks the victims.

What is found under the pack's name after each death has to be nothing, the old pack or the new one. Packs are
reproducible, so two digests say which. Prints how often each was the case, as JSON.
"""

import hashlib
import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from tests.pack.supplier import NOW, Supplier, sign_off

from assaymark.assess.assessment import Assessment
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify
from assaymark.pack.adding import add_sign_off, alone
from assaymark.pack.log import log_of
from assaymark.pack.papers import gather
from assaymark.pack.signing_off import Signatory
from assaymark.pack.verify import Asked, verify_pack
from assaymark.pack.write import Keys, write_pack

SEED = 20261127
LATER = NOW.replace(hour=18)


def pack(one: Supplier, path: Path, made: Assessment, by: Signatory | None) -> None:
    """Write a pack as the command does."""
    with Ledger.open(one.places.ledger, one.key) as ledger:
        keys = Keys(one.key, one.key.public_key().public_bytes_raw())
        papers, templates = gather(one.root, made), one.root.parent / "templates"
        write_pack(path, made, log_of(ledger), keys, papers=papers, signatory=by, templates=templates)


def sign(path: Path) -> None:
    """Add a sign-off as the command does, once the pack is verified."""
    with alone(path) as held:
        add_sign_off(path, held, "shop-assistant", sign_off())


def killed(work: Callable[[], None], after: float) -> bool:
    """Do `work` in a child that is killed after some seconds; whether it had finished."""
    reading, writing = os.pipe()  # the child holds the other end, so that its end is noticed at once
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    select.select([reading], [], [], after)
    os.close(reading)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status):
        raise SystemExit("the child failed by itself")
    return not os.WIFSIGNALED(status)


def digest(path: Path) -> str:
    """SHA-256 of a file; empty if there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def timed(work: Callable[[], None]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(folder: Path, packs: int, sign_offs: int, recordings: int) -> None:
    """Kill that often each, and say what was found."""
    draw = random.Random(SEED)
    one, place, found = Supplier(folder), folder / "out" / "x.assaypack", Counter[str]()
    makings = [lambda by=by: pack(one, place, one.assessment, by) for by in (None, sign_off())]
    digests = []
    for make in makings:
        make()
        digests.append(digest(place))
    takes = timed(makings[1])
    place.unlink()
    allowed = {""}
    for _ in range(packs):
        which = draw.randrange(2)
        allowed.add(digests[which])
        finished = killed(makings[which], draw.uniform(0, 2 * takes))
        assert digest(place) in allowed, "half a pack under its name"
        assert not finished or digest(place) == digests[which]
        allowed = {digest(place)}
        found["finished" if finished else "killed"] += 1
    unsigned = folder / "unsigned"
    pack(one, unsigned, one.assessment, None)
    place.write_bytes(unsigned.read_bytes())
    signing = timed(lambda: sign(place))
    for _ in range(sign_offs):
        place.write_bytes(unsigned.read_bytes())
        finished = killed(lambda: sign(place), draw.uniform(0, 4 * signing))
        assert digest(place) in ({digests[1]} if finished else set(digests)), "half a signed pack"
        found["signed" if finished else "unsigned"] += 1
    for number in range(recordings):
        later = replace(one.assessment, assessed_at=f"2026-11-23T12:{number // 60:02}:{number % 60:02}Z")
        killed(lambda made=later: pack(one, place, made, None), draw.uniform(0, takes))
    strange = [p.name for p in place.parent.iterdir() if p != place and not is_leftover(p.name)]
    left = sum(is_leftover(p.name) for p in place.parent.iterdir())
    pack(one, place, one.assessment, sign_off())
    shown = verify_pack(place, Asked(now=LATER))
    ledger = verify(one.places.ledger)
    told = {
        "strange": strange,
        "left": left,
        "problems": [str(p) for p in shown.problems],
        "ledger": ledger.ok,
    }
    print(json.dumps(dict(found) | told))  # noqa: T201 - the test reads it


def is_leftover(name: str) -> bool:
    """Whether a name says that it is a part of a pack that was never finished."""
    return name.startswith(".x.assaypack.") and name.endswith(".part")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
