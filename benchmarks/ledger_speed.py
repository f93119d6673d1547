"""Speed and memory of the ledger beside hash-chained JSONL and pymerkle, each step in a process of its own.

    python benchmarks/ledger_speed.py [--entries 100000] [--big 10000000] [--folder DIR] [--sync-ms 1]

All record the same entries of 500 bytes. *Durable* means that a sync of the disk has returned before the entry
counts. The mean time of the step's own syncs is printed beside each figure: it decides most of them. With
`--sync-ms 1 --folder /dev/shm` each sync takes a millisecond, whatever the disk. A step's processor time is that of the whole process, start and end included.

The large log is generated tile by tile (distinct entries of about 150 bytes, its index too), so that it can be made
in minutes; opening, appending, publishing and proving on it are then timed in fresh processes, as on the small one.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark.ledger import checkpoint, wal
from assaymark.ledger import folder as folder_module
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.edge import Edge
from assaymark.ledger.entry import Entry, encode, entry
from assaymark.ledger.folder import Folder
from assaymark.ledger.index import open_index
from assaymark.ledger.keys import mark_secret, public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.verify import verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TIME = "2026-11-23T10:00:00Z"
ORIGIN = "assaymark.local/benchmark"
SHAPES = ((1, 1), (1, 10), (1, 100), (16, 1), (16, 10))
"""Threads, and entries that each appends at once."""
CHAINS = (1, 10, 100)
"""Lines of the chain that share a sync."""


def made(number: int, pad: int = 219) -> Entry:
    """An entry of 500 bytes, as a guard's decision or an observation has."""
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    body = {"decision": "allow", "input_sha256": digest, "n": f"{number:09}", "note": "x" * pad}
    return entry("note", body, time=TIME, system="benchmark", key=digest)


def encoded(count: int) -> list[bytes]:
    """So many of them, encoded."""
    return [encode(made(n)) for n in range(count)]


class Syncs:
    """Syncs of data, timed, and prolonged if wanted, as on a slower disk."""

    def __init__(self, least_ms: float = 0) -> None:
        self.least, self.took = least_ms / 1_000, list[float]()
        self._real = os.fdatasync
        os.fdatasync = folder_module._datasync = self

    def __call__(self, handle: int) -> None:
        """Sync."""
        started = time.perf_counter()
        self._real(handle)
        if self.least:
            time.sleep(max(0.0, self.least - (time.perf_counter() - started)))
        self.took.append(time.perf_counter() - started)

    def figures(self) -> dict[str, float]:
        """Their mean in milliseconds, and how many there were."""
        return {"sync_ms": statistics.mean(self.took) * 1_000, "syncs": len(self.took)} if self.took else {}


def append_ours(folder: Path, count: int, threads: int, batch: int) -> dict[str, float]:
    """Entries a second from several threads, published and closed in the end."""
    entries = [made(n) for n in range(count)]
    with Ledger.open(folder / "ledger", KEY) as ledger:
        started = time.perf_counter()

        def work(number: int) -> None:
            for start in range(number * batch, count, threads * batch):
                ledger.append(entries[start : start + batch])

        workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        took = time.perf_counter() - started
    return {"rate": count / took}


def append_chain(folder: Path, count: int, batch: int) -> dict[str, float]:
    """The same as JSON lines, each with the hash of itself and the one before."""
    entries = [made(n) for n in range(count)]
    last, waiting = bytes(32), []
    with (folder / "chain.jsonl").open("ab", buffering=0) as file:
        started = time.perf_counter()
        for n, value in enumerate(entries, 1):
            data = encode(value)
            last = hashlib.sha256(last + data).digest()
            waiting.append(b"%s\t%s\n" % (data, last.hex().encode()))
            if n % batch == 0 or n == count:
                file.write(b"".join(waiting))
                os.fdatasync(file.fileno())
                waiting.clear()
        took = time.perf_counter() - started
    return {"rate": count / took}


