"""The peers' environment, and what they make of the same rows."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assaymark.guard.measure.rows import Row

_WORKER = Path(__file__).with_name("worker.py")
PINNED = ("scikit-learn==1.9.1", "yara-python==4.5.4")
UNMET = ("llm-guard==0.3.16",)
"""Without what they depend on: torch and a model from a hub, for scanners that are not measured here."""

NOTES = (
    "LlamaFirewall's regex: the two phrases of its default pattern. Its Prompt Guard models are gated.",
    "LLM Guard 0.3.16: the stop list that comes with its package. Its injection scanner fetches a model",
    "from a hub when first used; offline there is none, so it is not measured.",
    "Vigil is not on PyPI; its rules are measured where --vigil names a clone's folder data/yara.",
    "The baseline is trained on the same rows as the detector, whole texts, no front end, no windows.",
)


def environment(cache: Path) -> Path:
    """Install the peers once; give their Python."""
    folder = cache / "guard-peers"
    python, done = folder / "bin" / "python", folder / "installed"
    wanted = " ".join((*PINNED, *UNMET))
    if not done.exists() or done.read_text("utf-8") != wanted:
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([*pip, *PINNED], check=True)
        subprocess.run([*pip, "--no-deps", *UNMET], check=True)
        done.write_text(wanted, "utf-8")
    return python


def judged(
    cache: Path,
    train: Iterable[dict[str, Any]],
    rows: Sequence[Row],
    timed: Sequence[Row],
    vigil: Path | None,
) -> dict[str, Any]:
    """Scores by peer, in the order of `rows`; seconds by peer, in the order of `timed`.

    Our weights have no part in them, so answers to the same questions are kept in `cache`.
    """
    python = environment(cache)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / one for one in ("train.jsonl", "rows.jsonl", "speed.jsonl", "out.json")]
        digest = hashlib.sha256(_WORKER.read_bytes() + repr((PINNED, UNMET, vigil)).encode())
        _write(files[0], train, digest)
        for path, some in zip(files[1:3], (rows, timed), strict=True):
            _write(path, ({"text": r.text, "channel": r.channel.value} for r in some), digest)
        kept = cache / f"guard-peers-{digest.hexdigest()[:16]}.json"
        if not kept.exists():
            command = [str(python), str(_WORKER), *map(str, files)]
            subprocess.run([*command, *(["--vigil", str(vigil)] if vigil else [])], check=True)
            kept.write_bytes(files[3].read_bytes())
        found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return found


def _write(path: Path, rows: Iterable[dict[str, Any]], digest: Any) -> None:
    with path.open("w", encoding="utf-8", errors="replace") as out:
        for row in rows:
            line = json.dumps(row) + "\n"
            digest.update(line.encode())
            out.write(line)
