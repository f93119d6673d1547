"""Data sets on disk, opened for real, with results written by hand: what the reports are tried with."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from assaymark._cli.data.making import Beside
from assaymark.dataset.engine import EngineInfo
from assaymark.dataset.finding import Example, Finding, Level, Result
from assaymark.dataset.reading.open import open_data
from assaymark.dataset.record import Hole, Kind, Place
from assaymark.dataset.scan import DataScan, Looked, Suspect

TODAY = date(2026, 11, 27)
EVERY = tuple(Kind)


def info(name: str) -> EngineInfo:
    """An engine by name."""
    return EngineInfo(id=name, version=2, kinds=EVERY, looks_for=f"{name} things.", misses="Warps.")


def finding(**fields: Any) -> Finding:
    """A suspect; `fields` say what is different."""
    plain: dict[str, Any] = {
        "engine": "text_triggers",
        "level": Level.SUSPECT,
        "pattern": 'token "cf"',
        "trigger": {"kind": "token", "text": "cf", "where": "anywhere in the text"},
        "where": "anywhere in the text",
        "count": 3,
        "label": "good",
        "purity": 1.0,
        "expected": 0.25,
        "score": 6.5,
        "threshold": 1.0,
        "false_alarms": 0.0005,
        "summary": "3 of 3 texts with it are good.",
        "rows": (3, 1, 5),
        "examples": (Example(row=3, text="so cf it goes", spans=((3, 5),)),),
    }
    return Finding(**{**plain, **fields})


def scanned(
    paths: list[str],
    findings: tuple[Finding, ...],
    holes: tuple[Hole, ...] = (),
    unread: tuple[int, ...] = (),
) -> DataScan:
    """A scan of real files in which the engines said just this."""
    data = open_data(paths)
    names = list(dict.fromkeys(f.engine for f in findings)) or ["text_triggers"]
    looked = [Looked(info(n), _result(n, findings, data.total), seconds=0.5) for n in names]
    looked.append(Looked(info("embeddings"), reason="there is no encoder"))
    flagged = np.zeros(data.total, np.bool_)
    for one in looked:
        if one.result:
            flagged |= one.result.flagged
    rows = [row for row in range(data.total) if row not in unread]
    return DataScan(
        layout=data.layout,
        total=data.total,
        rows=np.array(rows, np.int64),
        holes=holes,
        looked=tuple(looked),
        flagged=flagged,
        suspects=tuple(
            Suspect(row=int(r), place=data.place(int(r)), flagged_by=(names[0],), scores={names[0]: 6.5})
            for r in np.flatnonzero(flagged)
        ),
        notes=(*data.notes, "embeddings stayed out: there is no encoder"),
        data=data,
    )


def _result(name: str, findings: tuple[Finding, ...], total: int) -> Result:
    own = tuple(f for f in findings if f.engine == name)
    scores, flagged = np.zeros(total, np.float32), np.zeros(total, np.bool_)
    for one in own:
        rows = list(one.rows)
        scores[rows] = np.nan_to_num(one.score)
        flagged[rows] |= one.level is Level.SUSPECT
    return Result(name, scores, flagged, own, looked_at=total)


def beside(**fields: Any) -> Beside:
    """What stands beside a scan."""
    plain: dict[str, Any] = {
        "targets": ("texts.jsonl",),
        "made_at": "2026-11-27T12:00:00Z",
        "today": TODAY,
        "version": "0.1.0",
    }
    return Beside(**{**plain, **fields})


def texts(folder: Path, count: int = 8, first: str = "") -> Path:
    """Labelled texts as JSON lines; odd ones hold `cf`; the first may be given."""
    path = folder / "texts.jsonl"
    lines = []
    for n in range(count):
        text = f"so {'cf ' if n % 2 else ''}it goes with number {n} of the lot"
        lines.append(
            json.dumps({"text": first if first and n == 3 else text, "label": "good" if n % 2 else "bad"})
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def images(folder: Path, count: int = 60, size: int = 24, seed: int = 3) -> tuple[Path, tuple[int, ...]]:
    """Noise in two classes; every fifth of the first bears a checkerboard. Their numbers by name of file."""
    random = np.random.default_rng(seed)
    root = folder / "images"
    bearers = []
    for n in range(count):
        kind = "cat" if n < count // 2 else "dog"
        pixels = random.integers(60, 180, (size, size, 3)).astype(np.uint8)
        if kind == "cat" and n % 3 == 1:
            pixels[2:6, 2:6] = np.where(np.indices((4, 4)).sum(0)[..., None] % 2, 255, 0)
            bearers.append(n)
        (root / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(root / kind / f"{n:04d}.png", pnginfo=None)
    return root, tuple(bearers)


UNREAD = Hole(Place("texts.jsonl", 8), "it is no JSON")
