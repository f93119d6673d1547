"""Which columns say where a record came from and when it was obtained; what counts as a time. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from msgspec import Struct

from assaymark.scan.artefact.columns import profile

__all__ = ["Wanted", "choose", "moment"]

_ADDRESS = re.compile(r"(^|[_.\W])(url|uri|link)\Z", re.IGNORECASE)
_OBTAINED = re.compile(
    r"(collect|retriev|obtain|crawl|fetch|scrap|ingest|captur|download|access|acquir)", re.IGNORECASE
)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(\.\d+)?\Z", re.ASCII)
_COMPACT = re.compile(r"(19|20)\d{6}(\d{6})?\Z", re.ASCII)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST = 64


class Wanted(Struct, frozen=True):
    """Columns that say source and time; `meta.url` is the member `url` of the column `meta`."""

    source: str = ""
    time: str = ""


def choose(names: Sequence[str], wanted: Wanted) -> Wanted:
    """The columns to take: those that were named, else those whose names say it.

    Of several, an address goes before other sources, and a time of retrieval before other times.
    """
    source = wanted.source or _best([n for n in names if _says(n)[0]], _ADDRESS)
    time = wanted.time or _best([n for n in names if _says(n)[1]], _OBTAINED)
    return Wanted(source, time)


@lru_cache(maxsize=4096)
def _says(name: str) -> tuple[bool, bool]:
    seen = profile([name.rpartition(".")[2]], ())
    return seen.sources, seen.times


def _best(names: Sequence[str], preferred: re.Pattern[str]) -> str:
    return min(names, key=lambda n: (not preferred.search(n), n.count(".")), default="")


@lru_cache(maxsize=65_536)
def moment(text: str) -> datetime | None:
    """The date or time that `text` states, in UTC where it names no zone; None if it states none.

    Read are ISO 8601, seconds or milliseconds since 1970, the form of HTTP headers, and ``20260131`` with or
    without ``120000``. Nothing before 1990 can be the time at which something was fetched from the web.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        found = _parsed(text)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found >= _EARLIEST + timedelta(0) else None


def _parsed(text: str) -> datetime:
    epoch = _EPOCH.match(text)
    if epoch and not _COMPACT.match(text):
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    if _COMPACT.match(text):
        return datetime.strptime(text, "%Y%m%d%H%M%S" if len(text) > 8 else "%Y%m%d").replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC").replace(" +", "+"))
    except ValueError:
        return parsedate_to_datetime(text)
