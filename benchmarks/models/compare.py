"""Run every scanner over the same files, and print who saw what.

    python benchmarks/models/compare.py --honest DIR --hostile DIR --cache .bench --out results.json

The sample takes the same number of files of each technique and of each library, chosen by a fixed seed, and is the
same for every tool. Each file, or folder where the folder is the model, is one process of the tool's command line.
Of the honest files only the `held` half is used: the other half was read to make our allow list.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from figures import share, table
from peers import TOOLS, Tool, install, programs
from process import TIMEOUT, run

_WORST = ("flagged", "unknown", "timeout", "error", "inconclusive", "nothing", "clean")
Row = dict[str, Any]


class Case(NamedTuple):
    """One file or folder of the sample."""

    path: Path
    kind: str
    """`malicious`, `hidden`, `unreadable` or `honest`."""
    group: str
    """Class of technique, or library."""
    row: Row


def _spread(rows: list[Row], key: str, count: int, rng: random.Random) -> list[Row]:
    """Choose `count` rows so that each value of `key` has its turn."""
    piles: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        piles[row[key]].append(row)
    for pile in piles.values():
        rng.shuffle(pile)
    chosen: list[Row] = []
    while len(chosen) < count and any(piles.values()):
        for pile in piles.values():
            if pile and len(chosen) < count:
                chosen.append(pile.pop())
    return chosen


def sample(honest: Path, hostile: Path, counts: tuple[int, int], seed: int = 7) -> list[Case]:
    """Choose the files: so many honest ones, so many hostile ones."""
    rng = random.Random(seed)
    good = [
        r
        for r in json.loads((honest / "index.json").read_text())["files"]
        if r["half"] == "held" and not r["own"]
    ]
    bad = json.loads((hostile / "index.json").read_text())["files"]
    cases = [
        Case(honest / r["path"], "honest", r["library"], r) for r in _spread(good, "library", counts[0], rng)
    ]
    return cases + [
        Case(hostile / r["path"], r["label"], r["group"], r)
        for r in _spread(bad, "technique", counts[1], rng)
    ]


def judge(tool: Tool, case: Case, cache: Path, limit: float) -> Row:
    """Run one tool on one case."""
    targets = [case.path]
    if case.path.is_dir() and not tool.folders:
        targets = sorted(p for p in case.path.rglob("*") if p.is_file())[:20]
    outcomes, cpu = [], 0.0
    with tempfile.TemporaryDirectory() as home:
        for target in targets:
            ran = run(tool.command(str(programs(tool, cache)), target), limit, Path(home))
            outcomes.append("timeout" if ran.code == TIMEOUT else tool.outcome(ran))
            cpu += ran.cpu
    worst = min(outcomes or ["nothing"], key=_WORST.index)
    return {"tool": tool.id, "path": str(case.path), "kind": case.kind, "group": case.group, "outcome": worst,
            "cpu": round(cpu, 3), **{k: case.row.get(k) for k in ("technique", "unknown", "library", "half", "note")}}  # fmt: skip


def judge_all(tools: Iterable[Tool], cases: list[Case], cache: Path, limit: float, jobs: int) -> list[Row]:
    """Run all tools on all cases, one tool after the other."""
    rows: list[Row] = []
    for tool in tools:
        with ThreadPoolExecutor(jobs) as pool:
            done = list(pool.map(lambda case, t=tool: judge(t, case, cache, limit), cases))
        rows += done
        print(tool.id, dict(Counter((r["kind"], r["outcome"]) for r in done)), file=sys.stderr, flush=True)
    return rows


def _joined(
    out: Path, rows: list[Row], notes: dict[str, str], paths: set[str]
) -> tuple[list[Row], dict[str, str]]:
    """Keep what other tools said of the very same sample in an earlier run."""
    old = json.loads(out.read_text()) if out.exists() else {"rows": [], "notes": {}}
    new = {r["tool"] for r in rows}
    kept = [r for r in old["rows"] if r["tool"] not in new]
    if {r["path"] for r in kept} - paths:
        return rows, notes
    order = [t.id for t in TOOLS]
    return sorted(kept + rows, key=lambda r: order.index(r["tool"])), old["notes"] | notes


def _count(rows: Iterable[Row], *outcomes: str) -> int:
    return sum(r["outcome"] in outcomes for r in rows)


def confusion(rows: list[Row]) -> str:
    """Write the table of all tools."""
    lines = []
    for tool in dict.fromkeys(r["tool"] for r in rows):
        bad = [r for r in rows if r["tool"] == tool and r["kind"] == "malicious"]
        good = [r for r in rows if r["tool"] == tool and r["kind"] == "honest"]
        lines.append(
            (tool, share(_count(bad, "flagged"), len(bad)), share(_count(bad, "flagged", "unknown"), len(bad)),
             _count(bad, "inconclusive", "error", "timeout"), _count(bad, "clean", "nothing"),
             share(_count(good, "flagged"), len(good)), share(_count(good, "unknown"), len(good)),
             _count(good, "inconclusive", "error", "timeout"), _count(good, "nothing"),
             f"{sum(r['cpu'] for r in bad + good):.0f}")
        )  # fmt: skip
    head = ("tool", "malicious flagged", "flagged or named unknown", "not covered", "passed in silence",
            "honest flagged", "honest with an unknown", "not covered", "not looked at", "CPU s")  # fmt: skip
    return table(head, lines)


def by_group(rows: list[Row]) -> str:
    """Write who named how many of each class of technique."""
    tools = list(dict.fromkeys(r["tool"] for r in rows))
    bad = [r for r in rows if r["kind"] == "malicious"]
    lines = []
    for group in sorted({r["group"] for r in bad}, key=lambda g: (g[0], int(g[1:]))):
        mine = [[r for r in bad if r["group"] == group and r["tool"] == t] for t in tools]
        lines.append([group, len(mine[0]), *(_count(m, "flagged", "unknown") for m in mine)])
    return table(["class", "n", *tools], lines)


def not_readable(rows: list[Row]) -> str:
    """Write who calls clean what hides or cannot be read."""
    lines = []
    for tool in dict.fromkeys(r["tool"] for r in rows):
        odd = [r for r in rows if r["tool"] == tool and r["kind"] in ("hidden", "unreadable")]
        lines.append((tool, share(_count(odd, "clean", "nothing"), len(odd)), _count(odd, "timeout")))
    return table(("tool", "called clean or not looked at", "timed out"), lines)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--honest", type=Path, required=True)
    parser.add_argument("--hostile", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(".bench"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tool", action="append", help="only these")
    parser.add_argument("--count", type=int, nargs=2, default=(250, 600), metavar=("HONEST", "HOSTILE"))
    parser.add_argument("--limit", type=float, default=60, help="seconds a process may take")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    cache = options.cache.resolve()
    tools = [t for t in TOOLS if not options.tool or t.id in options.tool]
    notes = {t.id: note for t in tools if (note := install(t, cache))}
    cases = sample(options.honest.resolve(), options.hostile.resolve(), tuple(options.count))
    rows = judge_all(tools, cases, cache, options.limit, options.jobs)
    rows, notes = _joined(options.out, rows, notes, {str(c.path) for c in cases})
    options.out.write_text(json.dumps({"rows": rows, "notes": notes}))
    print(confusion(rows), by_group(rows), not_readable(rows), sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
