"""Speed and memory of ``assaymark assess`` on generated trees, measured as whole processes.

Prints each figure as median (min to max) of several runs, beside the aims of docs/performance.md:

    --help                             150 ms
    5,000 files, cold                  6 s on two cores
    10,000 files, 10 GB models, warm   1 s
    peak memory of any one process     400 MB, whatever the size of the files

*Cold* means without cache and ledger; the files themselves were just written and lie in the system's
memory. Machines are noisy: quote medians, look at processor time beside wall time, and compare only
figures of one run.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ASSAYMARK = [sys.executable, "-m", "assaymark"]
GIB = 1024**3
_EXPECTED = (0, 11, 12)
_SAMPLE_S = 0.1


class Run(NamedTuple):
    """One finished process."""

    wall: float
    cpu: float
    """Processor seconds of it and its children."""
    peak_mb: float
    """Largest resident set of any one of them."""
    sum_mb: float
    """Largest sum of their resident sets that was seen; shared pages count in each."""
    code: int


def timed(command: Sequence[str], environment: dict[str, str], *, sample: bool = False) -> Run:
    """Run `command` to its end and take the operating system's account of it and its children."""
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execve(command[0], list(command), environment)
    sums = [0.0]
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(pid, sums, over))
    if sample:
        watcher.start()
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    over.set()
    if sample:
        watcher.join()
    code = os.waitstatus_to_exitcode(status)
    if code not in _EXPECTED:
        raise SystemExit(f"{' '.join(command)} ended with {code}; no figure is worth anything")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, max(sums), code)


def _watch(pid: int, sums: list[float], over: threading.Event) -> None:
    while not over.wait(_SAMPLE_S):
        sums.append(_resident(pid))


def _resident(pid: int) -> float:
    """Resident megabytes of a process and its children; nothing for what has just ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(_resident(int(c)) for c in children)


def python_source(rng: random.Random, number: int) -> str:
    """A plausible module of an AI project, about 120 lines."""
    functions = "\n\n".join(
        f"def step_{number}_{i}(items: list[dict], limit: int = {rng.randint(1, 99)}) -> dict:\n"
        f'    """Gather what item {i} needs."""\n'
        f"    result = {{}}\n"
        f"    for index, item in enumerate(items[:limit]):\n"
        f"        if item.get('kind') == '{rng.choice(['a', 'b', 'c'])}' and index % {rng.randint(2, 9)}:\n"
        f"            result[item['name']] = [value * {rng.random():.3f} for value in item.get('values', ())]\n"
        f"        else:\n"
        f"            logger.debug('skipped %s', index)\n"
        f"    return result"
        for i in range(rng.randint(6, 14))
    )
    call = (
        "\n\n\ndef answer(question: str) -> str:\n"
        '    """Ask the model."""\n'
        "    reply = client.chat.completions.create(model='gpt-4o-2024-08-06', max_tokens=300, timeout=20,\n"
        "        messages=[{'role': 'system', 'content': SYSTEM_PROMPT}, {'role': 'user', 'content': question}])\n"
        "    return reply.choices[0].message.content\n"
        if number % 10 == 0
        else "\n"
    )
    head = (
        "import json\nimport logging\nimport os\n\nfrom openai import OpenAI\n\n"
        if number % 10 == 0
        else "import logging\n\n"
    )
    setup = (
        "client = OpenAI()\nSYSTEM_PROMPT = 'You answer questions about the library.'\n"
        if number % 10 == 0
        else ""
    )
    return f"{head}logger = logging.getLogger(__name__)\n{setup}\n\n{functions}{call}"


def script_source(rng: random.Random, number: int) -> str:
    """A plausible TypeScript module."""
    return "import { z } from 'zod';\n\n" + "\n\n".join(
        f"export async function load{number}_{i}(id: string, options: {{ depth: number }}): Promise<string[]> {{\n"
        f"  const response = await fetch(`/api/items/${{encodeURIComponent(id)}}?depth=${{options.depth}}`);\n"
        f"  if (!response.ok) {{ throw new Error(`failed: ${{response.status}}`); }}\n"
        f"  const rows = (await response.json()) as {{ name: string; score: number }}[];\n"
        f"  return rows.filter((row) => row.score > {rng.random():.3f}).map((row) => row.name);\n}}"
        for i in range(rng.randint(5, 12))
    )


def write_tree(root: Path, files: int, model_bytes: int = 0, seed: int = 7) -> None:
    """A tree of `files` files; models are sparse files with a true header."""
    rng = random.Random(seed)
    makers: list[tuple[str, Callable[[random.Random, int], str], float]] = [
        ("py", python_source, 0.60),
        ("ts", script_source, 0.12),
        ("md", lambda r, n: f"# Note {n}\n\n" + "Plain words about the service.\n" * r.randint(10, 60), 0.10),
        (
            "json",
            lambda r, n: json.dumps({"name": f"item {n}", "values": [r.random() for _ in range(40)]}),
            0.08,
        ),
        ("yaml", lambda r, n: f"service: s{n}\nreplicas: {r.randint(1, 5)}\n" * 1, 0.05),
        ("txt", lambda r, n: "line of text\n" * r.randint(5, 200), 0.05),
    ]
    for number in range(files):
        suffix, make, _ = rng.choices(makers, [m[2] for m in makers])[0]
        folder = root / f"part{number % 50}" / f"sub{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{number}.{suffix}").write_text(make(rng, number), encoding="utf-8")
    for index in range(5 if model_bytes else 0):
        write_sparse_model(root / "models" / f"shard{index}.safetensors", model_bytes // 5)
    old = time.time() - 3600
    for path in root.rglob("*"):
        os.utime(path, (old, old))


def write_sparse_model(path: Path, size: int) -> None:
    """A safetensors file of `size` bytes whose one tensor is a hole in the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + size)


