"""Everything behind `make bench-guard`: how much is caught, how much honest text is stopped, how fast, beside others.

    python benchmarks/guard/run.py ../data/injection            # with the development sets of a data folder
    python benchmarks/guard/run.py                              # our own held-back texts alone

Prints a report and writes it with the bare figures below `.bench/`; --page writes docs/guard/benchmarks.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent))

import data
import figures
import peers
import speed
import table

from assaymark.guard.measure.disguise import wrapped
from assaymark.guard.measure.intervals import Share, share
from assaymark.guard.measure.pool import measure_all
from assaymark.guard.measure.rows import Row
from assaymark.guard.measure.scoring import Measured
from assaymark.guard.measure.summary import summary
from assaymark.guard.measure.wiring import Setup, make_parts

HERE = Path(__file__).resolve().parent
CACHE = data.ROOT / ".bench"
PAGE = data.ROOT / "docs" / "guard" / "benchmarks.md"
OURS, BASELINE = "Assaymark", "TF-IDF + regression"


def main() -> int:
    """Measure and report."""
    options = _options()
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", encoding="utf-8")
    setup = Setup(weights=options.weights)
    version = make_parts(setup).scorer.version
    rows = [*(data.development(options.data) if options.data else ()), *data.held()]
    rows = rows[:: options.every]
    begun = time.perf_counter()
    measured = list(measure_all(rows, setup))
    _told(f"{len(rows):,} rows judged in {time.perf_counter() - begun:.0f} s")
    caught, honest = _disguised(rows, setup, options.disguised)
    timing = _speed(options.weights)
    theirs = _peers(options, rows, measured)
    result = _result(measured, caught, honest, timing, theirs)
    result["about"] = _about(options, version, rows)
    text = "\n".join(_report(result))
    print(text)
    (CACHE / "guard.txt").write_text(text + "\n", encoding="utf-8")
    (CACHE / "guard.json").write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
    _told(f"figures: {CACHE / 'guard.json'}")
    if result["failed"]:
        _told("A broken chain is no guard: its figures are not published.")
        return 1
    if options.page:
        PAGE.write_text(_page(result, text), encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, help="folder with train/ and dev/")
    parser.add_argument("--weights", default="", help="folder of a detector; the package's if none is named")
    parser.add_argument("--vigil", type=Path, help="data/yara of a clone of Vigil's repository")
    parser.add_argument("--every", type=int, default=1, help="judge one row in so many: a quick look")
    parser.add_argument("--disguised", type=int, default=100, help="attacks to put into each disguise")
    parser.add_argument("--skip-peers", action="store_true")
    parser.add_argument("--page", action="store_true", help="write the page of the docs")
    return parser.parse_args()


def _disguised(rows: Sequence[Row], setup: Setup, count: int) -> tuple[dict[str, Share], dict[str, Share]]:
    """Of attacks caught in clear, those still caught; of honest texts, those flagged; by disguise."""
    candidates = data.payloads(data.spans_alone(), 4 * count)
    clear = zip(candidates, measure_all(candidates, setup), strict=True)
    some = [row for row, found in clear if found.flagged][:count]
    numbered = [msgspec.structs.replace(row, line=n) for n, row in enumerate(some)]
    forms = list(measure_all((form for row in numbered for form in wrapped(row)), setup))
    quiet = list(measure_all(data.disguised_benign(rows, count // 2), setup))
    _told(f"{len(forms) + len(quiet):,} disguised texts judged")
    passed = {m.line for m in quiet if not m.disguise and not m.flagged}
    total = Counter(m.disguise for m in quiet if m.disguise and m.line in passed)
    flagged = Counter(m.disguise for m in quiet if m.disguise and m.line in passed and m.flagged)
    honest = {name: share(flagged[name], many) for name, many in total.items()}
    return summary(forms, 0, 1.0, 1).disguises, honest


def _speed(weights: str) -> dict[str, Any]:
    """In processes of their own, so that their memory is their own."""
    command = [sys.executable, str(HERE / "speed.py"), "--weights", weights]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    command[1] = str(HERE / "gateway.py")
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return found | {"gateway": json.loads(ran.stdout)}


def _peers(options: argparse.Namespace, rows: Sequence[Row], measured: Sequence[Measured]) -> dict[str, Any]:
    if options.skip_peers:
        return {}
    timed = {name: some[:40] for name, some in speed.sample(80).items()}
    flat = [row for some in timed.values() for row in some]
    found = peers.judged(CACHE, data.training(options.data), rows, flat, options.vigil)
    found["rows"] = {name: figures.as_peer(measured, s) for name, s in found.pop("scores").items()}
    for name, seconds in found["seconds"].items():
        left = iter(seconds)
        found["seconds"][name] = {
            length: speed.quantiles([next(left) for _ in some]) for length, some in timed.items()
        }
    _told(f"peers judged; the baseline was trained in {found['trained_seconds']:.0f} s")
    return found


def _result(
    measured: Sequence[Measured],
    caught: dict[str, Share],
    honest: dict[str, Share],
    timing: dict[str, Any],
    theirs: dict[str, Any],
) -> dict[str, Any]:
    tools = {OURS: measured, **theirs.get("rows", {})}
    ours = {OURS: {name: one["wall"] for name, one in timing["lengths"].items()}}
    return {
        "aims": figures.aims(measured, caught.values(), timing),
        "tools": {name: figures.lines(rows) for name, rows in tools.items()},
        "languages": [line for line in figures.lines(measured, "language") if line.family not in ("", "en")],
        "disguises": {"attacks": caught, "honest": honest},
        "speed": timing,
        "speed_beside": ours | theirs.get("seconds", {}),
        "failed": sum(m.failed for m in measured),
    }


def _about(options: argparse.Namespace, version: str, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "detector": version,
        "rows": dict(Counter(row.file for row in rows)),
        "every": options.every,
        "cores": os.cpu_count(),
        "machine": _machine(),
        "python": platform.python_version(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "vigil": options.vigil is not None,
    }


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if "model name" in line)
    return next(names, platform.machine())


def _report(result: dict[str, Any]) -> Iterator[str]:
    about, tools = result["about"], result["tools"]
    counts = ", ".join(f"{count:,} {name}" for name, count in about["rows"].items())
    yield f"Detector {about['detector']}; rows: {counts}; {about['cores']} cores, Python {about['python']},"
    yield f"{about['machine']}; load average {about['load'][0]}. 95 % intervals in brackets."
    if result["failed"]:
        yield f"{result['failed']} rows broke a step of the chain."
    ours, base = tools[OURS], tools.get(BASELINE, ())
    parts = [
        ("Aims", table.asked(result["aims"])),
        (
            "Channels, at the shipped thresholds and at 1 % of the channel's own honest texts",
            table.channels(ours),
        ),
        ("Attacks, by family", table.attacks(ours, base)),
        ("Honest texts, by family", table.benign(ours, base)),
        ("Languages other than English: attacks", table.attacks(result["languages"], ())),
        ("Languages other than English: honest texts", table.benign(result["languages"], ())),
        ("Disguises of what is caught in clear", table.disguised(**_both(result["disguises"]))),
        (
            "Speed: the whole chain in one process on one core",
            table.speed(result["speed"], result["speed_beside"]),
        ),
    ]
    if len(tools) > 1:
        parts.insert(2, ("Beside others, on the same rows", table.beside(tools)))
    for title, some in parts:
        yield from ("", title, "=" * len(title), *some)
    yield from ("", *peers.NOTES)


def _both(found: dict[str, dict[str, Share]]) -> dict[str, dict[str, Share]]:
    return {"caught": found["attacks"], "honest": found["honest"]}


def _page(result: dict[str, Any], text: str) -> str:
    head = (HERE / "page.md").read_text(encoding="utf-8")
    return head.replace("{date}", result["about"]["date"]).replace("{report}", text)


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
