"""What git printed → commits and their changed lines.

Records are separated by the hash of HEAD, which nothing that HEAD reaches can contain.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.discover.history_paths import is_evaluation, is_risk_record
from assaymark.scan.facts import Change

__all__ = ["LOG_FORMAT", "Commit", "Patch", "change_of", "parse_log", "parse_patches"]

LOG_FORMAT = "%H%x00%cI%x00%an%x00%s%x00%b%x00"
_REASON = re.compile(
    r"\b(because|so that|in order to|to (?:avoid|prevent|allow|fix|reduce|stop|make|"
    r"keep)|since|reason|"
    r"otherwise|due to|after|caused|regress\w*|risk|threat|decision|adr[- ]?\d+)\b|(?<!\w)#\d+\b|"
    r"\b[A-Z][A-Z0-9]{1,9}-\d+\b|\b(?:closes?|fixes|resolves|refs?|see)\b.{0,20}(?:\d|"
    r"https?:)|/(?:pull|issues|merge_requests)/\d+",
    re.IGNORECASE,
)
_TRAILER = re.compile(r"^[\w-]+: .*$", re.MULTILINE)
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_LINE = 400


class Commit(Struct, frozen=True):
    """One commit and the files it touched, relative to the assessed folder."""

    id: str
    date: str
    author: str
    subject: str
    body: str
    files: tuple[tuple[str, str], ...]
    """Path and status letter: A, M, D, T."""

    @property
    def reasoned(self) -> bool:
        """The message gives a reason, or names a ticket, pull request or decision."""
        body = _TRAILER.sub("", self.body)
        return _REASON.search(f"{self.subject}\n{body}") is not None or len(body.split()) >= 8


class Patch(Struct, frozen=True):
    """Lines that one commit took from and added to one file."""

    commit: str
    path: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


def parse_log(data: bytes, head: str, prefix: str) -> Iterator[Commit]:
    """Commits in the order printed, newest first; a record that was cut off is left out."""
    for record in data.split(f"\x1e{head}\x1e".encode())[1:]:
        parts = record.decode("utf-8", "replace").split("\0")
        if len(parts) < 7:
            continue
        names = [p.lstrip("\n") for p in parts[6:]]
        files = zip(names[1::2], names[::2], strict=False)
        inside = tuple((f[len(prefix) :], s[:1]) for f, s in files if s and f.startswith(prefix))
        yield Commit(parts[0], parts[1], parts[2][:80], parts[3][:200], parts[4][:4000], inside)


def change_of(commit: Commit, value: str = "") -> Change:
    """The commit as the change trail of a file shows it."""
    paths = [path for path, _ in commit.files]
    return Change(
        commit=commit.id,
        date=commit.date,
        author=commit.author,
        subject=commit.subject,
        reasoned=commit.reasoned,
        touches_risk=any(map(is_risk_record, paths)),
        touches_evaluation=any(map(is_evaluation, paths)),
        value=value,
    )


def parse_patches(data: bytes, head: str, prefix: str) -> Iterator[Patch]:
    """Changed lines file by file; counts in the hunk headers tell content from headers."""
    for record in data.split(f"\x1e{head}\x1e".encode())[1:]:
        commit, _, rest = record.partition(b"\n")
        for section in re.split(rb"^diff --git ", rest, flags=re.MULTILINE)[1:]:
            patch = _section(commit.decode("ascii", "replace").strip(), section, prefix)
            if patch is not None:
                yield patch


def _section(commit: str, section: bytes, prefix: str) -> Patch | None:
    path = ""
    minus, plus = 0, 0
    removed: list[str] = []
    added: list[str] = []
    for line in section.split(b"\n"):
        if minus and line.startswith(b"-"):
            minus -= 1
            removed.append(line[1:_LINE].decode("utf-8", "replace").strip())
        elif plus and line.startswith(b"+"):
            plus -= 1
            added.append(line[1:_LINE].decode("utf-8", "replace").strip())
        elif found := _HUNK.match(line):
            minus, plus = int(found[1] or 1), int(found[2] or 1)
        elif line.startswith(b"+++ b/"):
            path = line[6:].decode("utf-8", "replace").rstrip("\t")
    if not path.startswith(prefix):
        return None
    return Patch(commit, path[len(prefix) :], tuple(removed), tuple(added)) if path else None
