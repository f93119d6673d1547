"""Measured rows → figures: whole, by channel and by slice. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from assaymark.guard.event import Channel
from assaymark.guard.measure.intervals import Share, share
from assaymark.guard.measure.roc import Auroc, auroc, threshold_at
from assaymark.guard.measure.scoring import Measured

__all__ = ["LENGTHS", "At", "Group", "Latency", "Summary", "grouped", "latencies", "summary"]

LENGTHS = (200, 800, 3_200, 12_800, 51_200)
"""Characters that divide lengths for latencies; about 50, 200, 800, 3,200 and 12,800 tokens."""
_MOST_VALUES = 60
"""Values of a field with more are no slices but names."""
_RATE = 0.01


class At(Struct, frozen=True):
    """Recall where the threshold is set on this very group's benign texts, after the fact."""

    rate: float
    """False-positive rate that is allowed."""
    threshold: float
    recall: Share
    false_positives: Share
    """What the threshold does flag; at most `rate`."""


class Group(Struct, frozen=True, kw_only=True):
    """Figures of some rows."""

    field: str
    """`all`, `channel`, or the field whose value they share."""
    value: str
    channel: str = ""
    """Of a slice; the whole of a channel has it in `value`."""
    rows: int
    attacks: int
    benign: int
    recall: Share
    """Flagged attacks, at the policy's threshold, fixed beforehand."""
    false_positives: Share
    """Flagged benign texts, at the same."""
    auroc: Auroc | None = None
    at_one_percent: At | None = None
    """None with no attack or no benign text; with fewer than 100 of these it is nothing flagged at all."""


class Latency(Struct, frozen=True, kw_only=True):
    """Milliseconds of the whole chain, of texts up to a length, repeated texts left out."""

    upto: int | None
    """Characters; None has no limit."""
    rows: int
    p50: float
    p95: float
    p99: float


class Summary(Struct, frozen=True, kw_only=True):
    """All figures of a run."""

    rows: int
    problems: int
    unlabelled: int
    duplicates: int
    """Rows whose text and channel occurred before; they are counted like the others."""
    failed: int
    """Rows on which a step of the chain broke."""
    not_scanned: dict[Channel, int] = {}
    """Rows on channels that the policy does not score."""
    seconds: float = 0.0
    per_second: float = 0.0
    jobs: int = 1
    groups: tuple[Group, ...] = ()
    latency: tuple[Latency, ...] = ()
    disguises: dict[str, Share] = {}
    """Of the attacks that are caught as they came, those caught in each disguise. Disguised rows count
    nowhere else but in the latencies."""
    actions: dict[str, int] = {}
    """What the policy wants done, all rules together."""


def summary(every: Sequence[Measured], problems: int, seconds: float, jobs: int) -> Summary:
    """Everything that is printed."""
    rows = [r for r in every if not r.disguise]
    return Summary(
        rows=len(rows),
        problems=problems,
        unlabelled=sum(r.label is None for r in rows),
        duplicates=len(rows) - len({r.digest for r in rows}),
        failed=sum(r.failed for r in rows),
        not_scanned=dict(Counter(r.channel for r in rows if not r.scanned)),
        seconds=round(seconds, 3),
        per_second=round(len(every) / seconds, 1) if seconds > 0 else 0.0,
        jobs=jobs,
        groups=grouped(rows),
        latency=latencies(every),
        disguises=_disguises(every),
        actions=dict(sorted(Counter(r.action.value for r in rows).items())),
    )


def grouped(rows: Sequence[Measured]) -> tuple[Group, ...]:
    """Each channel; all channels where there are several; then each value of each slicing field."""
    channels = sorted({r.channel for r in rows})
    groups = [_group("channel", c, [r for r in rows if r.channel is c]) for c in channels]
    if len(channels) > 1:
        groups.insert(0, _group("all", "", rows))
    for field in dict.fromkeys(name for r in rows for name, _ in r.slices):
        valued = [(dict(r.slices)[field], r) for r in rows if field in dict(r.slices)]
        values = sorted({value for value, _ in valued})
        if 1 < len(values) <= _MOST_VALUES or (len(values) == 1 and len(valued) < len(rows)):
            for value in values:
                some = [r for v, r in valued if v == value]
                groups += [
                    _group(field, value, [r for r in some if r.channel is c], c)
                    for c in sorted({r.channel for r in some})
                ]
    return tuple(groups)


def _group(field: str, value: str, rows: Sequence[Measured], channel: str = "") -> Group:
    attacks = [r for r in rows if r.label is True]
    benign = [r for r in rows if r.label is False]
    # Channels have heads of their own, whose scores do not compare.
    alone = len({r.channel for r in rows}) == 1
    return Group(
        field=field,
        value=value,
        channel=channel,
        rows=len(rows),
        attacks=len(attacks),
        benign=len(benign),
        recall=share(sum(r.flagged for r in attacks), len(attacks)),
        false_positives=share(sum(r.flagged for r in benign), len(benign)),
        auroc=auroc([r.score for r in attacks], [r.score for r in benign]) if alone else None,
        at_one_percent=_at(attacks, benign) if alone else None,
    )


def _at(attacks: Sequence[Measured], benign: Sequence[Measured]) -> At | None:
    threshold = threshold_at([r.score for r in benign], _RATE)
    if threshold is None or not attacks:
        return None
    caught = sum(r.score >= threshold for r in attacks)
    flagged = sum(r.score >= threshold for r in benign)
    return At(_RATE, threshold, share(caught, len(attacks)), share(flagged, len(benign)))


def _disguises(every: Sequence[Measured]) -> dict[str, Share]:
    clear = {(r.file, r.line) for r in every if not r.disguise and r.flagged and r.label}
    wrapped = [r for r in every if r.disguise and (r.file, r.line) in clear]
    counts = Counter(r.disguise for r in wrapped)
    caught = Counter(r.disguise for r in wrapped if r.flagged)
    return {name: share(caught[name], count) for name, count in counts.items()}


def latencies(rows: Iterable[Measured]) -> tuple[Latency, ...]:
    """By length; a text seen before is answered from memory and left out."""
    first = list({r.digest: r for r in reversed(list(rows))}.values())
    found, below = [], 0
    for upto in (*LENGTHS, None):
        some = [
            r.elapsed_ms for r in first if below <= r.characters and (upto is None or r.characters < upto)
        ]
        if some:
            p50, p95, p99 = (round(float(p), 3) for p in np.percentile(some, (50, 95, 99)))
            found.append(Latency(upto=upto, rows=len(some), p50=p50, p95=p95, p99=p99))
        below = upto or below
    return tuple(found)
