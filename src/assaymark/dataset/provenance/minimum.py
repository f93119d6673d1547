"""The minimum of provision 5.2.4-2.1, record by record: where it came from and when it was obtained. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from assaymark.dataset.provenance.columns import moment
from assaymark.dataset.provenance.manifest import Minimum, Origin

__all__ = ["Tally"]

_FIRST = 20
_NOTHING = frozenset({"", "none", "null", "n/a", "na", "nan", "unknown", "-", "?", "tbd", "todo"})


class Tally:
    """Counts records that have, and lack, source and time."""

    def __init__(self, now: datetime) -> None:
        """Begin; a time more than a day after `now` is in the future."""
        self._latest = now + timedelta(days=1)
        self._counts = [0, 0, 0, 0, 0, 0]
        self._first: list[str] = []

    def add(
        self, name: str, first: int, count: int, origin: Origin,
        sources: Sequence[str] | None = None, times: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Count some records.

        Args:
            name: their file.
            first: row of the first, from 1; 0 where the file is the record.
            count: how many.
            origin: what is known of the file; it speaks for records that say nothing themselves.
            sources: what each says; None if they say nothing.
            times: likewise.
        """
        source = _says(origin.source)
        time = self._time(origin.retrieved_at)
        if sources is None and times is None and source and not time:
            self._counts[0] += count
            self._counts[5] += count
            return
        for at in range(count):
            has = source or (sources is not None and _says(sources[at]))
            own = times[at] if times is not None else ""
            problem = self._time(own) if _says(own) else time
            self._one(f"{name}:{first + at}" if first else name, has, problem)

    def unread(self, name: str, count: int = 1) -> None:
        """Count records that could not be read: nothing shows that they have either."""
        self._counts[0] += count
        self._counts[1] += count
        self._counts[2] += count
        self._counts[4] += count
        if len(self._first) < _FIRST:
            self._first.append(f"{name}: could not be read")

    def result(self) -> Minimum:
        """What was counted."""
        records, source, time, future, unread, complete = self._counts
        return Minimum(
            records=records, without_source=source, without_time=time, in_future=future,
            unread=unread, complete=complete, first=tuple(self._first),
        )  # fmt: skip

    def _one(self, place: str, source: bool, problem: str) -> None:
        self._counts[0] += 1
        self._counts[1] += not source
        self._counts[2] += problem not in ("", "time in the future")
        self._counts[3] += problem == "time in the future"
        self._counts[5] += source and not problem
        wrong = [*(() if source else ("no source",)), *((problem,) if problem else ())]
        if wrong and len(self._first) < _FIRST:
            self._first.append(f"{place}: {', '.join(wrong)}")

    def _time(self, text: str) -> str:
        """What is wrong with a time; empty if nothing is."""
        if not _says(text):
            return "no time"
        found = moment(text)
        if found is None:
            return "no time that can be read"
        return "time in the future" if found > self._latest else ""


def _says(text: str) -> bool:
    return text.strip().lower() not in _NOTHING
