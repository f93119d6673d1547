"""What a scan of a large data set costs: CPU seconds, wall seconds and peak memory, on data made here.

    python benchmarks/data/scale.py [name ...] [--records N] [--workers 1,2] [--data FOLDER] [--peers]

prints a table. `--data` gives texts of real sentences (benchmarks/data/sources.py says how it is laid out). Each scan
is a process of its own; the memory is the largest sum over the process and its workers, looked at five times a second.
With --peers, cleanlab, LSA and ART run on as many of the records, in the environment of benchmarks/data/run.py.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.data.scale_sets import SETS, generate, sentences_of  # noqa: E402 - the path comes first

_PEERS = {"documents": "text", "table": "table", "images": "images"}


def measure(folder: str, workers: int, engines: tuple[str, ...]) -> None:
    """Scan, and print what it took as JSON; runs in a process of its own."""
    from assaymark.dataset.scan import Options, scan_data

    began = time.perf_counter()
    scan = scan_data([folder], options=Options(workers=workers, engines=engines))
    used = os.times()
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - began,
                "cpu": used.user + used.system + used.children_user + used.children_system,
                "reading": scan.reading_seconds,
                "engines": {e.info.id: round(e.seconds, 1) for e in scan.looked if e.result},
                "read": len(scan.rows),
                "flagged": int(scan.flagged.sum()),
                "stopped": [e.info.id + ": " + e.reason for e in scan.looked if e.stopped],
                "findings": [
                    f"{f.level}: {f.pattern}"[:60] for f in scan.findings if f.level.value != "note"
                ][:3],
            }
        )
    )


def resident(process: int) -> int:
    """Bytes that a process and its descendants hold now, each page once: shared ones are divided."""
    total, left = 0, [process]
    while left:
        one = left.pop()
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) * 1024
            for task in Path(f"/proc/{one}/task").iterdir():
                left += map(int, (task / "children").read_text().split())
        except (OSError, ValueError):
            continue
    return total


def run(command: list[str]) -> tuple[str, str, int]:
    """Output, errors and the largest memory of a program."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, cwd=ROOT)
        most = 0
        while process.poll() is None:
            most = max(most, resident(process.pid))
            time.sleep(0.2)
        out.seek(0)
        errors.seek(0)
        return out.read(), errors.read(), most


def main() -> None:
    """Generate, scan, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=list(SETS))
    parser.add_argument("--records", type=int, help="fewer records than the full size")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--engines", default="", help="only these, by id")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure, int(given.workers), tuple(e for e in given.engines.split(",") if e))
        return
    sentences = sentences_of(given.data)
    print("| data | records | tool | wall s | CPU s | of it reading | peak MiB | flagged | CPU s by engine |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in given.names:
        count = min(given.records or SETS[name][1], SETS[name][1])
        with tempfile.TemporaryDirectory() as folder:
            generate(name, Path(folder), count, sentences)
            for workers in given.workers.split(","):
                _ours(name, folder, workers, given.engines)
            if given.peers and name in _PEERS:
                _peers(name, folder, count)


def _ours(name: str, folder: str, workers: str, engines: str) -> None:
    command = [sys.executable, __file__, "--measure", folder, "--workers", workers, "--engines", engines]
    out, errors, memory = run(command)
    tool = f"ours, {workers} worker{'s' if workers != '1' else ''}"
    try:
        got = json.loads(out)
    except ValueError:
        print(f"| {name} |  | {tool} | failed: {errors[-300:]} |", flush=True)
        return
    by_engine = ", ".join(f"{k} {v}" for k, v in got["engines"].items())
    print(
        f"| {name} | {got['read']:,} | {tool} | {got['wall']:.0f} | {got['cpu']:.1f} | {got['reading']:.1f} "
        f"| {memory / (1 << 20):,.0f} | {got['flagged']:,} | {by_engine} |",
        *(f"\n{note}" for note in (*got["stopped"], *got["findings"])),
        flush=True,
    )


def _peers(name: str, folder: str, count: int) -> None:
    from benchmarks.data.run import _environment

    found = Path(folder) / "peers.npz"
    out = _as_peers_read(name, Path(folder))
    command = [_environment(), str(ROOT / "benchmarks/data/peers.py"), _PEERS[name], str(out), str(found)]
    _, errors, memory = run(command)
    if not found.exists():
        print(f"| {name} | {count:,} | peers | failed after {memory / (1 << 20):,.0f} MiB: {errors[-200:]} |")
        return
    import numpy as np

    stored = np.load(found)
    for tool in dict.fromkeys(key.partition("|")[0] for key in stored):
        flagged = int(stored[f"{tool}|flagged"].sum())
        print(
            f"| {name} | {count:,} | {tool} | – | {float(stored[f'{tool}|cpu']):.1f} | – "
            f"| {float(stored[f'{tool}|peak']):,.0f} | {flagged:,} | – |",
            flush=True,
        )


def _as_peers_read(name: str, folder: Path) -> Path:
    import io

    import numpy as np
    import pyarrow.csv as pc
    import pyarrow.parquet as pq
    from PIL import Image

    table = pq.read_table(folder)
    if name == "images":
        x = np.stack([np.asarray(Image.open(io.BytesIO(b.as_py()))) for b in table["image"]])
        np.savez(folder / "x.npz", x=x, y=np.array(table["label"].to_pylist()).astype(int))
        return folder / "x.npz"
    if name == "table":
        pc.write_csv(table, folder / "x.csv")
        return folder / "x.csv"
    (folder / "x.jsonl").write_text("".join(f"{json.dumps(r)}\n" for r in table.to_pylist()))
    return folder / "x.jsonl"


if __name__ == "__main__":
    main()
