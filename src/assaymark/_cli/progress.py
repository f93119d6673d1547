"""A progress bar for long work."""

import sys
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

import click

__all__ = ["Progress"]


class Progress:
    """A bar on standard error, if that is a terminal and the work is long enough to be worth one."""

    def __init__(self, wanted: bool, label: str) -> None:
        self._label = label
        self._wanted = wanted and sys.stderr.isatty()
        self._bar: AbstractContextManager[object] = nullcontext()
        self._done = 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def tell(self, done: int, total: int) -> None:
        """Move the bar to `done` of `total` files."""
        if not self._wanted:
            return
        if self._done == 0:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar.__enter__()
        getattr(self._bar, "update", lambda _: None)(done - self._done)
        self._done = done
