"""How much was read so far, on the terminal, while hashing takes its time."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

__all__ = ["BytesRead", "count", "counted", "told_bytes"]

_EVERY_S = 0.2


class BytesRead:
    """Counts from any thread; shows now and then."""

    def __init__(self, *, show: bool) -> None:
        self._show = show
        self._lock = threading.Lock()
        self._next = time.monotonic() + _EVERY_S
        self._total = 0
        self._shown = False

    def __call__(self, count: int) -> None:
        """Add `count` bytes."""
        with self._lock:
            self._total += count
            now = time.monotonic()
            if self._show and now >= self._next:
                self._next = now + _EVERY_S
                self._shown = True
                click.echo(f"\r{told_bytes(self._total)} read …", err=True, nl=False)

    def close(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r" + " " * 40 + "\r", err=True, nl=False)


@contextmanager
def counted() -> Iterator[BytesRead]:
    """A counter that shows only where somebody watches."""
    counter = BytesRead(show=sys.stderr.isatty())
    try:
        yield counter
    finally:
        counter.close()


def told_bytes(size: int) -> str:
    """`size` in the unit in which one would say it."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return count(size, "byte")


def count(number: int, noun: str) -> str:
    """`number` and `noun`, in the singular or plural."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
