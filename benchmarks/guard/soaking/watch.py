"""What is watched of the gateway's process, and what its counters say."""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

_SAMPLE = re.compile(
    r'^assaymark_guard_requests_total\{protocol="(\w+)",status="(\d+)"\} ([\d.e+]+)$', re.MULTILINE
)


class Point(NamedTuple):
    """The process at one time."""

    seconds: float
    resident_mb: float
    descriptors: int
    threads: int


class Watch:
    """Samples of one process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.began = time.monotonic()
        self.points: list[Point] = []

    async def run(self) -> None:
        """Sample until cancelled or the process is gone."""
        while (point := self.point()) is not None:
            self.points.append(point)
            await asyncio.sleep(0.5)

    def point(self) -> Point | None:
        """The process now."""
        folder = Path(f"/proc/{self.pid}")
        try:
            pages = int((folder / "statm").read_text().split()[1])
            open_ = len(list((folder / "fd").iterdir()))
            threads = len(list((folder / "task").iterdir()))
        except OSError:
            return None
        return Point(time.monotonic() - self.began, pages * os.sysconf("SC_PAGE_SIZE") / 1e6, open_, threads)

    def part(self, first: float, last: float) -> list[Point]:
        """The samples between two shares of the time."""
        end = self.points[-1].seconds
        return [p for p in self.points if first * end <= p.seconds <= last * end]

    def slope(self, first: float) -> float:
        """MB a minute from a share of the time onwards, by least squares."""
        some = self.part(first, 1.0)
        if len(some) < 3:
            return 0.0
        line = statistics.linear_regression([p.seconds / 60 for p in some], [p.resident_mb for p in some])
        return float(line.slope)

    def middle(self, first: float, last: float, what: str) -> float:
        """The median of a part."""
        return float(statistics.median(getattr(p, what) for p in self.part(first, last)))


def counted(metrics: str) -> Counter[tuple[str, int]]:
    """Requests by protocol and status, as the gateway counts them."""
    return Counter({(p, int(s)): int(float(n)) for p, s, n in _SAMPLE.findall(metrics)})


def total(metrics: str, name: str) -> int:
    """The sum of a counter over all its labels."""
    found = re.findall(rf"^assaymark_guard_{name}_total(?:{{[^}}]*}})? ([\d.e+]+)$", metrics, re.MULTILINE)
    return int(sum(map(float, found)))


def differences(
    gateway: Counter[tuple[str, int]], clients: Counter[tuple[str, int]], gone: Counter[str]
) -> list[str]:
    """Where the gateway's counters and the clients' tally cannot both be right.

    A request whose answer no client waited for has a status that only the gateway knows.
    """
    found = [
        f"{protocol} {status}: clients saw {count}, the gateway counts {gateway[protocol, status]}"
        for (protocol, status), count in sorted(clients.items())
        if gateway[protocol, status] < count
    ]
    for protocol in sorted({p for p, _ in gateway} | {p for p, _ in clients} | set(gone)):
        here = sum(n for (p, _), n in gateway.items() if p == protocol)
        there = sum(n for (p, _), n in clients.items() if p == protocol) + gone[protocol]
        if here != there:
            found.append(f"{protocol}: clients sent {there}, the gateway counts {here}")
    return found
