"""The data scanner on poison of our making and on clean controls, beside its peers.

    python benchmarks/data/run.py FOLDER [--families images,text,table,chat,rag] [--seeds 5] [--quick] [--no-peers]
                                  [--page docs/data/benchmarks.md]

FOLDER holds the honest data (benchmarks/data/sources.py says how). Every tool reads the same files in the same
run, each in a process of its own. Peers get an environment of their own in `build/`. `decision` is the tool's own;
TPR at a fixed FPR is by its scores. Intervals are Wilson's, 95 %. What is missed stands in the same table.
"""

import argparse
import math
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.data.cases import Case, cases, write  # noqa: E402 - the path comes first
from benchmarks.data.ours import RANKED  # noqa: E402

PEERS = (
    "adversarial-robustness-toolbox",
    "cleanlab",
    "packaging",
    "scikit-learn",
    "setuptools",
    "torch==2.13.0",
    "torchvision",
)


def main() -> None:
    """Run all cases, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--families", default="images,text,table,chat,rag")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="half a percent and the smallest number only")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--page", type=Path)
    wanted = parser.parse_args()
    python = "" if wanted.no_peers else _environment()
    lines: dict[tuple, list[dict]] = defaultdict(list)
    for case in cases(wanted.families.split(","), wanted.seeds, wanted.quick):
        for tool, measured in _measure(case, wanted.folder, python).items():
            lines[(case.family, case.source, case.attack, case.rate, tool)].append(measured)
            print(case, tool, _said(measured), file=sys.stderr, flush=True)
    page = _page(lines, wanted.seeds)
    print(page)
    if wanted.page:
        wanted.page.write_text(page, encoding="utf-8")


def _environment() -> str:
    """Python of the peers' environment, made on first use."""
    home = ROOT / "build" / "bench-data"
    python = home / "bin" / "python"
    if not (home / ".ready").exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
        (home / ".ready").touch()
    return str(python)


def _measure(case: Case, data: Path, python: str) -> dict[str, dict]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths, bad, cover = write(case, data, folder)
        out = folder / "out.npz"
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.data.ours", *paths, str(out)],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{case}: {done.stderr}")
        found = np.load(out)
        for stopped in found["stopped"]:
            print(stopped, file=sys.stderr)
        scores = [found[f"score_{e}"] for e in RANKED[case.family] if f"score_{e}" in found]
        measured = {
            "ours": _measured(bad, cover, _joined(scores, len(bad)), found["flagged"], float(found["cpu"]))
        }
        measured["ours"] |= {"peak": float(found["peak"]), "named": [str(n) for n in found["named"] if n]}
        if python and case.family in ("images", "text", "table"):
            measured |= _peers(case.family, paths, folder, python, bad, cover)
        return measured


def _joined(scores: list[np.ndarray], total: int) -> np.ndarray:
    """One ranking from several engines': the better of a record's ranks."""
    if not scores:
        return np.zeros(total)
    ranks = [np.where(s > 0, s.argsort(kind="stable").argsort(kind="stable"), 0) for s in scores]
    return np.max(ranks, axis=0).astype(float)


def _peers(family: str, paths: list[str], folder: Path, python: str, bad, cover) -> dict[str, dict]:
    source = str(folder / "peers.npz") if family == "images" else paths[0]
    out = folder / "peers-out.npz"
    script = Path(__file__).with_name("peers.py")
    done = subprocess.run(
        [python, script, family, source, str(out)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        print(f"peers failed: {done.stderr[-600:]}", file=sys.stderr)
        return {}
    stored = np.load(out)
    names = dict.fromkeys(key.partition("|")[0] for key in stored)
    return {
        n: _measured(bad, cover, stored[f"{n}|score"], stored[f"{n}|flagged"], float(stored[f"{n}|cpu"]))
        for n in names
    }


def _measured(bad, cover, score, flagged, cpu: float) -> dict:
    honest = ~(bad | cover)
    at = {}
    for rate in (0.001, 0.01):
        limit = np.quantile(score[honest], 1 - rate)
        at[rate] = int((score[bad] > limit).sum())
    return {
        "bad": int(bad.sum()), "honest": int(honest.sum()), "hits": int(flagged[bad].sum()),
        "false": int(flagged[honest].sum()), "at": at, "cpu": cpu,
    }  # fmt: skip


def _said(m: dict) -> str:
    return f"{m['hits']}/{m['bad']} found, {m['false']}/{m['honest']} false, {m['cpu']:.1f} s {m.get('named', '')[:3]}"


def wilson(k: int, n: int) -> str:
    """A share with its 95 % interval."""
    if not n:
        return "–"
    z, p = 1.96, k / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return f"{100 * p:.1f} % ({100 * max(0, low):.1f}–{100 * min(1, high):.1f})"


def _page(lines: dict[tuple, list[dict]], seeds: int) -> str:
    rows = [
        "# The data scanner, measured", "",
        f"`python benchmarks/data/run.py FOLDER`: {seeds} seeds a line, development figures on data at hand and poison",
        "of our own making; whoever tuned has seen such data. Shares with Wilson intervals, 95 %.", "",
        "| Data | Attack | Rate | Tool | Found, own decision | False, own decision | TPR at 0.1 % | TPR at 1 % | CPU s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    alarms: dict[tuple, list[int]] = defaultdict(list)
    for (family, source, attack, rate, tool), found in lines.items():
        total = {k: sum(m[k] for m in found) for k in ("bad", "honest", "hits", "false")}
        at = {r: sum(m["at"][r] for m in found) for r in (0.001, 0.01)}
        if attack == "clean":
            alarms[(family, source, tool)] = [int(m["false"] > 0) for m in found]
        rows.append(
            f"| {family}: {source} | {attack} | {rate:g} | {tool} | {wilson(total['hits'], total['bad'])} "
            f"| {100 * total['false'] / total['honest']:.3f} % of {total['honest']:,} "
            f"| {wilson(at[0.001], total['bad'])} | {wilson(at[0.01], total['bad'])} "
            f"| {np.median([m['cpu'] for m in found]):.1f} |"
        )
    rows += ["", "## Clean sets that raised an alarm", "", "| Data | Tool | Sets |", "|---|---|---|"]
    rows += [f"| {f}: {s} | {t} | {sum(a)} of {len(a)} |" for (f, s, t), a in alarms.items()]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
