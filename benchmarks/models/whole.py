"""Scan the whole corpus with our scanner alone, and list what it missed and where it alarmed.

    python benchmarks/models/whole.py --honest DIR --hostile DIR --out whole.json

One process for each technique and each library. An outcome is one of dangerous, unknown (a name or part that is on no
list), inconclusive (not covered, and nothing named), clean, nothing (in no format that is known), failed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from process import TIMEOUT, run

Row = dict[str, Any]
_LIMIT_S = 120.0


def _scan(folder: Path) -> list[Row] | None:
    """Scan a folder; nothing if the scanner failed or took too long."""
    with tempfile.TemporaryDirectory() as home:
        out = Path(home) / "report.json"
        command = [sys.executable, "-m", "assaymark", "scan", str(folder), "--format", "json", "--quiet"]
        ran = run([*command, "--out", str(out)], _LIMIT_S, Path(home))
        if ran.code == 3:
            return []
        if ran.code in (1, 2, TIMEOUT) or not out.exists():
            print("failed:", folder, ran.code, ran.out[-300:], file=sys.stderr)
            return None
        return json.loads(out.read_text(encoding="utf-8"))["files"]


def _outcome(files: list[Row]) -> str:
    levels = {h["level"] for f in files for h in f["hazards"]}
    for level in ("dangerous", "unknown"):
        if level in levels:
            return level
    if any(f["verdict"] == "inconclusive" for f in files):
        return "inconclusive"
    return "clean" if files else "nothing"


def _reasons(files: list[Row]) -> list[str]:
    named = {
        f"{h['rule']} {h.get('subject') or ''}".strip()
        for f in files
        for h in f["hazards"]
        if h["level"] != "note"
    }
    return sorted(named)[:4] + [hole["reason"][:120] for f in files for hole in f["holes"]][:2]


def scanned(root: Path) -> list[Row]:
    """Give each row of the corpus's index its outcome."""
    rows = json.loads((root / "index.json").read_text(encoding="utf-8"))["files"]
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups["/".join(row["path"].split("/")[:2])].append(row)
    for group, members in groups.items():
        files = _scan(root / group)
        below: dict[str, list[Row]] = defaultdict(list)
        for file in files or []:
            parts = f"{group}/{file['path']}".split("/")
            for end in range(1, len(parts) + 1):
                below["/".join(parts[:end])].append(file)
        for row in members:
            found = below[row["path"]]
            row |= {"outcome": "failed" if files is None else _outcome(found), "reasons": _reasons(found)}
    return rows


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--honest", type=Path, required=True)
    parser.add_argument("--hostile", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    result = {"honest": scanned(options.honest.resolve()), "hostile": scanned(options.hostile.resolve())}
    options.out.write_text(json.dumps(result))
    for kind, rows in result.items():
        outcomes: dict[str, int] = defaultdict(int)
        for row in rows:
            outcomes[f"{row['half']} {row.get('label', kind)} {row['outcome']}"] += 1
        print(kind, dict(sorted(outcomes.items())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
