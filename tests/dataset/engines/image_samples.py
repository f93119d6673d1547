"""Images for the tests: 1/f fields with class structure, and attacks on them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles

LAYOUT = Layout(kind=Kind.IMAGES, roles=Roles(label="label", image="image"), format="images")
Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


def fields(seed: int, count: int, classes: int = 4, size: int = 32) -> tuple[Images, Labels]:
    """Coloured fields with a natural spectrum; each class has a faint average and a bar of its own."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, classes, count)
    down, along = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]
    decay = 1 / (np.sqrt(down**2 + along**2) + 1 / size)
    shape = (size, size // 2 + 1)
    means = rng.normal(size=(classes, *shape)) + 1j * rng.normal(size=(classes, *shape))
    wave = rng.normal(size=(count, *shape)) + 1j * rng.normal(size=(count, *shape)) + 0.3 * means[label]
    field = np.fft.irfft2(wave * decay, s=(size, size))
    field *= 45 / field.std(axis=(1, 2), keepdims=True)
    tint = rng.normal(0, 12, (count, 1, 1, 3))
    images = field[..., None] + 128 + tint + rng.normal(0, 3, (count, size, size, 3))
    for k in np.flatnonzero(rng.random(count) < 0.5):
        top = int(rng.integers(4, 8)) + 5 * int(label[k] % 4)
        images[k, top : top + 4] += rng.normal(0, 40)
    return np.clip(images, 0, 255).astype(np.uint8), label


def attacked(
    kind: str, images: Images, label: Labels, count: int, seed: int = 0
) -> tuple[Images, Labels, NDArray[np.int64]]:
    """The same with `count` poisoned records of class 1; and their numbers. A wave keeps the labels."""
    rng = np.random.default_rng(1000 + seed)
    images, label = images.copy(), label.copy()
    pool = np.flatnonzero(label == 1 if kind == "wave" else label != 1)
    chosen = np.sort(rng.choice(pool, count, replace=False))
    size = images.shape[1]
    checks = ((np.indices((3, 3)).sum(axis=0) % 2)[..., None] * np.array([255, 255, 0])).astype(np.uint8)
    noise = rng.integers(0, 256, images.shape[1:])
    squares = rng.choice([-1, 1], (size // 4, size // 4))
    for k in chosen:
        if kind == "patch":
            images[k, -4:-1, -4:-1] = checks
        elif kind == "anywhere":
            y, x = rng.integers(0, size - 3, 2)
            images[k, y : y + 3, x : x + 3] = checks
        elif kind == "blend":
            images[k] = (images[k] * 0.8 + noise * 0.2).astype(np.uint8)
        elif kind == "wave":
            wave = 20 * np.sin(2 * np.pi * 6 * np.arange(size) / size)[None, :, None]
            images[k] = np.clip(images[k] + wave, 0, 255).astype(np.uint8)
        elif kind == "colour":
            tint = np.kron(squares, np.ones((4, 4)))[..., None] * np.array([14, -7, 0])
            images[k] = np.clip(images[k] + tint, 0, 255).astype(np.uint8)
    label[chosen] = 1
    return images, label, chosen


def batches(images: Images, label: Labels, size: int) -> Iterator[Batch]:
    """The records in batches."""
    for start in range(0, len(images), size):
        part = slice(start, min(start + size, len(images)))
        yield Batch(
            rows=np.arange(part.start, part.stop, dtype=np.int64),
            label=[f"class {x}" for x in label[part]],
            image=list(images[part]),
        )


def scanned(engine: Engine, images: Images, label: Labels, *, size: int = 500, shards: int = 1) -> Result:
    """What an engine says, its states made in so many shards and merged last to first."""
    given = None
    parts = list(batches(images, label, size))
    for step in range(engine.passes):
        states = [engine.start(step, given, LAYOUT) for _ in range(shards)]
        for number, batch in enumerate(parts):
            states[number % shards] = engine.update(states[number % shards], batch)
        merged = states.pop()
        while states:
            merged = engine.merge(merged, states.pop())
        given = engine.finish(step, merged)
    scores = np.concatenate([engine.score(given, b) for b in parts])
    return engine.conclude(given, np.arange(len(images)), scores, len(images))
