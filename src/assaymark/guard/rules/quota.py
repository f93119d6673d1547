"""How much each caller may use in a sliding window: requests, tokens, cost and tool calls.

A window is cut into `SLICES` parts; a part that leaves the window is forgotten whole, so a quota is at worst
a slice stricter than written, never laxer. Time only moves forward here: a clock that steps back is held at
the latest time seen, so stepping it back opens nothing.

Memory is bounded: beyond `max_keys` buckets the idlest is folded into one shared remainder bucket per quota,
in which strangers are counted together. A flood of made-up keys therefore shares one allowance and cannot
push a real caller's count out for its own benefit.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from assaymark.guard.event import Action, Finding
from assaymark.guard.policy.model import Policy, Quota
from assaymark.guard.policy.vocabulary import matches

__all__ = ["Caller", "Quotas", "Reservation", "Spent", "retry_after"]

SLICES = 12
_REST = "\0rest"
"""Name of the bucket in which callers beyond the bound are counted together."""


class Caller(Protocol):
    """Who asks, as the core's `Context` says it."""

    @property
    def key(self) -> str:
        """Digest of the API key; empty if none was sent."""

    @property
    def tenant(self) -> str:
        """Tenant; empty if there is none."""

    @property
    def model(self) -> str:
        """Model asked for, by which it is priced."""


class Spent(Protocol):
    """What an answer used, as the core's `Usage` says it."""

    @property
    def input(self) -> int:
        """Tokens read."""

    @property
    def output(self) -> int:
        """Tokens written."""

    @property
    def tool_calls(self) -> int:
        """Calls of tools."""


class Reservation(Struct, frozen=True):
    """Amounts taken before the answer's size is known; `Quotas.settle` puts the true ones in their place."""

    holds: tuple[tuple[int, str, int, float], ...]
    """(quota, bucket, slice, amount) of each."""
    findings: tuple[Finding, ...] = ()
    """Quotas that are over; then nothing is held."""


class _Bucket:
    """One caller's use of one quota, by slice."""

    __slots__ = ("slices", "total")

    def __init__(self) -> None:
        self.slices: dict[int, float] = {}
        self.total = 0.0

    def forget(self, oldest: int) -> None:
        """Drop what has left the window."""
        for number in [n for n in self.slices if n < oldest]:
            self.total -= self.slices.pop(number)
        if not self.slices:
            self.total = 0.0

    def add(self, number: int, amount: float) -> None:
        """Count `amount` (negative gives back) in one slice, never below zero."""
        before = self.slices.get(number, 0.0)
        after = max(0.0, before + amount)
        self.slices[number] = after
        self.total += after - before


