"""The real gateway under load and faults: `make soak`.

    python benchmarks/guard/soak.py --minutes 10

Starts an upstream that misbehaves and the gateway before it, each a process of its own, and many clients that
misbehave too. Exit code 1 if an attack came through, an answer was wrong, counters differ from what clients
saw, memory or file descriptors grew, or the gateway died.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import httpx2
from soaking import clients
from soaking.libraries import Libraries
from soaking.processes import Running, serving
from soaking.watch import Watch, counted, differences, total
from soaking.world import World, request

from assaymark.guard.detector.self_test import SAMPLES
from assaymark.ledger.ledger import Ledger

POLICY = """version: 1
name: soak
channels:
  system: {scan: false}
  assistant: {scan: false}
flow: {undeclared_tools: block, unknown_tools: allow, action: allow}
limits: {body_bytes: 2000000, deadline_ms: 30000, tools: 2000}
upstream: {read_seconds: 3}
"""
HONEST = {
    "user": [
        "Could you suggest a vegetarian dinner for four that takes half an hour?",
        "Please translate this letter to French, keep it under 200 words and use a formal tone.",
        "Which train goes from Hamburg to Vienna without a change?",
        "Summarise the minutes of Monday's meeting in five lines.",
    ],
    "document": [
        "The meeting moved to Thursday. Please bring the budget figures and book the larger room.",
        "Refunds are paid within 14 days. Keep the receipt and the original packaging.",
        "The bridge was opened in 1931 and carries two lanes of traffic and a footway.",
    ],
}
_MOST_MB = 1.10
"""The last fifth of the time may hold so much more memory than the fifth in the middle, and `_SPARE_MB`."""
_SPARE_MB = 12.0
_SPARE_DESCRIPTORS = 24


def main() -> int:
    """Soak, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weights", default="")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(_soak(options, Path(name)))
    for line in _report(found):
        print(line)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 1 if found["faults"] else 0


