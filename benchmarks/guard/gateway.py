"""What the gateway costs: short requests with and without it, requests a second, time to the first text.

    python benchmarks/guard/gateway.py [--weights FOLDER]

Upstream, gateway and clients share the machine, so requests a second are of all three together.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import httpx2
from soaking.processes import serving
from soaking.world import PATHS, request, text_of
from speed import quantiles

POLICY = "version: 1\nname: default\n"
_WORDS = [
    "river",
    "lamp",
    "garden",
    "winter",
    "paper",
    "stone",
    "bridge",
    "letter",
    "morning",
    "kitchen",
    "engine",
    "market",
]


def short(rng: random.Random) -> str:
    """A short honest question that was not asked before."""
    return (
        f"What rhymes with {rng.choice(_WORDS)} and {rng.choice(_WORDS)}, for verse {rng.randrange(10**6)}?"
    )


async def measure(upstream: str, gateway: str) -> dict[str, Any]:
    """All figures; the two ways alternate, so that other work on the machine meets both."""
    rng = random.Random(2)
    times: dict[str, list[float]] = {"direct": [], "guarded": []}
    async with httpx2.AsyncClient(timeout=60) as client:
        for _ in range(300):
            for name, base in (("direct", upstream), ("guarded", gateway)):
                times[name].append(await _asked(client, base, short(rng)))
        rate = await _rate(client, gateway, rng, 6.0)
        first = {
            name: await _first(client, base, rng)
            for name, base in (("direct", upstream), ("guarded", gateway))
        }
    found: dict[str, Any] = {name: quantiles(some) for name, some in times.items()}
    found["overhead"] = {p: round(found["guarded"][p] - found["direct"][p], 2) for p in found["direct"]}
    return found | {"per_second": rate, "first_text_ms": first}


async def _asked(client: httpx2.AsyncClient, base: str, text: str) -> float:
    body = json.dumps(request("openai_chat", "ok", False, text)).encode()
    began = time.perf_counter()
    answer = await client.post(
        base + PATHS["openai_chat"], content=body, headers={"content-type": "application/json"}
    )
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(
            f"An honest short request was answered with {answer.status_code}: {answer.text[:200]}"
        )
    return took


async def _rate(client: httpx2.AsyncClient, base: str, rng: random.Random, seconds: float) -> float:
    until, done = time.perf_counter() + seconds, 0

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await _asked(client, base, short(rng))
            done += 1

    await asyncio.gather(*(one() for _ in range(16)))
    return round(done / seconds, 1)


async def _first(client: httpx2.AsyncClient, base: str, rng: random.Random) -> dict[str, float]:
    """Until the first text of a stream whose upstream sends a piece every 20 to 150 ms."""
    times = []
    for _ in range(12):
        body = json.dumps(request("openai_chat", "slow", True, short(rng))).encode()
        began, data = time.perf_counter(), b""
        headers = {"content-type": "application/json"}
        async with client.stream(
            "POST", base + PATHS["openai_chat"], content=body, headers=headers
        ) as answer:
            async for part in answer.aiter_raw():
                data += part
                if text_of("openai_chat", True, data[: data.rfind(b"\n\n") + 2]):
                    times.append(time.perf_counter() - began)
                    break
    return quantiles(times)


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(asyncio.run(_measured(options.weights, Path(name)))))


async def _measured(weights: str, folder: Path) -> dict[str, Any]:
    async with serving(folder, POLICY, weights) as running:
        return await measure(running.model, running.base)


if __name__ == "__main__":
    main()
