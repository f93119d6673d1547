"""Check: performance is tracked."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CodeFile, Mechanism

__all__ = ["performance_is_tracked"]

_OVER_TIME = ("drift-detection", "canary")


@check(supports=("5.4.2-4",))
def performance_is_tracked(
    mechanisms: tuple[Mechanism, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """The quality of models and system is measured over time, so that sudden and slow changes show.

    Why: a poisoned update, a provider's silent model change or drifting inputs show first in the
    figures: accuracy, refusals, latency, length, distribution of inputs and scores.

    Fix: run a fixed set of canary questions or a labelled sample on a schedule and keep the scores; compare
    input and score distributions with a reference (population stability index, Kolmogorov-Smirnov, Evidently,
    NannyML); set a threshold for each figure and say who is told.

    Blind spots: tracking in a monitoring platform or a scheduled job outside the tree; whether the
    figures are read.
    """
    own = in_product(mechanisms, files)
    over_time = [m for m in own if m.kind in _OVER_TIME]
    figures = [m for m in own if m.kind == "metric"]
    details = capped([at(f"`{m.name}` ({m.kind}).", m) for m in (*over_time, *figures)])
    if over_time:
        yield met(f"Places that compare behaviour over time: {len(over_time)}.", *details)
    elif figures:
        yield partly_met(
            f"Places that record figures: {len(figures)}; nothing that compares them over time was seen.",
            *details,
        )
    else:
        yield not_observable(
            "No code that measures the quality of models over time was found.",
            fix="If it is tracked elsewhere, put definitions, baselines and a report into `assurance/`.",
        )
