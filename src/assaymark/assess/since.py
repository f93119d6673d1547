"""What became better, worse, stale or new since an earlier assessment, and why."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from assaymark.assess.assessment import ChangeSince, Freshness, ProvisionResult, Verdict

__all__ = ["Earlier", "changes"]


class Earlier(Protocol):
    """A provision's verdict as an earlier report holds it; a `ProvisionResult` is one too."""

    @property
    def id(self) -> str:
        """EN id."""

    @property
    def verdict(self) -> Verdict:
        """Verdict at the time."""

    @property
    def freshness(self) -> Freshness:
        """Freshness at the time."""


_RANK = {Verdict.FAIL: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 2}


def changes(before: Iterable[Earlier], after: Iterable[ProvisionResult]) -> tuple[ChangeSince, ...]:
    """Differences between two sets of results, in the order of `after`.

    `new` is a provision that had no verdict before, came into scope or left it. `stale` outranks
    `worse`: what is stale got worse because something changed, not because something was found.
    """
    earlier = {result.id: result for result in before}
    return tuple(_changes(earlier, after))


def _changes(earlier: dict[str, Earlier], after: Iterable[ProvisionResult]) -> Iterator[ChangeSince]:
    for now in after:
        then = earlier.get(now.id)
        kind = "new" if then is None else _kind(then, now)
        if kind:
            yield ChangeSince(
                provision=now.id,
                kind=kind,
                before=_words(then) if then else "none",
                after=_words(now),
                because=now.reason,
            )


def _kind(then: Earlier, now: ProvisionResult) -> str:
    if _went_stale(then, now):
        return "stale"
    if then.verdict is now.verdict:
        return ""
    if Verdict.NOT_APPLICABLE in (then.verdict, now.verdict):
        return "new"
    return "better" if _RANK[now.verdict] > _RANK[then.verdict] else "worse"


def _went_stale(then: Earlier, now: ProvisionResult) -> bool:
    gone = (Freshness.STALE, Freshness.EXPIRED)
    return now.freshness in gone and then.freshness not in gone and now.verdict is not Verdict.FAIL


def _words(result: Earlier) -> str:
    fresh = result.freshness in (Freshness.FRESH, Freshness.NONE)
    return result.verdict.value if fresh else f"{result.verdict.value} ({result.freshness.value})"
