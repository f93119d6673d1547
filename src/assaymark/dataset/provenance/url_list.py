"""A list of URLs, read in chunks: CSV, JSON or Parquet with columns of addresses, digests, sizes, times."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from assaymark.dataset.provenance.columns import Wanted, choose
from assaymark.dataset.provenance.forms import form_of
from assaymark.dataset.provenance.tables import Ended, read_chunks
from assaymark.errors import UsageError
from assaymark.signing.listing import Found
from assaymark.signing.model import found_in

__all__ = ["ListColumns", "Listed", "read_list"]

_SHA256 = re.compile(r"(.*[_.-])?sha_?256(sum)?\Z|(content_?|file_?)?(hash|digest|checksum)\Z", re.IGNORECASE)
_SIZE = re.compile(r"(.*_)?(size|bytes|content_?length|num_bytes|file_?size)\Z", re.IGNORECASE)
_FILE = re.compile(r"(file|file_?name|path|file_?path|key|local_?path|image_?path)\Z", re.IGNORECASE)
_URL = re.compile(r"(.*[_.])?(urls?|uri|link)\Z", re.IGNORECASE)
_DIGEST = re.compile(r"(sha256:)?([0-9a-fA-F]{64})\Z")


class ListColumns(Struct, frozen=True, kw_only=True):
    """Which columns are which; empty names are looked for."""

    url: str = ""
    sha256: str = ""
    size: str = ""
    time: str = ""
    file: str = ""
    """Where the content was put."""


class Listed(Struct, frozen=True, kw_only=True):
    """Some rows of a list; sequences run along rows."""

    urls: Sequence[str]
    sha256: Sequence[str]
    """Lower-case hexadecimal; empty where none is recorded."""
    sizes: Sequence[int]
    """Bytes; -1 where none is recorded."""
    times: Sequence[str]
    files: Sequence[str]


def read_list(path: Path, asked: ListColumns) -> Iterator[Listed]:
    """The rows of the list at `path`.

    Raises:
        UsageError: it is no list of records, has no column of addresses, or breaks off.
    """
    listing = found_in(path)
    form = form_of(listing.files[0]) if len(listing.files) == 1 and path.is_file() else None
    if form is None:
        raise UsageError(f"{path} is no list of URLs.", "Give CSV, JSON Lines or Parquet with a column url.")
    found = listing.files[0]
    try:
        names = next((c.columns for c in read_chunks(found, form, Wanted("\0", "\0"))), ())
        columns = _columns(names, asked, path)
        yield from _listed(found, path, columns)
    except Ended as error:
        raise UsageError(
            f"{path} {error}.", "Mend it; what was read so far does not stand for all."
        ) from error


def _columns(names: Sequence[str], asked: ListColumns, path: Path) -> ListColumns:
    for name in (asked.url, asked.sha256, asked.size, asked.time, asked.file):
        if name and name not in names:
            raise UsageError(f"{path} has no column {name[:80]!r}.", f"It has {', '.join(names[:20])}.")

    def first(given: str, pattern: re.Pattern[str]) -> str:
        return given or min((n for n in names if pattern.match(n)), key=len, default="")

    url = first(asked.url, _URL)
    if not url:
        raise UsageError(f"{path} has no column of URLs.", "Name it with --url-column.")
    return ListColumns(
        url=url, sha256=first(asked.sha256, _SHA256), size=first(asked.size, _SIZE),
        time=choose(names, Wanted("\0", asked.time)).time, file=first(asked.file, _FILE),
    )  # fmt: skip


def _listed(found: Found, path: Path, columns: ListColumns) -> Iterator[Listed]:
    form = form_of(found)
    assert form is not None
    wanted = [n for n in (columns.url, columns.sha256, columns.size, columns.time, columns.file) if n]
    for chunk in read_chunks(found, form, Wanted("\0", "\0"), wanted):
        count = len(chunk.records)

        def column(name: str, chunk_texts: object = chunk.texts, count: int = count) -> Sequence[str]:
            texts = chunk_texts.get(name, ()) if isinstance(chunk_texts, dict) else ()
            return texts or [""] * count

        yield Listed(
            urls=column(columns.url), sha256=[_digest(t) for t in column(columns.sha256)],
            sizes=[_size(t) for t in column(columns.size)], times=column(columns.time),
            files=column(columns.file),
        )  # fmt: skip


def _digest(text: str) -> str:
    found = _DIGEST.match(text)
    return found[2].lower() if found else ""


def _size(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