def write_huge(root: Path, scale: float) -> None:
    """Single files as large as projects hold, whole and as holes behind a true header."""
    root.mkdir(parents=True)
    cell = json.dumps({"cell_type": "code", "source": ["x = 1\n"], "metadata": {}, "execution_count": 1,
                       "outputs": [{"output_type": "display_data", "data": {"image/png": "A" * 100_000}}]})  # fmt: skip
    notebook = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ['
    for name, head, body, tail, size in (
        ("rows.csv", "id,score,note\n", "1,2.5,some text\n", "", 300),
        ("rows.jsonl", "", '{"prompt": "a question", "response": "an answer"}\n', "", 300),
        ("line.json", "[", '{"a": [1, 2, 3], "b": "text"},', "{}]", 200),
        ("list.json", "[", '{"a": [1, 2, 3], "b": "text"},', "{}]", 30),
        ("huge.py", "", "x = call(1, 'two', [3])\n", "", 100),
        ("large.py", "", "x = call(1, 'two', [3])\n", "", 2),
        ("huge.ipynb", notebook, f"{cell},", f"{cell}]}}", 50),
        ("large.ipynb", notebook, f"{cell},", f"{cell}]}}", 30),
        ("notes.md", "# Notes\n", "Plain words about the service.\n", "", 60),
        ("requirements.txt", "", "package-name==1.2.3\n", "", 20),
    ):
        _repeat(root / name, head, body, tail, int(size * 1e6 * scale))
    write_sparse_model(root / "model.safetensors", int(2 * GIB * scale))
    for name, magic in (
        ("model.gguf", b"GGUF\3\0\0\0"),
        ("model.pt", b"PK\3\4"),
        ("model.pkl", b"\x80\4\x95"),
    ):
        with (root / name).open("wb") as file:
            file.write(magic)
            file.truncate(int(2 * GIB * scale))


def _repeat(path: Path, head: str, body: str, tail: str, size: int) -> None:
    block = body * max(1, 1_000_000 // len(body))
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for _ in range(max(1, size // len(block))):
            file.write(block)
        file.write(tail)


def show(name: str, runs: Sequence[Run], aim: str) -> None:
    """One line: medians with their spread."""
    walls = [r.wall for r in runs]
    total = max(r.sum_mb for r in runs)
    print(
        f"{name:42} {statistics.median(walls):7.3f} s ({min(walls):.3f} to {max(walls):.3f})   "
        f"{statistics.median(r.cpu for r in runs):7.2f} CPU s   {max(r.peak_mb for r in runs):5.0f} MB"
        f"{f' (all processes {total:.0f} MB)' if total else ''}   aim {aim}   exit {runs[-1].code}",
        flush=True,
    )


def measure(work: Path, repeats: int, scale: float) -> None:
    """Generate the trees and print every figure."""
    base = {k: v for k, v in os.environ.items() if not k.startswith("ASSAYMARK")}
    # An installed package has its compiled files; a clone with this setting would compile at each start.
    base.pop("PYTHONDONTWRITEBYTECODE", None)
    base["PYTHONPYCACHEPREFIX"] = str(work / "compiled")

    def places(name: str) -> dict[str, str]:
        return base | {
            "ASSAYMARK_CACHE_DIR": str(work / "places" / name / "cache"),
            "ASSAYMARK_STATE_DIR": str(work / "places" / name / "state"),
            "ASSAYMARK_KEY": str(work / "places" / name / "key.pem"),
        }

    def assess(tree: Path) -> list[str]:
        return [*ASSAYMARK, "assess", str(tree), "--out", str(work / "out"), "--quiet"]

    tiny, small, large, huge = (work / n for n in ("tiny", "small", "large", "huge"))
    write_tree(tiny, 50)
    timed(assess(tiny), places("first"))  # compiles every module, which an installation has done
    show("--help", [timed([*ASSAYMARK, "--help"], base) for _ in range(repeats * 2)], "0.150 s")
    files, models = int(5_000 * scale), f"{int(10_000 * scale):,} files and {10 * scale:g} GB of models"
    write_tree(small, files)
    cold = [timed(assess(small), places(f"cold{number}")) for number in range(repeats)]
    show(f"{files:,} files, cold", cold, "6 s, 400 MB")
    show(f"{files:,} files, warm", [timed(assess(small), places("cold0")) for _ in range(repeats)], "-")
    write_tree(large, int(10_000 * scale), int(10 * GIB * scale))
    show(f"{models}, cold", [timed(assess(large), places("large"), sample=True)], "-")
    show(f"{models}, warm", [timed(assess(large), places("large")) for _ in range(repeats)], "1 s, 400 MB")
    write_huge(huge, scale)
    show("single huge files, cold", [timed(assess(huge), places("huge"), sample=True)], "400 MB")


def main() -> None:
    """Measure in a temporary folder, and leave nothing behind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of the files and bytes, for a quick look"
    )
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="assaymark-bench-"))
    print(f"{len(os.sched_getaffinity(0))} cores, Python {sys.version.split()[0]}; median (min to max)")
    try:
        measure(work, options.repeats, options.scale)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