async def _soak(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    attacks = {
        name: [text for head, bad, text in SAMPLES if bad and head == name] for name in ("user", "document")
    }
    ledger = ("--ledger", str(folder / "ledger"))
    async with serving(folder, POLICY, options.weights, *ledger) as running:
        world = World(running.base, options.seed, HONEST, attacks)
        found: dict[str, Any] = {"doubtful": await _checked(world)}
        watch, began = Watch(running.gateway.pid), time.monotonic()
        await _load(world, watch, running.gateway.pid, options, folder)
        found["seconds"] = round(time.monotonic() - began, 1)
        found |= await _settled(world, watch, running)
        await world.client.aclose()
        running.gateway.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(running.gateway.wait, 30)
        if code not in (0, -signal.SIGTERM):
            world.fault(f"the gateway ended with exit code {code}")
    _ledger(world, folder, found)
    log = (folder / "gateway.log").read_text("utf-8", "replace")
    if "Traceback" in log:
        world.fault(f"the gateway printed a traceback: {log[log.index('Traceback') :]}")
    return found | {"did": dict(world.did), "tried": world.tried, "faults": world.faults}


async def _checked(world: World) -> list[str]:
    """Leave out what the detector misjudges, and say what: a soak is no test of it."""
    before, left = len(world.faults), []

    async def passes(model: str, text: str, result: str | None = None) -> bool:
        body = json.dumps(request("openai_chat", model, False, text, result)).encode()
        return (await clients.told(world, "openai_chat", body, {200, 400}))[0] == 200

    for channel, texts in world.honest.items():
        for text in list(texts):
            asked = (text, None) if channel == "user" else ("Hello.", text)
            if not await passes("ok", *asked):
                texts.remove(text)
                left.append(f"honest: {text}")
    for channel, texts in world.attacks.items():
        for text in list(texts):
            marked = f"{text} ATTACK-000000"
            if await passes("ok", *((marked, None) if channel == "user" else ("Hello.", marked))):
                texts.remove(text)
                left.append(f"attack: {text}")
    for model in list(world.outputs):
        if await passes(model, "Hello."):
            world.outputs.remove(model)
            left.append(f"answer: {model}")
    del world.faults[before:]
    if not all((*world.honest.values(), *world.attacks.values(), world.outputs)):
        raise SystemExit(f"The detector misjudges too much for a soak: {left}")
    return left


async def _load(world: World, watch: Watch, pid: int, options: argparse.Namespace, folder: Path) -> None:
    lives = [asyncio.ensure_future(clients.common(world)) for _ in range(options.clients)]
    lives += [asyncio.ensure_future(clients.always(world, one)) for one in clients.ALWAYS]
    lives += [asyncio.ensure_future(Libraries(world).life()) for _ in range(2)]
    watching = asyncio.ensure_future(watch.run())
    seconds = options.minutes * 60
    await asyncio.sleep(seconds * 0.3)
    await _full_disk(world, pid, min(10.0, seconds * 0.12))
    await asyncio.sleep(max(0.0, seconds * 0.7 - min(10.0, seconds * 0.12)))
    world.stopping = True
    done, late = await asyncio.wait(lives, timeout=75)
    for one in late:
        world.fault("a client was still waiting 75 seconds after the end")
        one.cancel()
    await asyncio.gather(*done, *late, return_exceptions=True)
    watching.cancel()


async def _full_disk(world: World, pid: int, seconds: float) -> None:
    """No file of the gateway can grow for a while: what a full disk does, and no rights are needed for it."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    world.full = True
    before = sum(n for (_, status), n in world.tally.items() if status == 503)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4_096, hard))
    await asyncio.sleep(seconds)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    for _ in range(100):
        await asyncio.sleep(0.1)
        if (await world.client.get("/readyz")).status_code == 200:
            break
    else:
        world.fault("the gateway was not ready 10 seconds after the disk had room again")
    await asyncio.sleep(0.5)
    world.full = False
    world.did["refused while the disk was full"] = (
        sum(n for (_, status), n in world.tally.items() if status == 503) - before
    )


async def _settled(world: World, watch: Watch, running: Running) -> dict[str, Any]:
    """What is left when all clients have gone."""
    await world.client.aclose()
    world.client = httpx2.AsyncClient(base_url=world.gateway)
    for _ in range(100):
        metrics = (await world.client.get("/metrics")).text
        if total(metrics, "requests") >= sum(world.tally.values()) + sum(world.gone.values()):
            break
        await asyncio.sleep(0.1)
    world.faults += differences(counted(metrics), world.tally, world.gone)
    told = (await world.client.get(f"{running.model}/__seen")).json()
    for mark in [one for one in told["attacks"] if one != "ATTACK-000000"][:20]:
        world.fault(f"{mark} reached the upstream")
    if (code := running.gateway.poll()) is not None:
        world.fault(f"the gateway died with exit code {code}")
    if running.upstream.poll() is not None:
        world.fault("the upstream died, so that nothing was tested")
    _grown(world, watch)
    return {
        "requests": {f"{p} {s}": n for (p, s), n in sorted(counted(metrics).items())},
        "clients": {f"{p} {s}": n for (p, s), n in sorted(world.tally.items())},
        "gone": dict(world.gone),
        "decisions": total(metrics, "decisions"),
        "errors": total(metrics, "errors"),
        "upstream": told["requests"],
        "memory": {
            "start_mb": round(watch.points[0].resident_mb, 1),
            "middle_mb": round(watch.middle(0.4, 0.6, "resident_mb"), 1),
            "end_mb": round(watch.middle(0.8, 1.0, "resident_mb"), 1),
            "most_mb": round(max(p.resident_mb for p in watch.points), 1),
            "slope_mb_a_minute": round(watch.slope(0.5), 2),
        },
        "descriptors": {
            "start": watch.points[0].descriptors,
            "most": max(p.descriptors for p in watch.points),
            "after": after.descriptors if (after := watch.point()) else 0,
        },
        "threads": max(p.threads for p in watch.points),
    }


def _grown(world: World, watch: Watch) -> None:
    middle, end = (watch.middle(a, b, "resident_mb") for a, b in ((0.4, 0.6), (0.8, 1.0)))
    if end > middle * _MOST_MB + _SPARE_MB:
        world.fault(f"memory grew from {middle:.0f} MB to {end:.0f} MB")
    after, start = watch.point(), watch.points[0].descriptors
    if after and after.descriptors > start + _SPARE_DESCRIPTORS:
        world.fault(f"file descriptors grew from {start} to {after.descriptors} with no client left")


def _ledger(world: World, folder: Path, found: dict[str, Any]) -> None:
    """Every decision that was counted is written, the full disk notwithstanding."""
    with Ledger.open(folder / "ledger") as ledger:
        found["entries"] = len(ledger)
    if found["entries"] != found["decisions"]:
        world.fault(f"{found['decisions']} decisions were made, {found['entries']} are in the ledger")


def _report(found: dict[str, Any]) -> Iterator[str]:
    memory, open_ = found["memory"], found["descriptors"]
    yield f"{sum(found['requests'].values()):,} requests in {found['seconds']:.0f} s, {found['upstream']:,} reached the upstream."
    for text in found["doubtful"]:
        yield f"Left out, because the detector misjudges it: {text}"
    yield f"{found['tried']:,} attacks sent; {found['decisions']:,} decisions, {found['entries']:,} in the ledger."
    yield ""
    yield f"{'':28} {'gateway':>9} {'clients':>9}"
    for name, count in found["requests"].items():
        yield f"{name:28} {count:>9,} {found['clients'].get(name, 0):>9,}"
    gone = ", ".join(f"{name} {count:,}" for name, count in sorted(found["gone"].items()))
    yield f"Left before an answer, so that only the gateway knows its status: {gone or 'none'}."
    yield ""
    for name, count in sorted(found["did"].items()):
        yield f"{name:34} {count:>7,}"
    yield ""
    yield (
        f"Memory: {memory['start_mb']} MB at first, {memory['middle_mb']} in the middle, {memory['end_mb']} at the"
        f" end, {memory['most_mb']} at most; {memory['slope_mb_a_minute']:+} MB a minute in the second half."
    )
    yield f"Descriptors: {open_['start']} at first, {open_['most']} at most, {open_['after']} at the end. Threads: {found['threads']}."
    yield ""
    for fault in found["faults"][:40]:
        yield f"FAULT {fault}"
    yield f"{len(found['faults'])} faults." if found["faults"] else "No fault."


if __name__ == "__main__":
    raise SystemExit(main())
