"""How long the whole chain takes by length, how much one core does, how much memory it holds.

    python benchmarks/guard/speed.py [--weights FOLDER] [--texts 200]

One process on one core: front end, detector and rules, each text new, so that nothing is remembered.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from data import held

from assaymark.guard.event import Channel
from assaymark.guard.measure.rows import Row
from assaymark.guard.measure.scoring import measured
from assaymark.guard.measure.wiring import Setup, make_parts

LENGTHS = {"12 tokens": 10, "110 words": 110, "1,000 tokens": 770, "4,000 tokens": 3_080}
"""Name → words; about 1.3 tokens each."""
_SHARES = {"12 tokens": 2.0, "110 words": 1.0, "1,000 tokens": 0.5, "4,000 tokens": 0.25}


def texts(words: int, count: int, channel: Channel, seed: int = 3) -> Iterator[Row]:
    """Honest texts of so many words, put together from sentences of held-back ones; no two are alike."""
    rng = random.Random(seed + words)
    pool = [r.text for r in held() if r.label is False and r.channel is channel and r.text.isascii()]
    for n in range(count):
        made: list[str] = []
        while len(made) < words:
            made += rng.choice(pool).split()
        start = rng.randrange(len(made) - words + 1)
        yield Row(file="speed", line=n, text=" ".join(made[start : start + words]), channel=channel)


def sample(count: int) -> dict[str, list[Row]]:
    """Texts by length: half of them prompts, half of them documents."""
    return {
        name: [
            row
            for channel in (Channel.USER, Channel.DOCUMENT)
            for row in texts(words, max(5, int(count * _SHARES[name] / 2)), channel)
        ]
        for name, words in LENGTHS.items()
    }


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds that half, 95 % and 99 % of the calls keep to."""
    ordered = sorted(seconds)
    at = {p: ordered[min(len(ordered) - 1, int(len(ordered) * p / 100))] * 1000 for p in (50, 95, 99)}
    return {f"p{p}": round(value, 3) for p, value in at.items()}


def timed(rows: Sequence[Row], run: Callable[[Row], object]) -> dict[str, Any]:
    """Wall clock and processor time of one call after another."""
    wall, processor = [], []
    for row in rows:
        cpu, begun = time.process_time(), time.perf_counter()
        run(row)
        wall.append(time.perf_counter() - begun)
        processor.append(time.process_time() - cpu)
    return {
        "texts": len(rows),
        "wall": quantiles(wall),
        "processor": quantiles(processor),
        "per_second": round(len(rows) / sum(processor), 1),
    }


def main() -> None:
    """Measure on one core and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="")
    parser.add_argument("--texts", type=int, default=200)
    options = parser.parse_args()
    rows = sample(options.texts)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    before = _resident()
    begun = time.perf_counter()
    parts = make_parts(Setup(weights=options.weights))
    found: dict[str, Any] = {"load_seconds": round(time.perf_counter() - begun, 2), "lengths": {}}
    for row in texts(40, 20, Channel.USER, seed=99):
        measured(row, parts)
    found["memory_mb"] = {"before": before, "loaded": _resident()}
    for name, some in rows.items():
        found["lengths"][name] = timed(some, lambda row: measured(row, parts))
    found["memory_mb"]["peak"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    print(json.dumps(found))


def _resident() -> float:
    with Path("/proc/self/statm").open() as file:
        return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


if __name__ == "__main__":
    main()
