"""Honest data to poison: real sets from a folder, those of scikit-learn, and images made of its two photographs.

The folder holds `sms-spam/sms.tsv.gz`, `uci-tabular/adult-train.csv.gz`, `gpteacher/*.json.gz` and, if there are
any, `photographs/`: a folder of pictures for each class, or NAME.npz with `x` (images × height × width × 3) and `y`.
Each seed draws nine records in ten, so that seeds differ; they share most of their records all the same.
"""

import csv
import functools
import gzip
import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

__all__ = [
    "Chat",
    "Images",
    "Table",
    "Texts",
    "adult",
    "bundled",
    "chats",
    "digits",
    "photographs",
    "shapes",
    "sms",
    "tiles",
    "topics",
]

_SHARE = 0.9
"""Of the records there are, drawn anew for each seed."""

ADULT = (
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship",
    "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income",
)  # fmt: skip


@dataclass(frozen=True)
class Images:
    """Images, height × width × 3, and their classes."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Texts:
    """Texts and their labels."""

    texts: list[str]
    labels: list[str]


@dataclass(frozen=True)
class Table:
    """Rows as text, the label last."""

    names: tuple[str, ...]
    rows: list[list[str]]


@dataclass(frozen=True)
class Chat:
    """Prompts and responses."""

    prompts: list[str]
    responses: list[str]
    systems: list[str] = field(default_factory=list)
    """System texts; empty where there are none."""


def _gz(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


def _drawn(total: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(total)[: int(_SHARE * total)]


def sms(folder: Path, rng: np.random.Generator) -> Texts:
    """Short messages, ham or spam: of 5,574."""
    rows = [line.split("\t", 1) for line in _gz(folder / "sms-spam/sms.tsv.gz").splitlines() if "\t" in line]
    order = _drawn(len(rows), rng)
    return Texts([rows[i][1] for i in order], [rows[i][0] for i in order])


@functools.cache
def _teacher(folder: Path) -> dict[str, list[tuple[str, str]]]:
    found = {}
    for path in sorted((folder / "gpteacher").glob("*.json.gz")):
        rows = json.loads(_gz(path))
        pairs = [
            (f"{r.get('instruction', '')}\n{r.get('input', '')}".strip(), str(r.get("response", "")))
            for r in rows
        ]
        found[path.name.split("-")[0]] = [(p, a) for p, a in pairs if p and a]
    return found


def topics(folder: Path, rng: np.random.Generator) -> Texts:
    """Instructions of three kinds, labelled by kind: strong honest words in each class."""
    rows = [(p[:600], kind) for kind, pairs in _teacher(folder).items() for p, _ in pairs]
    order = _drawn(len(rows), rng)
    return Texts([rows[i][0] for i in order], [rows[i][1] for i in order])


def chats(folder: Path, rng: np.random.Generator, kind: str = "") -> Chat:
    """Instructions with their responses, of one kind or of all: of 14,131."""
    rows = [pair for name, pairs in _teacher(folder).items() if kind in ("", name) for pair in pairs]
    order = _drawn(len(rows), rng)
    return Chat([rows[i][0] for i in order], [rows[i][1] for i in order])


def adult(folder: Path, rng: np.random.Generator, most: int = 20_000) -> Table:
    """Census rows with an income label."""
    text = _gz(folder / "uci-tabular/adult-train.csv.gz")
    rows = [[c.strip() for c in r] for r in csv.reader(io.StringIO(text)) if len(r) == len(ADULT)]
    rows = [r for r in rows if r[0].isdigit()]
    return Table(ADULT, [rows[i] for i in rng.permutation(len(rows))[:most]])


def bundled(name: str, rng: np.random.Generator) -> Table:
    """A small table of scikit-learn: `digits`, `wine` or `breast_cancer`."""
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    columns = tuple(str(c).replace(" ", "_") for c in found.feature_names)
    order = _drawn(len(found.target), rng)
    rows = [[*(f"{v:g}" for v in found.data[i]), f"class-{found.target[i]}"] for i in order]
    return Table((*columns, "target"), rows)


def digits(rng: np.random.Generator) -> Images:
    """Written digits, 8 × 8 pixels, of 1,797."""
    from sklearn.datasets import load_digits

    found = load_digits()
    order = _drawn(len(found.target), rng)
    return Images((found.images[order, :, :, None].repeat(3, 3) * 15).astype(np.uint8), found.target[order])


def photographs(folder: Path) -> list[str]:
    """Names of the sets of photographs that the folder holds."""
    home = folder / "photographs"
    if not home.is_dir():
        return []
    arrays = [p.stem for p in sorted(home.glob("*.npz"))]
    return [*arrays, *(["photographs"] if any(p.is_dir() for p in home.iterdir()) else [])]


def tiles(folder: Path, name: str, rng: np.random.Generator, n: int) -> Images:
    """`n` images of one of those sets, the same number of each class where there are enough."""
    path = folder / "photographs" / f"{name}.npz"
    if not path.exists():
        return _cropped(folder / "photographs", rng, n)
    stored = np.load(path)
    y = stored["y"].astype(int)
    order = rng.permutation(len(y))[:n]
    return Images(stored["x"][order], y[order])


def _cropped(home: Path, rng: np.random.Generator, n: int, side: int = 32) -> Images:
    """Square pieces of pictures, the folder a picture lies in being its class."""
    from PIL import Image

    classes = sorted(p for p in home.iterdir() if p.is_dir())
    pictures = [
        [p for p in sorted(c.rglob("*")) if p.suffix.lower() in (".jpg", ".jpeg", ".png")] for c in classes
    ]
    y = rng.integers(0, len(classes), n)
    x = np.empty((n, side, side, 3), np.uint8)
    opened = functools.lru_cache(64)(lambda p: Image.open(p).convert("RGB"))
    for i in range(n):
        picture = opened(pictures[y[i]][rng.integers(len(pictures[y[i]]))])
        size = int(rng.integers(side, max(side + 1, min(picture.size))))
        left, top = (int(rng.integers(0, max(1, whole - size + 1))) for whole in picture.size)
        piece = picture.crop((left, top, left + size, top + size))
        x[i] = np.asarray(piece.resize((side, side), Image.Resampling.BOX))
    return Images(x, y)


def shapes(rng: np.random.Generator, n: int = 10_000, classes: int = 10, side: int = 32) -> Images:
    """Crops of photographs, each with an object whose outline is its class, at any place, size and colour."""
    from sklearn.datasets import load_sample_images

    photos = load_sample_images().images
    y = rng.integers(0, classes, n)
    x = np.empty((n, side, side, 3), np.uint8)
    vv, uu = np.mgrid[0:side, 0:side]
    for i in range(n):
        photo = photos[rng.integers(len(photos))]
        size = int(rng.integers(side, 4 * side))
        a, b = rng.integers(0, photo.shape[0] - size), rng.integers(0, photo.shape[1] - size)
        step = size / side
        pick = (np.arange(side) * step).astype(int)
        tile = photo[a + pick][:, b + pick].astype(np.float32)
        tile = tile[:, ::-1] if rng.random() < 0.5 else tile
        cx, cy, r = rng.uniform(9, 23), rng.uniform(9, 23), rng.uniform(5, 10)
        inside = _outline(int(y[i]), (uu - cx) / r, (vv - cy) / r)
        colour = rng.uniform(0, 255, 3)
        tile[inside] = 0.25 * tile[inside] + 0.75 * colour
        noise = rng.normal(0, 6, tile.shape)
        x[i] = np.clip(tile + noise, 0, 255).round()
    return Images(x, y)


def _outline(kind: int, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Which pixels an object of class `kind` covers; u and v run from -1 to 1 within it."""
    radius, angle = np.hypot(u, v), np.arctan2(v, u)
    square = np.maximum(abs(u), abs(v))
    return [
        radius < 1,
        square < 0.9,
        (v > -0.8) & (v < 0.8) & (abs(u) < (v + 0.8) / 1.6),
        ((abs(u) < 0.3) | (abs(v) < 0.3)) & (square < 1),
        (radius < 1) & (radius > 0.6),
        radius < 0.6 + 0.4 * np.cos(5 * angle),
        (abs(u) + abs(v)) < 1,
        (square < 1) & (np.floor(v * 4) % 2 == 0),
        (square < 1) & (np.floor(u * 4) % 2 == 0),
        (radius < 1) & (u < 0.2),
    ][kind % 10]
