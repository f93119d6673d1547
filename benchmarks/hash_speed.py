"""Speed of hashing: ``assaymark sign``'s reader against hashlib, and against model-signing where it is installed.

Every row reads the same bytes, from the system's memory, in the same run; rounds are interleaved. Prints the
median (min to max) in GB/s and the ratio of the median to that of hashlib on one thread:

    aim, one file                 0.9 x hashlib
    aim, several files or shards  0.9 x hashlib x processors

Machines are noisy: compare only rows of one run.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assaymark.signing.hashing import processors
from assaymark.signing.model import Plan, describe_model

MIB = 1 << 20
Row = tuple[str, Callable[[], object]]


def main() -> None:
    """Write the data, time each row, remove the data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mib", type=int, default=1024, help="data in each form [1024]")
    parser.add_argument("--rounds", type=int, default=5, help="[5]")
    parser.add_argument("--folder", type=Path, help="where to put the data, which needs twice as much room")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="hash-speed-", dir=options.folder))
    try:
        one, four = data(work, options.mib)
        report(rows(one, four, options.mib), options.mib * MIB, options.rounds)
    finally:
        shutil.rmtree(work)


def data(work: Path, mib: int) -> tuple[Path, Path]:
    """A folder with one file, and one with the same bytes in four."""
    one, four = work / "one", work / "four"
    block = os.urandom(MIB)
    for folder, count in ((one, 1), (four, 4)):
        folder.mkdir()
        for number in range(count):
            with (folder / f"weights-{number}.bin").open("wb") as file:
                for n in range(mib // count):
                    file.write(n.to_bytes(8, "big") + block[8:])
    return one, four


def rows(one: Path, four: Path, mib: int) -> list[Row]:
    """What is timed, the reference first."""
    shards = Plan(method="shards", shard_size=mib * MIB // 8)
    found: list[Row] = [
        ("hashlib, 1 file, 1 thread", lambda: reference(one)),
        ("assaymark, 1 file", lambda: describe_model(one)),
        ("assaymark, 4 files", lambda: describe_model(four)),
        ("assaymark, 1 file, 8 shards", lambda: describe_model(one, shards)),
    ]
    try:
        found.append(("assaymark, 1 file, BLAKE3", blake3_row(one)))
    except ImportError:
        print("blake3 is not installed; its row is left out")
    try:
        found += peer_rows(one, four, mib)
    except ImportError:
        print("model-signing is not installed; its rows are left out")
    return found


def reference(folder: Path) -> str:
    """What anybody would write: a reused buffer of 1 MiB, no threads."""
    hasher = hashlib.sha256()
    buffer = bytearray(MIB)
    view = memoryview(buffer)
    (path,) = folder.iterdir()
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            hasher.update(view[:count])
    return hasher.hexdigest()


def blake3_row(folder: Path) -> Callable[[], object]:
    """Ours with BLAKE3, if it is installed."""
    import blake3  # noqa: F401  only whether it is there

    return lambda: describe_model(folder, Plan(algorithm="blake3"))


def peer_rows(one: Path, four: Path, mib: int) -> list[Row]:
    """The hashing of model-signing, through its public interface."""
    from model_signing import hashing

    files = hashing.Config()
    shards = hashing.Config().use_shard_serialization(shard_size=mib * MIB // 8)
    return [
        ("model-signing, 1 file", lambda: files.hash(one)),
        ("model-signing, 4 files", lambda: files.hash(four)),
        ("model-signing, 1 file, 8 shards", lambda: shards.hash(one)),
    ]


def report(timed: list[Row], size: int, rounds: int) -> None:
    """Time the rows in turn and print them."""
    seconds: dict[str, list[float]] = {name: [] for name, _ in timed}
    for _ in range(rounds + 1):
        for name, work in timed:
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    print(
        f"{size / 1e9:.2f} GB in each form, {processors()} processors, {rounds} rounds after one to warm up"
    )
    base = 0.0
    for name, taken in seconds.items():
        speeds = [size / second / 1e9 for second in taken[1:]]
        middle = statistics.median(speeds)
        base = base or middle
        spread = f"({min(speeds):.2f} to {max(speeds):.2f})"
        print(f"{name:<34}{middle:6.2f} GB/s {spread:<18}{middle / base:6.2f} x hashlib")


if __name__ == "__main__":
    main()
