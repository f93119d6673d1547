"""Measured lines → two pages: what was found at a glance, and every line with its intervals. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ["full", "interval", "summary"]

_FINDS = 0.1
"""Share of the poison from which a tool is said to find anything, by its decision or at 1 % of false positives."""
_DROWNED = 0.05
"""Share of honest records beside which a decision is none: it flags most of everything."""
Key = tuple[str, str, str, float, int]


def interval(k: int, n: int) -> str:
    """A share with its Wilson interval, 95 %."""
    if not n:
        return "–"
    z, p = 1.96, k / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return f"{_share(p)} ({_share(max(0, low))}–{_share(min(1, high))})"


def _share(p: float) -> str:
    return f"{100 * p:.0f}" if p in (0, 1) or 100 * p >= 10 else f"{100 * p:.1f}"


class Pooled:
    """All seeds of one attack, at one rate, by one tool."""

    def __init__(self, lines: Sequence[dict]) -> None:
        self.failed = [x for x in lines if "failed" in x]
        good = [x for x in lines if "failed" not in x]
        self.sets, self.lines = len(good), good
        self.bad, self.honest, self.hits, self.false = (
            sum(x[k] for x in good) for k in ("bad", "honest", "hits", "false")
        )
        self.at = {rate: sum(x["at"][rate] for x in good) for rate in ("0.001", "0.01")}
        told = [x["named"] for x in good if x.get("named") is not None]
        self.named, self.nameable = sum(told), len(told)
        self.cpu = float(np.median([x["cpu"] for x in good])) if good else math.nan
        peaks = [x["peak"] for x in good if x.get("peak")]
        self.peak = float(np.median(peaks)) if peaks else math.nan
        self.alarms = sum(x["false"] > 0 for x in good)

    @property
    def finds(self) -> bool:
        """Whether it finds anything that is worth the name."""
        decided = self.hits >= _FINDS * self.bad and self.false <= _DROWNED * self.honest
        return bool(self.bad) and (decided or self.at["0.01"] >= _FINDS * self.bad)

    @property
    def found(self) -> float:
        """Share found at one false positive in a thousand."""
        return self.at["0.001"] / self.bad if self.bad else 0.0


def pooled(lines: Iterable[dict], *, by_source: bool) -> dict[Key, dict[str, Pooled]]:
    """Family, source, attack, rate and size → tool → its seeds."""
    groups: dict[Key, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        a = line["about"]
        source = a["source"] if by_source or a["attack"] == "clean" else ""
        groups[a["family"], source, a["attack"], a["rate"], a["size"]][line["tool"]].append(line)
    return {key: {t: Pooled(x) for t, x in tools.items()} for key, tools in groups.items()}


def _rate(family: str, rate: float) -> str:
    if not rate:
        return "0"
    return (
        f"{rate:.2%}".replace("0%", "%").replace("%", " %")
        if family in ("images", "text", "table")
        else f"{rate:g}"
    )


def summary(lines: Sequence[dict]) -> list[str]:
    """The tables at a glance: ours beside the best peer, then the clean sets."""
    rows = [
        "| Data | Attack | Poison | Found, own decision | False | Named | At 0.1 % FPR | Best peer at 0.1 % FPR | CPU s, peer's |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    groups = pooled(lines, by_source=False)
    for (family, _, attack, rate, size), tools in groups.items():
        ours = tools.get("ours")
        if attack == "clean" or not ours or not ours.sets:
            continue
        data = f"{family}, {size:,}" if size else family
        rows.append(
            f"| {data} | {attack} | {_rate(family, rate)} | {interval(ours.hits, ours.bad)} "
            f"| {ours.false} of {ours.honest:,} | {f'{ours.named} of {ours.nameable}' if ours.nameable else '–'} "
            f"| {interval(ours.at['0.001'], ours.bad)} | {_peer(tools)} | {_times(tools)} |"
        )
    return [*rows, "", *_clean(groups)]


def _peer(tools: dict[str, Pooled]) -> str:
    peers = {t: p for t, p in tools.items() if not t.startswith("ours") and p.sets}
    if not peers:
        return "not run"
    best = max(peers, key=lambda t: (peers[t].found, peers[t].at["0.01"], t))
    text = f"{_share(peers[best].found)} ({best}, {peers[best].bad})"
    ours = tools["ours"]
    same = [x for x in ours.lines if x["case"] in {y["case"] for y in peers[best].lines}]
    mine = sum(x["at"]["0.001"] for x in same)
    return f"**{text}**" if mine < peers[best].at["0.001"] else text


def _times(tools: dict[str, Pooled]) -> str:
    """Our time, and that of the fastest peer that finds anything, on the same cases."""
    ours = tools["ours"]
    text = f"{ours.cpu:.1f}"
    finding = {t: p for t, p in tools.items() if not t.startswith("ours") and p.finds}
    if not finding:
        return f"{text}, –"
    fastest = min(finding, key=lambda t: finding[t].cpu)
    return f"{text}, {finding[fastest].cpu:.1f} ({fastest}: {finding[fastest].cpu / ours.cpu:.1f} times)"


def _clean(groups: dict[Key, dict[str, Pooled]]) -> list[str]:
    rows = ["| Clean data | Tool | Sets with an alarm | Records flagged |", "|---|---|---|---|"]
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (family, source, attack, _, size), tools in groups.items():
        if attack != "clean":
            continue
        data = f"{family}: {source}, {size:,}" if size else f"{family}: {source}"
        for tool, one in tools.items():
            if not one.sets or tool == "ours, label_errors alone":
                continue
            rows.append(
                f"| {data} | {tool} | {one.alarms} of {one.sets} | {_flagged(one.false, one.honest)} |"
            )
            if tool == "ours":
                totals[tool] = [
                    a + b
                    for a, b in zip(totals[tool], (one.alarms, one.sets, one.false, one.honest), strict=True)
                ]
    for tool, (alarms, sets, false, honest) in totals.items():
        rows.append(
            f"| **all** | {tool} | {alarms} of {sets}: {interval(alarms, sets)} % | {_flagged(false, honest)} |"
        )
    return rows


def _flagged(false: int, honest: int) -> str:
    return f"{false:,} of {honest:,} ({100 * false / honest:.3f} %)"


def full(lines: Sequence[dict]) -> list[str]:
    """Every attack, rate, source and tool, seeds pooled."""
    rows = [
        "| Data | Attack | Poison | Tool | Sets | Found, own decision | False, own decision | Named | TPR at 0.1 % | TPR at 1 % | CPU s | MiB |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (family, source, attack, rate, size), tools in sorted(pooled(lines, by_source=True).items()):
        data = f"{family}: {source}, {size:,}" if size else f"{family}: {source}"
        for tool, one in tools.items():
            if one.failed:
                rows.append(
                    f"| {data} | {attack} | {_rate(family, rate)} | {tool} | {len(one.failed)} failed |"
                )
            if not one.sets:
                continue
            rows.append(
                f"| {data} | {attack} | {_rate(family, rate)} | {tool} | {one.sets} "
                f"| {interval(one.hits, one.bad)} | {_flagged(one.false, one.honest)} "
                f"| {f'{one.named} of {one.nameable}' if one.nameable else '–'} "
                f"| {interval(one.at['0.001'], one.bad)} | {interval(one.at['0.01'], one.bad)} "
                f"| {one.cpu:.1f} | {'–' if math.isnan(one.peak) else f'{one.peak:,.0f}'} |"
            )
    return rows
