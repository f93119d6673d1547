"""What a scan of a large data set costs: CPU seconds, wall seconds and peak memory, on data made here.

`python benchmarks/data/scale.py [name ...] [--records N] [--workers 1,2]` prints a table. Each scan is a process of
its own; the memory is that of the process plus, for several workers, as many times that of the largest worker.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

WORDS = 30_000
PART = 100_000


def words(random: np.random.Generator, count: int, length: int) -> pa.Array:
    """Texts of `length` words each, word frequencies falling off as in language."""
    vocabulary = np.array([f"{chr(97 + i % 26)}{i:x}" for i in range(WORDS)])
    drawn = np.minimum(random.zipf(1.3, (count, length)) - 1, WORDS - 1)
    return pa.array([" ".join(row) for row in vocabulary[drawn]])


def documents(random: np.random.Generator, count: int) -> pa.Table:
    """Short labelled texts."""
    return pa.table(
        {"text": words(random, count, 19), "label": pa.array(random.integers(0, 4, count)).cast("string")}
    )


def records(random: np.random.Generator, count: int) -> pa.Table:
    """Very short labelled texts."""
    return pa.table(
        {"text": words(random, count, 5), "label": pa.array(random.integers(0, 2, count)).cast("string")}
    )


def table(random: np.random.Generator, count: int) -> pa.Table:
    """Thirty columns: numbers, codes, categories, and a label that three of them predict."""
    columns: dict[str, pa.Array] = {f"n{i}": pa.array(random.normal(size=count).round(2)) for i in range(15)}
    columns |= {f"c{i}": pa.array(random.integers(0, 5 + i * 3, count)) for i in range(7)}
    columns |= {
        f"k{i}": pa.array(np.array(["a", "b", "c", "d"])[random.integers(0, 4, count)]) for i in range(7)
    }
    signal = np.asarray(columns["n0"]) + np.asarray(columns["c1"]) / 3 + random.normal(size=count)
    return pa.table(columns | {"label": pa.array(np.where(signal > 1.2, "yes", "no"))})


def images(random: np.random.Generator, count: int) -> pa.Table:
    """Smooth 32 x 32 pictures as PNG."""
    import io

    from PIL import Image

    found = []
    for _ in range(count):
        small = Image.fromarray(random.integers(0, 256, (5, 5, 3), dtype=np.uint8))
        noise = random.normal(0, 6, (32, 32, 3))
        picture = np.clip(np.asarray(small.resize((32, 32), Image.Resampling.BICUBIC)) + noise, 0, 255)
        file = io.BytesIO()
        Image.fromarray(picture.astype(np.uint8)).save(file, "PNG", compress_level=1)
        found.append(file.getvalue())
    return pa.table(
        {"image": pa.array(found), "label": pa.array(random.integers(0, 10, count)).cast("string")}
    )


SETS = {
    "documents": (documents, 1_200_000),
    "table": (table, 1_000_000),
    "images": (images, 50_000),
    "records": (records, 10_000_000),
}


def generate(name: str, folder: Path, count: int) -> None:
    """Write the data set, part by part."""
    make, random = SETS[name][0], np.random.default_rng(5)
    for start in range(0, count, PART * 10):
        path = folder / f"part-{start:09}.parquet"
        writer = None
        for at in range(start, min(start + PART * 10, count), PART):
            part = make(random, min(PART, count - at))
            writer = writer or pq.ParquetWriter(path, part.schema)
            writer.write_table(part)
        if writer:
            writer.close()


def measure(folder: str, workers: int, engines: tuple[str, ...]) -> None:
    """Scan, and print what it took as JSON; runs in a process of its own."""
    from assaymark.dataset.scan import Options, scan_data

    began = time.perf_counter()
    scan = scan_data([folder], options=Options(workers=workers, engines=engines))
    wall = time.perf_counter() - began
    own, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime,
                "mib": (own.ru_maxrss + (workers if workers > 1 else 0) * theirs.ru_maxrss) / 1024,
                "reading": scan.reading_seconds,
                "engines": {e.info.id: round(e.seconds, 1) for e in scan.looked if e.result},
                "total": scan.total,
                "read": len(scan.rows),
                "stopped": [e.info.id + ": " + e.reason for e in scan.looked if e.stopped],
                "findings": [f"{f.level}: {f.pattern}"[:60] for f in scan.findings[:3]],
            }
        )
    )


def main() -> None:
    """Generate, scan, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(SETS))
    parser.add_argument("--records", type=int, help="fewer records than the full size")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--engines", default="", help="only these, by id")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    engines = tuple(e for e in arguments.engines.split(",") if e)
    if arguments.measure:
        measure(arguments.measure, int(arguments.workers), engines)
        return
    print(
        "| data | records | workers | wall s | CPU s | of it reading | peak MiB | by engine |\n|---|---|---|---|---|---|---|---|"
    )
    for name in arguments.names:
        count = min(arguments.records or SETS[name][1], SETS[name][1])
        with tempfile.TemporaryDirectory() as folder:
            generate(name, Path(folder), count)
            for workers in arguments.workers.split(","):
                line = subprocess.run(
                    [
                        sys.executable,
                        __file__,
                        "--measure",
                        folder,
                        "--workers",
                        workers,
                        "--engines",
                        arguments.engines,
                    ],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if line.returncode:
                    print(f"| {name} | {count:,} | {workers} | failed: {line.stderr[-300:]} |")
                    continue
                got = json.loads(line.stdout)
                print(
                    f"| {name} | {got['read']:,} | {workers} | {got['wall']:.1f} | {got['cpu']:.1f} "
                    f"| {got['reading']:.1f} | {got['mib']:,.0f} | {got['engines']} |",
                    *(f"\n{note}" for note in (*got["stopped"], *got["findings"])),
                    flush=True,
                )


if __name__ == "__main__":
    main()
