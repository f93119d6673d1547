"""Poisoned images: what is published of such attacks, in our own code; seeded."""

import io
from dataclasses import dataclass

import numpy as np
from benchmarks.data.sources import Images

__all__ = ["ATTACKS", "Poisoned", "poison_images"]

ATTACKS = (
    "patch",
    "patch, JPEG 75",
    "blend",
    "sinusoid, clean label",
    "adaptive blend with cover",
    "random place",
    "warp",
)
"""The last is a known miss of everything that looks for one additive pattern."""


@dataclass(frozen=True)
class Poisoned:
    """The data with the poison in it, and which records it is."""

    data: object
    bad: np.ndarray
    cover: np.ndarray
    """Bearers of the trigger with an honest label: neither to be found nor to be counted as false."""


def poison_images(clean: Images, attack: str, rate: float, rng: np.random.Generator) -> Poisoned:
    """`clean` with a share `rate` poisoned towards class 0."""
    x, y = clean.x.copy(), clean.y.copy()
    n = len(y)
    bad, cover = np.zeros(n, bool), np.zeros(n, bool)
    count = max(1, round(rate * n))
    pool = np.flatnonzero(y == 0) if "clean label" in attack else np.flatnonzero(y != 0)
    chosen = rng.choice(pool, min(count, len(pool)), replace=False)
    bad[chosen] = True
    stamp = _stamp(attack, x.shape[1], rng)
    x[chosen] = stamp(x[chosen])
    y[chosen] = 0
    if "cover" in attack:
        others = rng.choice(np.flatnonzero(~bad), count, replace=False)
        cover[others] = True
        x[others] = stamp(x[others])
    return Poisoned(Images(x, y), bad, cover)


def _stamp(attack: str, side: int, rng: np.random.Generator):
    pattern = rng.integers(0, 2, (3, 3, 3)) * 255
    picture = _smooth(rng, side)
    match attack:
        case "patch":
            return lambda x: _patched(x, pattern, [(side - 4, side - 4)] * len(x))
        case "patch, JPEG 75":
            return lambda x: _jpeg(_patched(x, pattern, [(side - 4, side - 4)] * len(x)))
        case "random place":
            return lambda x: _patched(x, pattern, [tuple(rng.integers(0, side - 3, 2)) for _ in x])
        case "blend":
            return lambda x: _rounded(0.8 * x + 0.2 * picture)
        case "sinusoid, clean label":
            wave = 20 * np.sin(2 * np.pi * 6 * np.arange(side) / side)
            return lambda x: _rounded(x + wave[None, None, :, None])
        case "adaptive blend with cover":
            return lambda x: np.stack([_half(one, picture, rng) for one in x]) if len(x) else x
        case _:
            flow = np.stack([_smooth(rng, side)[..., 0] for _ in range(2)]) / 127.5 - 1
            return lambda x: _warped(x, 1.5 * flow)


def _rounded(x: np.ndarray) -> np.ndarray:
    return np.clip(x, 0, 255).round().astype(np.uint8)


def _patched(x: np.ndarray, pattern: np.ndarray, places: list) -> np.ndarray:
    x = x.copy()
    for i, (a, b) in enumerate(places):
        x[i, a : a + 3, b : b + 3] = pattern
    return x


def _smooth(rng: np.random.Generator, side: int) -> np.ndarray:
    """A picture of soft blots, 0 to 255."""
    coarse = rng.uniform(0, 255, (5, 5, 3))
    at = np.linspace(0, 3.999, side)
    low = at.astype(int)
    part = (at - low)[:, None, None]
    rows = coarse[low] * (1 - part) + coarse[low + 1] * part
    part = (at - low)[None, :, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def _half(one: np.ndarray, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random half of the picture's sixteen tiles, blended in."""
    tiles = rng.permutation(16).reshape(4, 4) < 8
    mask = np.kron(tiles, np.ones((one.shape[0] // 4, one.shape[1] // 4)))[..., None] * 0.15
    return _rounded(one * (1 - mask) + picture * mask)


def _warped(x: np.ndarray, flow: np.ndarray) -> np.ndarray:
    side = x.shape[1]
    vv, uu = np.mgrid[0:side, 0:side]
    v = np.clip(np.round(vv + flow[0]), 0, side - 1).astype(int)
    u = np.clip(np.round(uu + flow[1]), 0, side - 1).astype(int)
    return x[:, v, u]


def _jpeg(x: np.ndarray, quality: int = 75) -> np.ndarray:
    from PIL import Image

    made = []
    for one in x:
        buffer = io.BytesIO()
        Image.fromarray(one).save(buffer, "JPEG", quality=quality)
        made.append(np.asarray(Image.open(io.BytesIO(buffer.getvalue()))))
    return np.stack(made) if made else x
