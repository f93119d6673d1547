"""What one exchange takes from its caller's quotas: reserved before, settled once, however it ends."""

import threading
from typing import Any

from assaymark.guard.core.ports import Book, Context, Usage
from assaymark.guard.event import Finding

__all__ = ["Meter"]


class Meter:
    """One exchange's account.

    Args:
        book: counts for all.
        context: whose exchange it is.
        estimate: what it may use, reserved so that requests side by side cannot overshoot together.
    """

    def __init__(self, book: Book, context: Context, estimate: Usage) -> None:
        self._book, self._context = book, context
        self.estimate = estimate
        self._reservation: Any = None
        self.settled = False
        """Whether what was used has been counted."""
        # A judging thread that was given up on may still be about to reserve while the edge settles.
        self._lock = threading.Lock()

    def check(self) -> tuple[Finding, ...]:
        """Reserve; findings `quota/…` if the caller has not enough left, and then nothing is held."""
        wanted = self.estimate
        with self._lock:
            if self.settled:
                return ()
            self._reservation = self._book.reserve(
                self._context,
                requests=1,
                read=wanted.input,
                wrote=wanted.output,
                tool_calls=wanted.tool_calls,
            )
            findings: tuple[Finding, ...] = self._reservation.findings
            return findings

    def settle(self, used: Usage | None) -> None:
        """Put what was used in the place of what was reserved; None: nothing was. Later use comes on top."""
        with self._lock:
            reservation, self._reservation, self.settled = self._reservation, None, True
            if reservation is not None:
                self._book.settle(self._context, reservation, used)
            elif used is not None:
                self._book.spend(self._context, used)
