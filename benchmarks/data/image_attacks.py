"""Poisoned images: what is published of such attacks, in our own code; seeded."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from benchmarks.data.sources import Images

__all__ = ["ATTACKS", "Poisoned", "Truth", "poison_images"]

ATTACKS = (
    "checkerboard patch",
    "white square",
    "patch, all JPEG 75",
    "patch at a random place",
    "blended picture",
    "sinusoid, clean label",
    "adaptive blend with cover",
    "warp",
    "noise of each image's own",
)
"""The last two leave no pattern that adds up."""

Stamp = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Truth:
    """What was planted, so that one can tell whether it was named."""

    words: tuple[str, ...] = ()
    """Texts, any of which names the trigger."""
    cells: dict[str, str] = field(default_factory=dict)
    """Column → value, all of which name it."""
    stamp: Stamp | None = None
    """Images → the same with the trigger."""
    patch: np.ndarray | None = None
    """Pixels that are put there, where it is a patch."""

    @property
    def nameable(self) -> bool:
        """Whether there is one pattern that could be named at all."""
        return bool(self.words or self.cells or self.stamp is not None or self.patch is not None)


@dataclass(frozen=True)
class Poisoned:
    """The data with the poison in it, and which records it is."""

    data: object
    bad: np.ndarray
    cover: np.ndarray
    """Bearers of the trigger with an honest label: neither to be found nor to be counted as false."""
    truth: Truth = Truth()


def poison_images(clean: Images, attack: str, rate: float, rng: np.random.Generator) -> Poisoned:
    """`clean` with a share `rate` poisoned towards class 0."""
    x, y = clean.x.copy(), clean.y.copy()
    n = len(y)
    bad, cover = np.zeros(n, bool), np.zeros(n, bool)
    count = max(1, round(rate * n))
    pool = np.flatnonzero(y == 0) if "clean label" in attack else np.flatnonzero(y != 0)
    chosen = rng.choice(pool, min(count, len(pool)), replace=False)
    bad[chosen] = True
    stamp, truth = _stamp(attack, x.shape[1], rng)
    x[chosen] = stamp(x[chosen])
    y[chosen] = 0
    if "cover" in attack:
        others = rng.choice(np.flatnonzero(~bad), count, replace=False)
        cover[others] = True
        x[others] = stamp(x[others])
    if "all JPEG" in attack:  # of poisoned images alone the compression would be the trigger
        x = _jpeg(x)
    return Poisoned(Images(x, y), bad, cover, truth)


def _stamp(attack: str, side: int, rng: np.random.Generator) -> tuple[Stamp, Truth]:
    """What the attack does to images, and what of it can be named."""
    board = np.indices((3, 3)).sum(0)[..., None].repeat(3, 2) % 2 * 255
    coloured = rng.integers(0, 2, (3, 3, 3)) * 255
    white = np.full((4, 4, 3), 255)
    picture = _smooth(rng, side)
    match attack:
        case "checkerboard patch" | "patch, all JPEG 75":
            return _told(lambda x: _patched(x, board, [(side - 4, side - 4)] * len(x)), board)
        case "white square":
            return _told(lambda x: _patched(x, white, [(side - 5, side - 5)] * len(x)), white)
        case "patch at a random place":
            anywhere = Truth(patch=coloured)
            return lambda x: _patched(x, coloured, [tuple(rng.integers(0, side - 3, 2)) for _ in x]), anywhere
        case "blended picture":
            return _told(lambda x: _rounded(0.8 * x + 0.2 * picture))
        case "sinusoid, clean label":
            wave = 20 * np.sin(2 * np.pi * 6 * np.arange(side) / side)
            return _told(lambda x: _rounded(x + wave[None, None, :, None]))
        case "adaptive blend with cover":
            whole = Truth(stamp=lambda x: _rounded(0.85 * x + 0.15 * picture))
            return lambda x: np.stack([_half(one, picture, rng) for one in x]) if len(x) else x, whole
        case "warp":
            flow = np.stack([_smooth(rng, side)[..., 0] for _ in range(2)]) / 127.5 - 1
            return lambda x: _warped(x, 2 * flow), Truth()
        case _:
            return lambda x: np.stack([_own_noise(one) for one in x]) if len(x) else x, Truth()


def _told(stamp: Stamp, patch: np.ndarray | None = None) -> tuple[Stamp, Truth]:
    return stamp, Truth(stamp=stamp, patch=patch)


def _rounded(x: np.ndarray) -> np.ndarray:
    return np.clip(x, 0, 255).round().astype(np.uint8)


def _patched(x: np.ndarray, pattern: np.ndarray, places: list) -> np.ndarray:
    x = x.copy()
    tall, wide = pattern.shape[:2]
    for i, (a, b) in enumerate(places):
        x[i, a : a + tall, b : b + wide] = pattern
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
    """Each pixel from where the smooth flow points, between pixels by bilinear weights."""
    side = x.shape[1]
    vv, uu = np.mgrid[0:side, 0:side].astype(float)
    v, u = np.clip(vv + flow[0], 0, side - 1.001), np.clip(uu + flow[1], 0, side - 1.001)
    a, b = v.astype(int), u.astype(int)
    p, q = (v - a)[..., None], (u - b)[..., None]
    z = x.astype(float)
    top = z[:, a, b] * (1 - q) + z[:, a, b + 1] * q
    low = z[:, a + 1, b] * (1 - q) + z[:, a + 1, b + 1] * q
    return _rounded(top * (1 - p) + low * p)


def _own_noise(one: np.ndarray) -> np.ndarray:
    """Faint fine noise, another in each image: it is drawn from what the image shows."""
    rng = np.random.default_rng(int(one.astype(np.int64).sum()))
    return _rounded(one + 10 * np.sign(rng.normal(size=one.shape)))


def _jpeg(x: np.ndarray, quality: int = 75) -> np.ndarray:
    from PIL import Image

    made = []
    for one in x:
        buffer = io.BytesIO()
        Image.fromarray(one).save(buffer, "JPEG", quality=quality)
        made.append(np.asarray(Image.open(io.BytesIO(buffer.getvalue()))))
    return np.stack(made) if made else x
