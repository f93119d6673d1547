"""The data scanner on poison of our making and on clean controls, beside its peers.

    python benchmarks/data/run.py FOLDER [--families images,text,table,chat,corpus,rag] [--seeds 5] [--jobs 2]
                                  [--minutes 35] [--pages docs/data]

FOLDER holds the honest data (benchmarks/data/sources.py says how). Every tool reads the same files in the same
run, each in a process of its own with one thread. Peers get an environment of their own in `build/`. `decision` is
the tool's own; TPR at a fixed FPR is by its scores, ours those of `data scan --json`. Intervals are Wilson's, 95 %.
What is missed stands in the same table.

Results are kept in `build/bench-data/results.jsonl` by case, tool and digest of the sources: a run that was stopped
goes on where it was, and only what changed is measured anew.
"""

import argparse
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.data import page  # noqa: E402 - the path comes first
from benchmarks.data.plan import FAMILIES, Case, Extent, cases, peers_wanted  # noqa: E402
from benchmarks.data.running import Kept, Tools, measure  # noqa: E402

PEERS = (
    "adversarial-robustness-toolbox",
    "cleanlab",
    "packaging",
    "scikit-learn",
    "setuptools",
    "torch==2.13.0",
    "torchvision",
)
HOME = ROOT / "build" / "bench-data"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
"""Between them benchmarks/data/run.py writes its table; what stands around is written by hand."""


def main() -> None:
    """Run what is not kept yet, and print or write the tables."""
    wanted = _wanted()
    families = wanted.families.split(",")
    extent = _extent(wanted)
    tools = Tools.of("" if wanted.no_peers else _environment())
    kept = Kept(HOME / "results.jsonl")
    todo = cases(families, wanted.folder, extent)
    if wanted.tell:
        print(
            f"{len(todo)} cases, {sum(_to_do(c, wanted, tools, kept) != (False, False) for c in todo)} to be run"
        )
        return
    _run(todo, wanted, tools, kept)
    lines = [x for case in todo for digest in (tools.ours, tools.peers) for x in kept.lines(case, digest)]
    measured = sum(kept.good(case, tools.ours) for case in todo)
    note = f"{measured} of {len(todo)} cases measured; sources {tools.ours}."
    if wanted.pages:
        _write(wanted.pages / "benchmarks.md", [*page.summary(lines), "", note])
        _write(wanted.pages / "benchmarks-full.md", [*page.full(lines), "", note])
    else:
        print("\n".join([*page.summary(lines), "", *page.full(lines), "", note]))


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--seeds", type=int, default=5, help="at the middle rate")
    parser.add_argument("--peer-seeds", type=int, default=1, help="seeds on which peers run as well")
    parser.add_argument(
        "--full", action="store_true", help="all seeds at all rates, peers on all: many hours"
    )
    parser.add_argument("--quick", action="store_true", help="the middle rate, one seed")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--peers-only", action="store_true", help="measure the peers, and ours another time")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no case after so long")
    parser.add_argument("--tell", action="store_true", help="say how much there is to do, and do nothing")
    parser.add_argument("--pages", type=Path, help="folder of benchmarks.md and benchmarks-full.md")
    return parser.parse_args()


def _extent(wanted: argparse.Namespace) -> Extent:
    if wanted.quick:
        return Extent(seeds=1, other_seeds=0, clean_seeds=1, large=False)
    if wanted.full:
        return Extent(seeds=wanted.seeds, other_seeds=wanted.seeds, clean_seeds=2 * wanted.seeds)
    return Extent(seeds=wanted.seeds, clean_seeds=wanted.seeds)


def _environment() -> str:
    """Python of the peers' environment, made on first use."""
    python = HOME / "bin" / "python"
    if not (HOME / ".ready").exists():
        venv.create(HOME, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
        (HOME / ".ready").touch()
    return str(python)


def _to_do(case: Case, wanted: argparse.Namespace, tools: Tools, kept: Kept) -> tuple[bool, bool]:
    """Whether ours, and whether the peers have to run on a case."""
    ours = not wanted.peers_only and not kept.good(case, tools.ours)
    beside = bool(tools.python) and peers_wanted(
        case, wanted.folder, wanted.peer_seeds, everything=wanted.full
    )
    return ours, beside and not kept.good(case, tools.peers)


def _jobs(todo: list[Case], wanted: argparse.Namespace, tools: Tools, kept: Kept) -> Iterator[tuple]:
    for case in todo:
        ours, peers = _to_do(case, wanted, tools, kept)
        if ours or peers:
            yield case, ours, peers


def _run(todo: list[Case], wanted: argparse.Namespace, tools: Tools, kept: Kept) -> None:
    began, done = time.monotonic(), 0
    jobs = _jobs(todo, wanted, tools, kept)
    with ProcessPoolExecutor(wanted.jobs) as pool:
        running: dict[Future, Case] = {}
        while True:
            in_time = time.monotonic() - began < 60 * wanted.minutes
            while in_time and len(running) < wanted.jobs and (job := next(jobs, None)):
                case, ours, peers = job
                future = pool.submit(measure, case, wanted.folder, tools, ours=ours, peers=peers)
                running[future] = case
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                case, done = running.pop(future), done + 1
                kept.add(future.result())
                minutes = (time.monotonic() - began) / 60
                print(
                    f"{done} in {minutes:.1f} min: {case}",
                    *map(_said, future.result()),
                    sep="\n  ",
                    file=sys.stderr,
                )


def _said(x: dict) -> str:
    if "failed" in x:
        return f"{x['tool']}: failed: {x['failed']}"
    named = {None: "", True: ", named", False: ", not named"}[x.get("named")]
    return (
        f"{x['tool']}: {x['hits']} of {x['bad']} found{named}, {x['false']} of {x['honest']:,} false, "
        f"at 0.1 %: {x['at']['0.001']}, {x['cpu']:.1f} s {x.get('patterns', '') or ''} {x.get('stopped') or ''}"
    )


def _write(path: Path, lines: list[str]) -> None:
    text = path.read_text("utf-8") if path.exists() else f"# {path.stem}\n\n{BEGIN}{END}"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    body = "\n".join(lines)
    path.write_text(f"{before}{BEGIN}\n{body}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
