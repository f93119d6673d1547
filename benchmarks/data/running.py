"""One case: written, scanned, given to the peers, measured. Results are kept, so that a run can go on later."""

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from benchmarks.data.cases import write
from benchmarks.data.image_attacks import Poisoned
from benchmarks.data.naming import named
from benchmarks.data.plan import Case

__all__ = ["Kept", "Tools", "measure"]

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
RATES = (0.001, 0.01)
"""Shares of honest records that may stand above the threshold."""
_LONGEST = 900
"""Seconds after which a tool is stopped."""


@dataclass(frozen=True)
class Tools:
    """Which versions of what are measured."""

    ours: str
    """Digest of the engines' sources; results of other sources are measured anew."""
    peers: str
    """Digest of what runs the peers and of their versions."""
    python: str
    """Of the peers' environment; empty to leave them out."""

    @classmethod
    def of(cls, python: str) -> "Tools":
        """As they are now."""
        source = ROOT / "src" / "assaymark"
        ours = [*(source / "dataset").rglob("*.py"), source / "report" / "data" / "scores.py"]
        makers = [p for p in HERE.glob("*.py") if p.name in _MAKERS]
        return cls(
            _digest([*ours, *makers, HERE / "ours.py"]),
            _digest([*makers, HERE / "peers.py"], _versions(python)),
            python,
        )


_MAKERS = ("cases.py", "chat_attacks.py", "image_attacks.py", "naming.py", "sources.py", "text_attacks.py")


class Kept:
    """Measured lines, one JSON object a line; the last one of a case, a tool and a digest counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cases: dict[tuple[str, str], list[dict]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            self._take(json.loads(line))

    def _take(self, line: dict) -> None:
        of = self._cases.setdefault((line["case"], line["digest"]), [])
        of[:] = [x for x in of if x["tool"] != line["tool"] and "failed" not in x] + [line]

    def add(self, lines: Iterable[dict]) -> None:
        """Keep them on disk."""
        with self._path.open("a", encoding="utf-8") as file:
            for line in lines:
                self._take(line)
                file.write(f"{json.dumps(line)}\n")

    def lines(self, case: Case, digest: str) -> list[dict]:
        """Of a case, all tools that have this digest."""
        return self._cases.get((case.digest, digest), [])

    def good(self, case: Case, digest: str) -> bool:
        """Whether it was measured, and did not fail."""
        return any("failed" not in line for line in self.lines(case, digest))


def measure(case: Case, data: Path, tools: Tools, *, ours: bool, peers: bool) -> list[dict]:
    """Lines of all tools that are asked for."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, made = write(case, data, folder)
        about = {"case": case.digest, "about": asdict(case), "records": len(made.bad)}
        lines = _ours(case, path, made, folder) if ours else []
        lines = [about | line | {"digest": tools.ours} for line in lines]
        if peers:
            source = str(folder / "peers.npz") if case.family == "images" else path
            lines += [
                about | x | {"digest": tools.peers} for x in _peers(case, source, made, folder, tools.python)
            ]
        return lines


def _ours(case: Case, path: str, made: Poisoned, folder: Path) -> list[dict]:
    out = folder / "out.npz"
    error = _run([sys.executable, "-m", "benchmarks.data.ours", path, str(out)])
    if error:
        return [{"tool": "ours", "failed": error}]
    found = np.load(out)
    told = json.loads(str(found["told"]))
    suspects = [f for f in told["findings"] if f["level"] == "suspect"]
    line = _measured(made, found["merged"], found["flagged"]) | {
        "tool": "ours",
        "cpu": float(found["cpu"]),
        "peak": float(found["peak"]),
        "kind": told["kind"],
        "stopped": told["stopped"],
        "seconds": told["seconds"],
        "suspects": len(suspects),
        "patterns": [f"{f['engine']}: {f['pattern']}"[:120] for f in suspects[:4]],
        "explain": len(told["findings"]) - len(suspects),
        "named": _named(made, suspects) if made.truth.nameable else None,
    }
    if case.family not in ("images", "text", "table") or not len(found["labels"]):
        return [line]
    labels = _measured(made, found["labels"], found["contradicted"])
    return [
        line,
        labels | {"tool": "ours, label_errors alone", "cpu": float(found["labels_cpu"]), "peak": None},
    ]


def _named(made: Poisoned, suspects: list[dict]) -> bool:
    planted = made.bad | made.cover
    true = [f for f in suspects if not f["rows"] or planted[f["rows"]].mean() >= 0.5]
    clean = getattr(made.data, "x", None)
    return named(made.truth, true, None if clean is None else clean[~planted])


def _peers(case: Case, source: str, made: Poisoned, folder: Path, python: str) -> list[dict]:
    out = folder / "peers-out.npz"
    error = _run([python, str(HERE / "peers.py"), case.family, source, str(out)])
    if error:
        return [{"tool": "peers", "failed": error}]
    stored = np.load(out)
    return [
        _measured(made, stored[f"{n}|score"], stored[f"{n}|flagged"])
        | {"tool": n, "cpu": float(stored[f"{n}|cpu"]), "peak": float(stored[f"{n}|peak"]), "named": None}
        for n in dict.fromkeys(key.partition("|")[0] for key in stored)
    ]


def _run(command: list[str]) -> str:
    """What went wrong, or nothing."""
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    try:
        done = subprocess.run(
            command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=_LONGEST,
            env={**os.environ, **alone, "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"no answer within {_LONGEST} seconds"
    return done.stderr[-600:] or "failed" if done.returncode else ""


def _measured(made: Poisoned, score: np.ndarray, flagged: np.ndarray) -> dict:
    """Counts only: shares are made of them when cases are pooled."""
    bad, honest = made.bad, ~(made.bad | made.cover)
    above = {str(rate): _above(score, bad, honest, rate) for rate in RATES}
    return {
        "bad": int(bad.sum()), "honest": int(honest.sum()), "hits": int(flagged[bad].sum()),
        "false": int(flagged[honest].sum()), "at": above,
    }  # fmt: skip


def _above(score: np.ndarray, bad: np.ndarray, honest: np.ndarray, rate: float) -> int:
    """Poison that stands above all but a share `rate` of the honest records; ties count as honest."""
    allowed = int(rate * honest.sum())
    limit = np.partition(score[honest], -allowed - 1)[-allowed - 1]
    return int((score[bad] > limit).sum())


def _digest(paths: Iterable[Path], more: str = "") -> str:
    found = hashlib.sha256(more.encode())
    for path in sorted(paths):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _versions(python: str) -> str:
    if not python:
        return ""
    home = next((Path(python).parents[1] / "lib").glob("python*"), None)
    known = importlib.metadata.distributions(path=[str(home / "site-packages")]) if home else ()
    wanted = ("adversarial-robustness-toolbox", "cleanlab", "scikit-learn", "torch")
    return repr(sorted((d.name, d.version) for d in known if d.name in wanted))
