"""Everything behind `make bench-models`: install, build the corpus, compare, measure speed, write the page.

    python benchmarks/models/run.py                     # an hour or more on two cores
    python benchmarks/models/run.py --count 60 120 --skip-speed

Environments and corpus stay below `.bench/`, which git ignores; delete it to begin afresh. The page is
docs/benchmarks-models.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = ROOT / ".bench"


def _step(*command: str | Path) -> None:
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True)


def _libraries() -> Path:
    """Install the libraries that write the honest files; give their Python."""
    folder = CACHE / "libraries"
    python, done = folder / "bin" / "python", folder / "installed"
    wanted = (ROOT / "requirements" / "bench-models.txt").read_text(encoding="utf-8")
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        _step(sys.executable, "-m", "venv", folder)
        _step(python, "-m", "pip", "install", "--quiet", "-r", ROOT / "requirements" / "bench-models.txt")
        done.write_text(wanted, encoding="utf-8")
    return python


def _corpus(seed: str) -> tuple[Path, Path]:
    """Build what is not there yet."""
    honest, hostile = CACHE / "honest", CACHE / f"hostile-{seed}"
    if not (honest / "index.json").exists():
        _step(_libraries(), HERE / "build_honest.py", "--out", honest)
    if not (hostile / "index.json").exists():
        _step(sys.executable, HERE / "generate.py", "--out", hostile, "--seed", seed)
    return honest, hostile


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", nargs=2, default=("250", "600"), metavar=("HONEST", "HOSTILE"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--skip-speed", action="store_true")
    parser.add_argument("--skip-compare", action="store_true")
    options = parser.parse_args()
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", encoding="utf-8")
    honest, hostile = _corpus(options.seed)
    corpus = ("--honest", honest, "--hostile", hostile)
    _step(sys.executable, HERE / "whole.py", *corpus, "--out", CACHE / "whole.json")
    if not options.skip_compare:
        compared = ("--cache", CACHE, "--out", CACHE / "compare.json", "--count", *options.count)
        _step(sys.executable, HERE / "compare.py", *corpus, *compared)
    if not options.skip_speed:
        _step(sys.executable, HERE / "speed.py", "--cache", CACHE, "--out", CACHE / "speed.json")
    _step(sys.executable, HERE / "page.py", "--cache", CACHE, *corpus)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