class Quotas:
    """Counts for all quotas of a policy; safe to call from several threads.

    Args:
        policy: its `quotas` and `prices`.
        clock: seconds that move forward; if they do not, time stands still here.
        max_keys: buckets kept for each quota.
    """

    def __init__(self, policy: Policy, clock: Callable[[], float], max_keys: int = 100_000) -> None:
        self._policy = policy
        self._clock = clock
        self._max = max(1, max_keys)
        self._lock = threading.Lock()
        self._now = float("-inf")
        self._buckets: list[OrderedDict[str, _Bucket]] = [OrderedDict() for _ in policy.quotas]

    def check(self, caller: Caller) -> tuple[Finding, ...]:
        """Count one request; findings `quota/…` if it, or anything spent before, is over. A refused request
        is not counted.
        """
        return self.reserve(caller, requests=1).findings

    def spend(self, caller: Caller, usage: Spent) -> None:
        """Count what an answer used, over the quota or not: it has been used."""
        wanted = self._amounts(caller, usage.input, usage.output, usage.tool_calls, 0)
        with self._lock:
            self._hold(caller, wanted)

    def reserve(
        self, caller: Caller, *, requests: int = 0, read: int = 0, wrote: int = 0, tool_calls: int = 0
    ) -> Reservation:
        """Take amounts beforehand, all or none.

        A quota is over if what is held and what is asked for together exceed it, or if it is used up
        already. Estimates for tokens (say `max_tokens`) keep parallel requests from passing together.
        """
        wanted = self._amounts(caller, read, wrote, tool_calls, requests)
        with self._lock:
            over = [
                self._over(n, bucket, wait)
                for n, quota in enumerate(self._policy.quotas)
                for bucket in [self._bucket_name(quota, caller)]
                for wait in [self._wait(n, bucket, wanted[quota.what])]
                if wait > 0
            ]
            if over:
                return Reservation((), tuple(over))
            return Reservation(self._hold(caller, wanted))

    def settle(self, caller: Caller, reservation: Reservation, usage: Spent | None) -> None:
        """Replace what was reserved for tokens, cost and tool calls by what was used; None: nothing was."""
        given = (usage.input, usage.output, usage.tool_calls) if usage is not None else (0, 0, 0)
        used = self._amounts(caller, *given, 0)
        with self._lock:
            for n, bucket, number, amount in reservation.holds:
                quota = self._policy.quotas[n]
                if quota.what == "requests":
                    continue
                kept = self._buckets[n].get(bucket)
                if kept is None:
                    bucket, kept = _REST, self._bucket(n, _REST)
                if number in kept.slices:
                    kept.add(number, -amount)
            self._hold(caller, used)

    def _amounts(self, caller: Caller, read: int, wrote: int, calls: int, requests: int) -> dict[str, float]:
        price = next((p for p in self._policy.prices if matches(p.model, caller.model)), None)
        if price is None and self._policy.prices:
            # An unknown model costs what the dearest does: naming it differently saves nothing.
            dearest = max(self._policy.prices, key=lambda p: p.input + p.output)
            price = dearest
        cost = (read * price.input + wrote * price.output) / 1_000_000 if price is not None else 0.0
        return {
            "requests": float(max(0, requests)),
            "tokens": float(max(0, read) + max(0, wrote)),
            "cost": max(0.0, cost),
            "tool_calls": float(max(0, calls)),
        }

    def _hold(self, caller: Caller, wanted: dict[str, float]) -> tuple[tuple[int, str, int, float], ...]:
        holds = []
        for n, quota in enumerate(self._policy.quotas):
            amount = wanted[quota.what]
            if amount:
                name = self._bucket_name(quota, caller)
                if name not in self._buckets[n]:
                    name = self._place(n, name)
                number = self._slice(quota)
                self._bucket(n, name).add(number, amount)
                holds.append((n, name, number, amount))
        return tuple(holds)

    def _wait(self, n: int, name: str, wanted: float) -> float:
        """Seconds until `wanted` fits; 0 if it does now."""
        quota = self._policy.quotas[n]
        number = self._slice(quota)
        kept = self._buckets[n].get(name)
        if kept is None and len(self._buckets[n]) >= self._max:
            kept = self._buckets[n].get(_REST)
        total = 0.0
        if kept is not None:
            kept.forget(number - SLICES)
            total = kept.total
        used_up = total >= quota.amount
        if not used_up and total + wanted <= quota.amount:
            return 0.0
        if kept is None or not kept.slices:
            return quota.seconds  # more than the whole quota at once
        width = quota.seconds / SLICES
        for slice_number in sorted(kept.slices):
            total -= kept.slices[slice_number]
            if total < quota.amount and total + wanted <= quota.amount:
                return max(0.001, (slice_number + SLICES + 1) * width - self._now)
        return quota.seconds

    def _over(self, n: int, name: str, wait: float) -> Finding:
        quota = self._policy.quotas[n]
        whose = {"key": "this key", "tenant": "this tenant", "all": "all callers together"}[quota.per]
        shared = " (counted with other new callers)" if name not in self._buckets[n] else ""
        message = (
            f"{quota.what.replace('_', ' ').capitalize()} of {whose}{shared} reach {quota.amount:g} in"
            f" {quota.seconds:g} seconds; retry after {max(1, -int(-wait // 1))} seconds."
        )
        return Finding(
            rule=f"quota/{quota.what}", message=message, action=Action.BLOCK, score=None, threshold=wait
        )

    def _bucket_name(self, quota: Quota, caller: Caller) -> str:
        return {"key": f"k{caller.key}", "tenant": f"t{caller.tenant}", "all": ""}[quota.per]

    def _place(self, n: int, name: str) -> str:
        """A new bucket's name, or that of the shared one when the bound is reached and nobody is idle."""
        buckets = self._buckets[n]
        if len(buckets) < self._max:
            return name
        oldest = self._slice(self._policy.quotas[n]) - SLICES
        for idle in list(buckets)[:8]:
            buckets[idle].forget(oldest)
            if not buckets[idle].slices and idle != _REST:
                del buckets[idle]
                return name
        return _REST

    def _bucket(self, n: int, name: str) -> _Bucket:
        buckets = self._buckets[n]
        if name not in buckets:
            buckets[name] = _Bucket()
        buckets.move_to_end(name)
        return buckets[name]

    def _slice(self, quota: Quota) -> int:
        self._now = max(self._now, self._clock())
        return int(self._now // (quota.seconds / SLICES))


def retry_after(findings: tuple[Finding, ...]) -> int:
    """Whole seconds after which a refused request may pass; 0 if no quota refused it."""
    waits = [f.threshold or 0.0 for f in findings if f.rule.startswith("quota/")]
    return max((max(1, -int(-wait // 1)) for wait in waits), default=0)
