"""Write the hostile half of the corpus: no library saves it, and nothing of it is run.

    python benchmarks/models/generate.py --out DIR --seed 1

Each file goes to `DIR/shown/TECHNIQUE/NUMBER/NAME` or `DIR/held/...`; `DIR/index.json` says what it is.
A number may be a folder of several files: then the folder is the model. Three in ten techniques are `held`:
the scanner's authors do not test on them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from hostile.sample import TECHNIQUES, Sample, half

from hostile import (
    calls,
    containers,
    folders,
    keras_files,
    machine,
    novel,
    onnx_files,
    others,
    shapes,
    templates,
)

MODULES = (calls, machine, shapes, containers, templates, keras_files, onnx_files, folders, others, novel)
"""All of them are imported so that their techniques are listed."""


def write(folder: Path, sample: Sample) -> Path:
    """Write a sample below its own folder and say what is to be scanned."""
    if isinstance(sample.content, bytes):
        folder.mkdir(parents=True)
        path = folder / sample.name
        path.write_bytes(sample.content)
        return path
    for name, data in sample.content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def generate(out: Path, seed: int) -> list[dict[str, Any]]:
    """Write all samples; return the rows of the index."""
    rows = []
    for technique in TECHNIQUES:
        rng = random.Random(f"{seed} {technique.id}")
        for number, sample in enumerate(technique.make(rng)):
            path = write(out / half(technique.id) / technique.id / f"{number:03}", sample)
            row = {"path": str(path.relative_to(out)), "half": half(technique.id), "group": technique.group}
            row |= {"technique": technique.id, "label": sample.label, "unknown": sample.unknown}
            rows.append(row | {"note": sample.note, "folder": path.is_dir()})
    return rows


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.out.exists() and any(options.out.iterdir()):
        parser.error(f"{options.out} is not empty")
    options.out.mkdir(parents=True, exist_ok=True)
    rows = generate(options.out.resolve(), options.seed)
    (options.out / "index.json").write_text(json.dumps({"seed": options.seed, "files": rows}, indent=1))
    halves, labels = Counter(r["half"] for r in rows), Counter(r["label"] for r in rows)
    print(f"{len(rows)} samples of {len(TECHNIQUES)} techniques: {dict(labels)}, {dict(halves)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
