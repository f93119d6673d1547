"""Write the honest half of the corpus with the real libraries.

Runs in an environment of its own (requirements/bench-models.txt), never in the product's:

    python benchmarks/models/build_honest.py --out DIR

Leaves `DIR/tune`, `DIR/held` and `DIR/index.json`. Only `tune` may be looked at when allow lists are made.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import shutil
import signal
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "DO_NOT_TRACK"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

from honest.item import Item, half  # noqa: E402 - the folder and the settings above come first

PARTS = ("plain", "sklearn_files", "torch_files", "boosters", "graphs", "hub", "others")
_LIMIT_S = 120
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "imblearn": "imbalanced-learn", "umap": "umap-learn"}


def place(item: Item, out: Path) -> Path:
    """Say where an item is written."""
    subject = "".join(c if c.isalnum() or c in "-_." else "-" for c in item.subject)
    return out / half(item.library, item.subject) / item.library / subject / item.name


def _write(item: Item, path: Path) -> str:
    """Write one item; the answer is the reason why it could not be, or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    signal.alarm(_LIMIT_S)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            item.write(path)
    except Exception as problem:
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True)
        return f"{type(problem).__name__}: {problem}"[:200]
    finally:
        signal.alarm(0)
    return "" if path.exists() else "nothing was written"


def _versions(libraries: set[str]) -> dict[str, str]:
    found = {}
    for library in sorted(libraries):
        with contextlib.suppress(PackageNotFoundError):
            found[library] = version(_DISTRIBUTIONS.get(library, library))
    return found


def build(out: Path, parts: list[str]) -> dict[str, Any]:
    """Write all parts and the index; return the index."""
    files, skipped = [], []
    for part in parts:
        module = importlib.import_module(f"honest.{part}")
        for item in module.items():
            path = place(item, out)
            reason = _write(item, path)
            row = {"library": item.library, "subject": item.subject, "own": item.own}
            row |= {"path": str(path.relative_to(out)), "half": half(item.library, item.subject)}
            if reason:
                skipped.append(row | {"reason": reason})
                print("skipped", row["path"], reason, file=sys.stderr)
            else:
                files.append(row | {"folder": path.is_dir()})
    tuned = {f["library"] for f in files if f["half"] == "tune"}
    index = {
        "files": files,
        "skipped": skipped,
        "only_held": sorted({f["library"] for f in files} - tuned),
        "versions": _versions({f["library"] for f in files}),
        "python": sys.version.split()[0],
    }
    (out / "index.json").write_text(json.dumps(index, indent=1))
    return index


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", action="append", choices=PARTS)
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("took too long")))
    index = build(options.out.resolve(), options.part or list(PARTS))
    halves = [sum(f["half"] == h for f in index["files"]) for h in ("tune", "held")]
    print(f"{halves[0]} to tune on, {halves[1]} held, {len(index['skipped'])} skipped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
