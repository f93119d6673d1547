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


class Committer:
    """Takes batches from any thread. Whoever gets the turn writes for all that wait by then."""

    def __init__(self, writer: Writer, turn: threading.RLock) -> None:
        self._writer = writer
        self._turn = turn
        self._waiting: deque[_Ticket] = deque()

    def append(self, records: Sequence[Record]) -> int:
        """Put a batch on disk; the index of its first entry.

        Raises:
            AssaymarkError: the log was changed by somebody else.
            OSError: the disk failed or is full; the batch is not in the log.
        """
        ticket = _Ticket(records)
        self._waiting.append(ticket)
        with self._turn:
            while ticket.first < 0 and ticket.error is None:
                self._commit(self._next())
        if ticket.error is not None:
            raise ticket.error
        return ticket.first

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
        except BaseException:  # an interrupt hits one thread; those it wrote for must not wait for ever
            for ticket in tickets:
                ticket.error = InterruptedError("the write was interrupted")
            raise
        for ticket, first in zip(tickets, firsts, strict=True):
            ticket.first = first
