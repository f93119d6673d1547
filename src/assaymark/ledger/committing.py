"""Group commit: threads that append at once share one write and one sync."""

import threading
from collections import deque
from collections.abc import Sequence

from assaymark.errors import AssaymarkError
from assaymark.ledger.wal import Record
from assaymark.ledger.writing import Writer

__all__ = ["Committer"]

_MOST_BYTES = 32 << 20


class _Ticket:
    """One batch on its way to the disk."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.size = sum(len(r.data) for r in records)
        self.first = -1
        self.error: BaseException | None = None
        self.leads = False
        """Whether its thread is the one to write."""
        self.woken = threading.Lock()
        self.woken.acquire()

    @property
    def done(self) -> bool:
        """Whether it was written, or never will be."""
        return self.first >= 0 or self.error is not None


class Committer:
    """Takes batches from any thread. One of those that wait writes for all, then names its successor."""

    def __init__(self, writer: Writer, turn: threading.RLock) -> None:
        """Write with `writer`, whose log is used by nobody who does not hold `turn`."""
        self._writer = writer
        self._turn = turn
        self._mutex = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._led = False

    def append(self, records: Sequence[Record]) -> int:
        """Put a batch on disk; the index of its first entry.

        Raises:
            AssaymarkError: the log was changed by somebody else.
            OSError: the disk failed or is full; the batch is not in the log.
        """
        ticket = _Ticket(records)
        with self._mutex:
            self._waiting.append(ticket)
            if not self._led:
                self._led = ticket.leads = True
        if not ticket.leads:
            self._wait(ticket)
        if not ticket.done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.first

    def _wait(self, ticket: _Ticket) -> None:
        try:
            ticket.woken.acquire()
        except BaseException:  # an interrupt: whoever waits behind must not wait for ever
            with self._mutex:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)
                if ticket.leads:
                    self._name_successor()
            raise

    def _lead(self) -> None:
        """Write for all that wait by now; the thread's own batch is the first of them."""
        tickets: list[_Ticket] = []
        try:
            with self._turn:
                with self._mutex:
                    tickets = self._next()
                self._commit(tickets)
        finally:
            with self._mutex:
                self._name_successor()
            for ticket in tickets[1:]:
                ticket.woken.release()

    def _name_successor(self) -> None:
        self._led = bool(self._waiting)
        if self._led:
            self._waiting[0].leads = True
            self._waiting[0].woken.release()

    def _next(self) -> list[_Ticket]:
        tickets, size = [self._waiting.popleft()], 0
        while self._waiting and size + self._waiting[0].size < _MOST_BYTES:
            size += self._waiting[0].size
            tickets.append(self._waiting.popleft())
        return tickets

    def _commit(self, tickets: list[_Ticket]) -> None:
        try:
            firsts = self._writer.commit([t.records for t in tickets])
        except (AssaymarkError, OSError) as error:
            for ticket in tickets:
                ticket.error = error
            return
        except BaseException:
            for ticket in tickets:
                ticket.error = InterruptedError("the write was interrupted")
            raise
        for ticket, first in zip(tickets, firsts, strict=True):
            ticket.first = first