def append_pymerkle(_: Path, count: int) -> dict[str, float]:
    """In memory: nothing is durable."""
    from pymerkle import InmemoryTree

    entries = [made(n) for n in range(count)]
    tree = InmemoryTree(algorithm="sha256")
    started = time.perf_counter()
    for value in entries:
        tree.append_entry(encode(value))
    took = time.perf_counter() - started
    started = time.perf_counter()
    tree.prove_inclusion(count // 2)
    return {"rate": count / took, "prove_ms": (time.perf_counter() - started) * 1_000}


def verify_ours(folder: Path, entries: bool) -> dict[str, float]:
    """Entries a second, from the files alone."""
    started = time.perf_counter()
    found = verify(folder / "ledger", entries=entries)
    took = time.perf_counter() - started
    assert found.ok, found.problems
    return {"rate": found.size / took}


def verify_chain(folder: Path) -> dict[str, float]:
    """Lines a second."""
    last, count = bytes(32), 0
    started = time.perf_counter()
    with (folder / "chain.jsonl").open("rb") as file:
        for line in file:
            data, _, stated = line.rstrip(b"\n").rpartition(b"\t")
            last = hashlib.sha256(last + data).digest()
            assert last.hex().encode() == stated
            count += 1
    return {"rate": count / (time.perf_counter() - started)}


def generate(folder: Path, count: int) -> dict[str, float]:
    """A log of `count` entries with its index, without the write-ahead file's detour."""
    path = folder / f"log{count}"
    path.mkdir()
    started = time.perf_counter()
    place, edge = Folder(path), Edge()
    index = open_index(path / "index.db", log=ORIGIN)
    template = encode(entry("note", {"n": 0}, time=TIME, system="benchmark", key="KEY"))
    first, second = template.split(b'"n":0')
    middle, last = second.split(b"KEY")
    keys: list[str] = []
    for number in range(count):
        key = b"key-%d" % number
        data = b'%s"n":%d%s%s%s' % (first, number, middle, key, last)
        edge.add(leaf_hash(data), data)
        keys.append(key.decode())
        if len(keys) == 65_536 or number == count - 1:
            index.add(number + 1 - len(keys), keys)
            keys.clear()
            for tile, content in edge.finished.items():
                place.write(tile.path, content)
            edge.finished.clear()
    for tile, content in edge.partials():
        place.write(tile.path, content)
    index.close()
    note = checkpoint.sign(Checkpoint(ORIGIN, count, edge.root()), KEY)
    place.write("checkpoint", note.encode())
    place.write("wal", wal.header(ORIGIN, count))
    place.write("signers", f"{checkpoint.verifier_key(ORIGIN, public_bytes(KEY))}\n".encode())
    assert mark_secret(KEY)
    place.close()
    return {"seconds": time.perf_counter() - started}


def use(folder: Path, count: int) -> dict[str, float]:
    """Milliseconds of opening, appending one entry, publishing, proving one and closing."""
    took: dict[str, float] = {}
    started = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal started
        took[name] = (time.perf_counter() - started) * 1_000
        started = time.perf_counter()

    ledger = Ledger.open(folder / f"log{count}", KEY)
    lap("open_ms")
    (index,) = ledger.append([made(count)])
    lap("append_ms")
    root = checkpoint.parse(ledger.publish()).root
    lap("publish_ms")
    proof = ledger.prove(count // 3)
    lap("prove_ms")
    assert proof.leads(leaf_hash(ledger.data(count // 3)), root)
    assert index >= count
    started = time.perf_counter()
    ledger.close()
    lap("close_ms")
    return took


SYNC: list[str] = []
"""The option that prolongs syncs, handed on to the steps."""

STEPS: dict[str, Callable[..., dict[str, float]]] = {
    f.__name__: f
    for f in (
        append_ours,
        append_chain,
        append_pymerkle,
        verify_ours,
        verify_chain,
        generate,
        use,
    )
}


def step(name: str, folder: Path, *arguments: int | bool) -> dict[str, float]:
    """Run one step in a process of its own; its figures, with processor seconds and peak memory."""
    call = [sys.executable, __file__, *SYNC, "--step", json.dumps([name, str(folder), *arguments])]
    done = subprocess.run(call, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout)
    return result


def run_step(text: str, least_ms: float) -> None:
    """What the process of a step does."""
    syncs = Syncs(least_ms)
    name, folder, *arguments = json.loads(text)
    figures = STEPS[name](Path(folder), *arguments)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            figures
            | syncs.figures()
            | {"cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1_024}
        )
    )


def line(name: str, found: dict[str, Any], base: float = 0) -> None:
    """One row of figures."""
    parts = [f"{found['rate']:>9,.0f} /s"]
    if base:
        parts.append(f"{found['rate'] / base:>6.2f}x")
    parts.append(f"cpu {found['cpu']:6.2f} s  peak {found['peak_mb']:5.0f} MB")
    if "sync_ms" in found:
        parts.append(f"{found['syncs']:,.0f} syncs of {found['sync_ms']:.2f} ms")
    print(f"  {name:<44}{'  '.join(parts)}", flush=True)


def folders(parent: Path) -> Iterator[Path]:
    """New, empty folders."""
    number = 0
    while True:
        number += 1
        path = parent / str(number)
        path.mkdir()
        yield path


def appending(fresh: Iterator[Path], count: int) -> tuple[Path, Path]:
    """Print what appending gives; where the largest ledger and chain are."""
    print(
        f"Durable entries of {len(encode(made(0)))} bytes a second; x: against the chain with the same batch"
    )
    chains, chain, ledger = {}, Path(), Path()
    for batch in CHAINS:
        chain = next(fresh)
        chains[batch] = step("append_chain", chain, min(count, 4_000 * batch), batch)
        line(f"chained JSONL, a sync each {batch}", chains[batch])
    for threads, batch in SHAPES:
        ledger = next(fresh)
        found = step("append_ours", ledger, min(count, 4_000 * threads * batch), threads, batch)
        line(f"ledger, {threads} threads of {batch} at once", found, chains[batch]["rate"])
    line("pymerkle in memory, nothing durable", step("append_pymerkle", ledger, min(count, 50_000)))
    return ledger, chain


def verifying(ledger: Path, chain: Path) -> None:
    """Print what verifying gives."""
    print("Verified entries a second; x: against the chain")
    base = step("verify_chain", chain)
    line("chained JSONL (hashes only)", base)
    line("ledger, hashes, tiles, heads", step("verify_ours", ledger, False), base["rate"])
    line("ledger, and each entry well-formed", step("verify_ours", ledger, True), base["rate"])


def sizes(fresh: Iterator[Path], big: int) -> None:
    """Print what one append and one proof cost on a small and on a large log."""
    print("One append and one proof, milliseconds (median of 5 processes)")
    folder = next(fresh)
    for count in (10_000, big):
        seconds = step("generate", folder, count)["seconds"]
        runs = [step("use", folder, count) for _ in range(5)]
        names = ("open_ms", "append_ms", "publish_ms", "prove_ms", "close_ms")
        middle = {n: statistics.median(r[n] for r in runs) for n in names}
        text = "  ".join(f"{n.removesuffix('_ms')} {value:6.2f}" for n, value in middle.items())
        print(
            f"  {count:>11,} entries  {text}  peak {runs[0]['peak_mb']:.0f} MB  (made in {seconds:.0f} s)",
            flush=True,
        )


def main() -> None:
    """Run all steps and print their figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--big", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    parser.add_argument("--sync-ms", type=float, default=0, help="let a sync take at least so long")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sync_ms:
        SYNC.extend(["--sync-ms", str(options.sync_ms)])
    if options.step:
        run_step(options.step, options.sync_ms)
        return
    parent = Path(tempfile.mkdtemp(prefix="ledger-speed.", dir=options.folder))
    try:
        fresh = folders(parent)
        verifying(*appending(fresh, options.entries))
        sizes(fresh, options.big)
    finally:
        shutil.rmtree(parent)


if __name__ == "__main__":
    main()
