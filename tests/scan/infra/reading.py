"""What this subject's parsers read in one small file."""

from typing import TypeVar

from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import Fact
from assaymark.scan.infra import SCANNERS

F = TypeVar("F", bound=Fact)


def read(path: str, content: str | bytes) -> list[Fact]:
    """All facts of one file."""
    blob = BytesBlob(path, content.encode() if isinstance(content, str) else content)
    head = blob.read(0, 4096)
    return [fact for s in SCANNERS if s.accepts(path, head) for fact in s.scan(blob)]


def only(kind: type[F], path: str, content: str | bytes) -> list[F]:
    """The facts of one kind."""
    return [f for f in read(path, content) if isinstance(f, kind)]
