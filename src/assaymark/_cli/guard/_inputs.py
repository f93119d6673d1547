"""Files of JSON Lines, plain or gzipped, as bounded lines; digests of what was read."""

import contextlib
import gzip
import hashlib
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from assaymark.errors import AssaymarkError, UsageError

__all__ = ["Problems", "Reading", "Source", "named_channel", "need_guard", "shown"]

_SHOWN = 20
"""Problems that are told one by one."""


def need_guard(error: ModuleNotFoundError) -> AssaymarkError:
    """The error for a part that is not installed."""
    return AssaymarkError(
        f"The guard needs {error.name}, which is not installed.", "Run `pip install 'assaymark[guard]'`."
    )


class Source:
    """One input, read once from its beginning to its end. `-` is standard input."""

    def __init__(self, path: Path, longest: int) -> None:
        self.name = str(path)
        self._path = path
        self._longest = longest
        self._hash = hashlib.sha256()
        self._raw: IO[bytes] | None = None
        self.size = path.stat().st_size if path.is_file() else 0
        """Bytes of the file, packed; 0 if that is not known."""
        self.rows = 0
        """Rows that could be used."""

    @property
    def read(self) -> int:
        """Bytes of the file read so far, packed."""
        return self._raw.tell() if self._raw and not self._raw.closed else self.size

    @property
    def sha256(self) -> str:
        """Of what was read, unpacked."""
        return self._hash.hexdigest()

    def lines(self) -> Iterator[bytes]:
        """Each line; one that is longer than the limit comes cut, one byte over it.

        Raises:
            UsageError: the file cannot be read.
        """
        try:
            with self._open() as file:
                while line := file.readline(self._longest + 1):
                    self._hash.update(line)
                    rest = line
                    while len(rest) > self._longest and not rest.endswith(b"\n"):
                        rest = file.readline(self._longest + 1)
                        self._hash.update(rest)
                    yield line
        except (OSError, EOFError, zlib.error, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise UsageError(f"{self.name} cannot be read: {reason}.", "Name a readable file.") from error

    @contextlib.contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        if self.name == "-":
            yield sys.stdin.buffer
            return
        with self._path.open("rb") as self._raw:
            if not self.name.endswith(".gz"):
                yield self._raw
                return
            with gzip.GzipFile(fileobj=self._raw) as unpacked:
                yield unpacked  # type: ignore[misc]  # readable, as far as we read it


class Reading:
    """Rows of all files; problems are told as they are met."""

    def __init__(self, files: tuple[Path, ...], longest: int, channel: Any, disguised: bool = False) -> None:
        self.sources = [Source(path, longest) for path in files]
        self.channel, self.disguised = channel, disguised
        self.problems = Problems()

    def rows(self) -> Iterator[Any]:
        """Rows, and their disguises if these are wanted."""
        from assaymark.guard.measure.disguise import wrapped
        from assaymark.guard.measure.rows import Problem, read_rows

        for source in self.sources:
            for row in read_rows(source.lines(), source.name, self.channel):
                if isinstance(row, Problem):
                    self.problems.tell(row)
                    continue
                source.rows += 1
                yield from wrapped(row) if self.disguised else (row,)

    def progress(self) -> tuple[int, int]:
        """Bytes read, and to be read in all."""
        return sum(s.read for s in self.sources), sum(s.size for s in self.sources)


class Problems:
    """Lines that could not be used: the first ones are told one by one, all are counted and kept."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.kept)

    def tell(self, problem: Any) -> None:
        """Name one on standard error."""
        self.kept.append(problem)
        if self.count <= _SHOWN:
            click.echo(shown(str(problem)), err=True)
        if self.count == _SHOWN:
            click.echo("Further such lines are counted only.", err=True)


def named_channel(name: str) -> Any:
    """The channel that a person means.

    Raises:
        UsageError: there is none of that name.
    """
    from assaymark.guard.event import Channel
    from assaymark.guard.measure.vocabulary import channel_named

    found = channel_named(name)
    if found is None:
        raise UsageError(f"There is no channel {name!r}.", f"Use one of {', '.join(Channel)}.")
    return found


def shown(text: str) -> str:
    """`text` with whatever could steer a terminal made visible."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
