"""Decisions → the ledger, in batches, on a thread of its own. The one part of `evidence` that writes.

What `record` took is written by and by; what `flush` confirmed survives `kill -9`. Nothing is dropped in
silence: if the ledger cannot be written or the queue is full, `record` raises `OSError`, whoever asks sees
the fault, and what could not be written at the end is counted.
"""

import atexit
import hashlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark.errors import AssaymarkError
from assaymark.guard.core.ports import Context
from assaymark.guard.event import Action, Decision, Segment
from assaymark.guard.evidence.decided import TYPE, decided
from assaymark.guard.policy.model import Policy
from assaymark.ledger.entry import Entry, entry
from assaymark.ledger.keys import load_or_create_key
from assaymark.ledger.ledger import Ledger
from assaymark.observation import digest_of

__all__ = ["LedgerRecorder", "digest_secret", "open_recorder"]

_MOST = 10_000
"""Decisions that may wait."""
_BATCH = 512
"""Decisions of one transaction."""
_PATIENCE = 2.0
"""Seconds that `record` waits for room: back-pressure on whoever records."""
_AGAIN = 1.0
"""Seconds until a ledger that failed is tried again."""


def open_recorder(
    path: Path, policy: Policy, key: Path | None = None, *, plain: bool = False
) -> "LedgerRecorder":
    """A recorder for the ledger at `path`, made if it is missing.

    Args:
        path: the ledger's file.
        policy: says whether what was let pass is recorded, and names the system.
        key: file of the signing key, made if it is missing; None takes `guard.pem` beside the ledger.
        plain: digests of texts are plain SHA-256, which anybody can compare and short texts be guessed from.

    Raises:
        AssaymarkError: it cannot be opened or written; a guard that has to record must not start.
    """
    return LedgerRecorder(path, load_or_create_key(key or path.with_name("guard.pem")), policy, plain=plain)


def digest_secret(key: Ed25519PrivateKey) -> bytes:
    """With which texts' digests are keyed; derived from the signing key, so that its holder can redo them."""
    return hashlib.sha256(b"assaymark guard text digest\n" + key.private_bytes_raw()).digest()


class LedgerRecorder:
    """Writes decisions down. `record` may be called by several threads."""

    def __init__(
        self,
        path: Path,
        key: Ed25519PrivateKey,
        policy: Policy,
        *,
        plain: bool = False,
        most: int = _MOST,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path, self._key, self._most, self._now = path, key, most, now
        self._secret = None if plain else digest_secret(key)
        self._everything = policy.log.record_allowed
        self._system = policy.name or "guard"
        self._waiting: deque[Entry] = deque()
        self._change = threading.Condition()
        self._closing = False
        self._opened = False
        self._broken: AssaymarkError | None = None
        self.fault = ""
        """Why the ledger cannot be written just now; empty if it can."""
        self.taken = 0
        """Decisions that `record` took."""
        self.written = 0
        """Of which the ledger holds so many, on disk."""
        self.lost = 0
        """Of which so many could not be written before the end."""
        self._thread = threading.Thread(target=self._run, name="guard-ledger", daemon=True)
        self._thread.start()
        self._wait_until_open()
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def healthy(self) -> bool:
        """Whether what is decided now can be written down."""
        return not self.fault and not self._closing and len(self._waiting) < self._most

    @property
    def waiting(self) -> int:
        """Decisions that are taken and not written yet."""
        return len(self._waiting)

    def record(self, decision: Decision, segments: Sequence[Segment], context: Context) -> None:
        """Take one decision; it is written within a moment.

        Raises:
            OSError: the ledger cannot be written, or is too slow; the decision was not taken.
        """
        if not (self._everything or decision.findings or decision.wanted is not Action.ALLOW):
            return
        made = self._entry(decision, segments, context)
        with self._change:
            self._change.wait_for(self._has_room, timeout=_PATIENCE)
            if self._closing:
                raise OSError("the recorder is closed")
            if self.fault:
                raise OSError(self.fault)
            if len(self._waiting) >= self._most:
                raise OSError(f"the ledger is too slow: {len(self._waiting)} decisions wait")
            self._waiting.append(made)
            self.taken += 1
            self._change.notify_all()

    def flush(self, seconds: float = 10) -> bool:
        """Whether all that was taken before is on disk, waiting for it if need be."""
        with self._change:
            target = self.taken
            self._change.wait_for(lambda: self.written >= target or self._closing, timeout=seconds)
            return self.written >= target

    def close(self) -> int:
        """Write what waits, close the ledger, and say how many decisions could not be written."""
        atexit.unregister(self.close)
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()
        return self.lost

    def _has_room(self) -> bool:
        return self._closing or bool(self.fault) or len(self._waiting) < self._most

    def _entry(self, decision: Decision, segments: Sequence[Segment], context: Context) -> Entry:
        body = decided(decision, segments, context, self._secret)
        time = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return entry(TYPE, body, time=time, system=self._system, key=digest_of((TYPE, body)))

    def _wait_until_open(self) -> None:
        with self._change:
            self._change.wait_for(lambda: self._opened or self._broken is not None)
        if self._broken is not None:
            raise self._broken

    def _run(self) -> None:
        try:
            ledger = Ledger.open(self._path, self._key)
        except AssaymarkError as error:
            with self._change:
                self._broken = error
                self._change.notify_all()
            return
        with ledger:
            with self._change:
                self._opened = True
                self._change.notify_all()
            while self._write(ledger):
                pass

    def _write(self, ledger: Ledger) -> bool:
        """Write one batch; False when there is nothing more to do."""
        with self._change:
            self._change.wait_for(lambda: self._closing or bool(self._waiting))
            batch = list(islice(self._waiting, _BATCH))
        if not batch:
            return False
        try:
            ledger.append(batch)
        except (AssaymarkError, OSError) as error:
            return self._failed(str(error))
        with self._change:
            for _ in batch:
                self._waiting.popleft()
            self.written += len(batch)
            self.fault = ""
            self._change.notify_all()
        return True

    def _failed(self, reason: str) -> bool:
        """Tell; then wait a little and try the same batch again, unless this is the end."""
        with self._change:
            self.fault = reason
            self._change.notify_all()
            self._change.wait_for(lambda: self._closing, timeout=_AGAIN)
            if self._closing:
                self.lost = len(self._waiting)
        return not self._closing
