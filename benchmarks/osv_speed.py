"""Speed and memory of looking dependencies up in a large OSV database, each step in a process of its own.

    python benchmarks/osv_speed.py [--advisories 50000] [--dependencies 2000] [--runs 3]

Generates a zip in the all.zip layout (50,000 advisories over 20,000 packages, half of PyPI and half of npm, with
ranges and lists of versions) and a project with a uv.lock and a package-lock.json, then runs
`assaymark vulnerabilities` cold (the index is made) and warm (the index is found by the zip's digest). Prints
median (min to max) of the wall clock of the whole process, its processor time and its peak resident memory, and the time that the
pure comparison alone takes in a process that holds everything already.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

PROGRAM = "import sys; from assaymark._cli.vulnerabilities import command; sys.exit(command(sys.argv[1:], standalone_mode=False))"
PACKAGES = 20_000
ECOSYSTEMS = (("PyPI", "ECOSYSTEM"), ("npm", "SEMVER"))
TODAY = "2026-11-27"


class Run(NamedTuple):
    """One finished process."""

    wall: float
    cpu: float
    peak_mb: float


def advisory(number: int, chance: random.Random) -> dict[str, Any]:
    """A record of about the size of a real one (2 KB)."""
    ecosystem, kind = ECOSYSTEMS[number % 2]
    major, minor = chance.randrange(1, 9), chance.randrange(20)
    versions = [f"{m}.{n}.{p}" for m in range(major) for n in range(6) for p in range(3)]
    return {
        "schema_version": "1.7.5",
        "id": f"GHSA-{number:06d}",
        "aliases": [f"CVE-2026-{number:06d}"],
        "modified": "2026-11-20T00:00:00Z",
        "published": f"2026-{chance.randrange(1, 11):02d}-01T00:00:00Z",
        "summary": "A generated flaw that does something to something under some condition",
        "details": "lorem ipsum dolor sit amet " * 40,
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": f"package-{chance.randrange(PACKAGES // 2)}"},
                "ranges": [{"type": kind, "events": [{"introduced": "0"}, {"fixed": f"{major}.{minor}.0"}]}],
                "versions": versions if ecosystem == "PyPI" else [],
            }
        ],
        "references": [{"type": "WEB", "url": f"https://example.org/{number}/{n}"} for n in range(5)],
        "database_specific": {"severity": "HIGH"},
    }


def make_database(path: Path, count: int) -> None:
    """A zip with one JSON file an advisory."""
    chance = random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            record = advisory(number, chance)
            archive.writestr(f"{record['id']}.json", json.dumps(record))


def make_project(root: Path, count: int) -> None:
    """Half of the dependencies in each of two locks."""
    root.mkdir()
    chance = random.Random(2)
    half = count // 2
    chosen = chance.sample(range(PACKAGES // 2), half)
    blocks = [f'[[package]]\nname = "package-{n}"\nversion = "{n % 9}.{n % 20}.0"\n' for n in chosen]
    (root / "uv.lock").write_text("version = 1\n\n" + "\n".join(blocks), encoding="utf-8")
    packages = {f"node_modules/package-{n}": {"version": f"{n % 9}.{n % 20}.0"} for n in chosen}
    lock = json.dumps({"lockfileVersion": 3, "packages": packages}, indent=1)
    (root / "package-lock.json").write_text(lock, encoding="utf-8")


def timed(root: Path, place: Path, cache: Path) -> Run:
    """Run the command as a process and take the system's account of it."""
    arguments = [str(root), "--osv", str(place), "--on", TODAY, "--quiet", "--jobs", "1"]
    environment = os.environ | {"ASSAYMARK_CACHE_DIR": str(cache)}
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-c", PROGRAM, *arguments], environment)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code != 15:
        raise SystemExit(f"ended with {code}, not with 15; no figure is worth anything")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def comparison(root: Path, place: Path, cache: Path) -> tuple[float, int]:
    """Seconds that `match` alone takes, and what it finds."""
    from assaymark.discover.collect import collect
    from assaymark.vulnerability.components import components, lookups
    from assaymark.vulnerability.index import indexed
    from assaymark.vulnerability.match import match
    from assaymark.vulnerability.report import Policy
    from assaymark.vulnerability.store import open_store

    items = components(collect(root, jobs=1).facts).items
    with open_store(place) as store, indexed(store, cache / "advisories") as index:
        advisories = {p: index.find(p) for c in items for p in lookups(c)}
    start = time.perf_counter()
    found = match(items, advisories, date.fromisoformat(TODAY), Policy())
    return time.perf_counter() - start, len(found)


def shown(runs: list[Run]) -> str:
    """Median (min to max) seconds, and the highest peak."""
    walls = [r.wall for r in runs]
    return (
        f"{statistics.median(walls):6.2f} s ({min(walls):.2f} to {max(walls):.2f}), "
        f"{statistics.median(r.cpu for r in runs):.2f} s of a processor, "
        f"peak {max(r.peak_mb for r in runs):.0f} MB"
    )


def main() -> None:
    """Generate, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--advisories", type=int, default=50_000)
    options.add_argument("--dependencies", type=int, default=2_000)
    options.add_argument("--runs", type=int, default=3)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="assaymark-osv-"))
    try:
        place, root, cache = folder / "all.zip", folder / "project", folder / "cache"
        make_database(place, chosen.advisories)
        make_project(root, chosen.dependencies)
        print(f"{chosen.advisories:,} advisories, zip of {place.stat().st_size / 1e6:.1f} MB")
        cold = []
        for _ in range(chosen.runs):
            shutil.rmtree(cache, ignore_errors=True)
            cold.append(timed(root, place, cache))
        warm = [timed(root, place, cache) for _ in range(chosen.runs)]
        print(f"cold, index made   {shown(cold)}")
        print(f"warm, index found  {shown(warm)}")
        seconds, found = comparison(root, place, cache)
        print(
            f"match alone        {seconds:6.2f} s for {chosen.dependencies:,} dependencies: {found:,} flaws"
        )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
