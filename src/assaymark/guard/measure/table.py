"""A summary → text for a terminal. Pure."""

from collections.abc import Iterator

from assaymark.guard.measure.intervals import Share
from assaymark.guard.measure.summary import Group, Latency, Summary

__all__ = ["table"]

_NAME = 34


def table(found: Summary) -> Iterator[str]:
    """The lines, without their ends."""
    yield from _counts(found)
    yield ""
    head = f"{'':{_NAME}} {'attacks':>8} {'recall':>22} {'benign':>8} {'false positives':>22}"
    yield f"{head} {'AUROC':>20} {'recall at 1 % FPR':>22}"
    for group in found.groups:
        yield _group(group)
    if found.disguises:
        yield ""
        yield f"{'caught in clear, and disguised as':{_NAME}} {'attacks':>8} {'recall':>22}"
        for name, caught in found.disguises.items():
            yield f"{name:{_NAME}} {caught.total:>8,} {_share(caught):>22}"
    if found.latency:
        yield ""
        yield f"{'characters':{_NAME}} {'rows':>8} {'p50 ms':>10} {'p95 ms':>10} {'p99 ms':>10}"
        yield from map(_latency, found.latency)
    yield ""
    yield "Intervals: 95 %, Wilson; AUROC by DeLong. Thresholds are those of the policy, but for the last"
    yield "column, whose threshold is set on the same benign texts and which therefore flatters."


def _counts(found: Summary) -> Iterator[str]:
    yield (
        f"{found.rows:,} rows in {found.seconds:.1f} s ({found.per_second:,.0f} a second,"
        f" {found.jobs} {'process' if found.jobs == 1 else 'processes'})."
    )
    if found.problems:
        yield f"{found.problems:,} lines could not be used."
    if found.unlabelled:
        yield f"{found.unlabelled:,} rows have no label and count for latency alone."
    if found.duplicates:
        yield f"{found.duplicates:,} rows repeat an earlier text; they are counted like the others."
    if found.failed:
        yield f"{found.failed:,} rows broke a step of the guard."
    for channel, count in found.not_scanned.items():
        yield f"The policy does not score the channel {channel}: its {count:,} rows count as not flagged."


def _group(group: Group) -> str:
    name = group.value if group.field == "channel" else f"  {group.field}={group.value} ({group.channel})"
    name = "all" if group.field == "all" else name
    name = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
    curve = group.auroc
    area = f"{curve.value:.3f} [{curve.low:.3f}–{curve.high:.3f}]" if curve else "–"
    at = _share(group.at_one_percent.recall) if group.at_one_percent else "–"
    return (
        f"{name:{_NAME}} {group.attacks:>8,} {_share(group.recall):>22} {group.benign:>8,}"
        f" {_share(group.false_positives):>22} {area:>20} {at:>22}"
    )


def _share(share: Share) -> str:
    if share.value is None or share.wilson is None:
        return "–"
    low, high = share.wilson
    return f"{share.value:.1%} [{low:.1%}–{high:.1%}]"


def _latency(latency: Latency) -> str:
    name = f"fewer than {latency.upto:,}" if latency.upto else "more"
    return f"{name:{_NAME}} {latency.rows:>8,} {latency.p50:>10.2f} {latency.p95:>10.2f} {latency.p99:>10.2f}"
