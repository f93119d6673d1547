"""Short source in, facts of one kind out."""

from typing import TypeVar

from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import Fact
from assaymark.scan.python import SCANNERS

F = TypeVar("F", bound=Fact)


def read(source: str | bytes, path: str = "app/main.py") -> tuple[Fact, ...]:
    """All facts of a file."""
    data = source.encode() if isinstance(source, str) else source
    return tuple(SCANNERS[0].scan(BytesBlob(path, data)))


def found(kind: type[F], source: str | bytes, path: str = "app/main.py") -> list[F]:
    """The facts of one kind, in the order in which they were read."""
    return [fact for fact in read(source, path) if isinstance(fact, kind)]


def the(kind: type[F], source: str | bytes, path: str = "app/main.py") -> F:
    """The only fact of a kind."""
    facts = found(kind, source, path)
    assert len(facts) == 1, facts
    return facts[0]
