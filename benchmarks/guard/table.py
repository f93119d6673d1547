"""Figures → text of at most 100 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from figures import Aim, Line

from assaymark.guard.measure.intervals import Share
from assaymark.guard.measure.roc import Auroc

_NAME = 36


def channels(found: Sequence[Line]) -> Iterator[str]:
    """Whole channels of each set."""
    head = f"{'%':14} {'attacks':>7} {'recall':>16} {'benign':>6} {'false positives':>16}"
    yield f"{head} {'recall at 1 %':>16} {'AUROC':>19}"
    for line in (one for one in found if not one.family):
        name = f"{line.set} {line.channel}"
        counts = (
            f"{name:14} {line.recall.total:>7,} {percent(line.recall):>16} {line.false_positives.total:>6,}"
        )
        yield f"{counts} {percent(line.false_positives):>16} {percent(line.at_rate):>16} {area(line.auroc):>19}"


def attacks(found: Sequence[Line], other: Sequence[Line]) -> Iterator[str]:
    """Each family of attacks; `other` is the baseline's."""
    beside = {(o.set, o.channel, o.family): o for o in other}
    yield f"{'%':{_NAME}} {'attacks':>7} {'recall':>16} {'recall at 1 %':>16} {'baseline at 1 %':>16}"
    for line in found:
        if line.recall.total:
            theirs = beside.get((line.set, line.channel, line.family))
            name = _name(line)
            yield (
                f"{name:{_NAME}} {line.recall.total:>7,} {percent(line.recall):>16} {percent(line.at_rate):>16}"
                f" {percent(theirs.at_rate) if theirs else '–':>16}"
            )


def benign(found: Sequence[Line], other: Sequence[Line]) -> Iterator[str]:
    """Each family of honest text."""
    beside = {(o.set, o.channel, o.family): o for o in other}
    yield f"{'%':{_NAME}} {'honest':>7} {'let through':>11} {'flagged':>16} {'baseline flags':>16}"
    for line in found:
        if (total := line.false_positives.total) and (rate := line.false_positives.value) is not None:
            theirs = beside.get((line.set, line.channel, line.family))
            yield (
                f"{_name(line):{_NAME}} {total:>7,} {100 * (1 - rate):>11.1f}"
                f" {percent(line.false_positives):>16}"
                f" {percent(theirs.false_positives) if theirs else '–':>16}"
            )


def beside(tools: dict[str, Sequence[Line]]) -> Iterator[str]:
    """Every tool on the same rows; the ratio is our recall at 1 % over theirs."""
    head = f"{'%':36} {'recall':>16} {'false positives':>16} {'recall at 1 %':>16}"
    yield f"{head} {'AUROC':>6} {'ours/its':>8}"
    ours = next(iter(tools.values()))
    for line in (one for one in ours if not one.family):
        for name, theirs in tools.items():
            it = next(o for o in theirs if (o.set, o.channel, o.family) == (line.set, line.channel, ""))
            mine, yours = line.at_rate.value, it.at_rate.value
            ratio = f"{mine / yours:.1f}" if mine is not None and yours else "–"
            yield (
                f"{f'{line.set} {line.channel}: {name}':36} {percent(it.recall):>16}"
                f" {percent(it.false_positives):>16} {percent(it.at_rate):>16}"
                f" {it.auroc.value if it.auroc else float('nan'):>6.3f} {ratio:>8}"
            )


def disguised(caught: dict[str, Share], honest: dict[str, Share]) -> Iterator[str]:
    """Each disguise; two in a line would not be readable."""
    yield f"{'%':24} {'attacks':>7} {'still caught':>18} {'honest':>7} {'flagged':>18}"
    for name, found in caught.items():
        quiet = honest.get(name)
        yield (
            f"{name:24} {found.total:>7,} {percent(found):>18}"
            f" {quiet.total if quiet else 0:>7,} {percent(quiet) if quiet else '–':>18}"
        )


def speed(found: dict[str, Any], peers: dict[str, Any]) -> Iterator[str]:
    """Milliseconds by length, ours and the peers'."""
    head = f"{'ms':14} {'texts':>5} {'p50':>7} {'p95':>7} {'p99':>7}   {'CPU p50':>7} {'p95':>7} {'p99':>7}"
    yield f"{head} {'texts/s a core':>15}"
    for name, one in found["lengths"].items():
        wall = " ".join(f"{one['wall'][p]:>7.2f}" for p in ("p50", "p95", "p99"))
        processor = " ".join(f"{one['processor'][p]:>7.2f}" for p in ("p50", "p95", "p99"))
        yield f"{name:14} {one['texts']:>5} {wall}   {processor} {one['per_second']:>15,.0f}"
    yield ""
    yield f"{'p50 in ms':24} " + " ".join(f"{name:>13}" for name in found["lengths"])
    for tool, lengths in peers.items():
        yield f"{tool:24} " + " ".join(f"{lengths[name]['p50']:>13.3f}" for name in found["lengths"])
    memory = found["memory_mb"]
    yield ""
    yield (
        f"Memory: {memory['before']:.0f} MB before, {memory['loaded']:.0f} MB with the detector loaded,"
        f" {memory['peak']:.0f} MB at most. Loaded in {found['load_seconds']:.1f} s."
    )


def gateway(found: dict[str, Any]) -> Iterator[str]:
    """What a request costs on its way through the gateway."""
    yield f"{'ms':44} {'p50':>8} {'p95':>8} {'p99':>8}"
    first = found["first_text_ms"]
    for name, one in (
        ("a short request, direct", found["direct"]),
        ("through the gateway", found["guarded"]),
        ("overhead (difference of the two)", found["overhead"]),
        ("first text of a slow stream, direct", first["direct"]),
        ("through the gateway, which holds text back", first["guarded"]),
    ):
        yield f"{name:44} {one['p50']:>8.1f} {one['p95']:>8.1f} {one['p99']:>8.1f}"
    yield f"{found['per_second']:.0f} short requests a second, 16 clients."


def asked(found: Sequence[Aim]) -> Iterator[str]:
    """What was aimed at."""
    yield f"{'':56} {'asked':>8} {'found':>20}"
    for aim in found:
        yield f"{aim.name:56} {aim.asked:>8} {aim.found:>20}  {'met' if aim.met else 'not met'}"


def percent(found: Share) -> str:
    """A share in per cent, with its interval."""
    if found.value is None or found.wilson is None:
        return "–"
    low, high = found.wilson
    return f"{100 * found.value:.1f} [{100 * low:.1f}–{100 * high:.1f}]"


def area(found: Auroc | None) -> str:
    """An AUROC with its interval."""
    return f"{found.value:.3f} [{found.low:.3f}–{found.high:.3f}]" if found else "–"


def _name(line: Line) -> str:
    name = f"  {line.family}" if line.family else f"{line.set} {line.channel}, all"
    if len(line.family) == 2:  # a language, of which there are few in a channel
        name = f"{line.set} {line.channel}: {line.family}"
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
