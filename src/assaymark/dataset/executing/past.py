"""Earlier scans of a data set that grows: what they left, taken up and added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from assaymark.dataset.engine import Engine
from assaymark.dataset.executing.passes import Outcome
from assaymark.dataset.executing.plain import NotPlain, types_of, unpack
from assaymark.dataset.executing.state import Saved, SavedEngine, SavedFile, load, save
from assaymark.dataset.reading.open import DataSet
from assaymark.dataset.record import Place
from assaymark.errors import UsageError

__all__ = ["Past"]


@dataclass(frozen=True)
class Past:
    """What earlier scans left for this one."""

    saved: Saved | None = None
    states: tuple[Any, ...] = ()
    """For each engine its state, or None."""
    notes: tuple[str, ...] = ()
    """Which engines see only the new records, and why."""

    @classmethod
    def of(cls, path: str, data: DataSet, engines: Sequence[Engine]) -> Self:
        """Read what `path` holds; an empty past if there is nothing yet.

        Raises:
            UsageError: it belongs to other data, or the same files are already in it.
        """
        saved = load(path) if path else None
        if saved is None:
            return cls()
        if (saved.layout.kind, saved.layout.roles) != (data.layout.kind, data.layout.roles):
            raise UsageError(
                f"{path} belongs to a data set of another layout ({saved.layout.kind}).",
                "Name another file for the state, or the columns by their roles.",
            )
        again = sorted(f.name for f in set(saved.files) & set(_files(data)))
        if again:
            raise UsageError(
                f"{again[0]} has been scanned into {path} before; it would count twice.",
                "Name only new files, or start with a new state.",
            )
        taken = [_taken(engine, saved) for engine in engines]
        states = tuple(None if isinstance(t, str) else t[0] for t in taken)
        notes = [
            f"{e.info.id} saw only the new records: {t}"
            for e, t in zip(engines, taken, strict=True)
            if isinstance(t, str)
        ]
        return cls(saved, states, tuple(notes))

    @property
    def records(self) -> int:
        """How many records came before."""
        return self.saved.records if self.saved else 0

    def place(self, row: int, data: DataSet) -> Place:
        """Where record `row` stands; an earlier one has no place any more."""
        return data.place(row - self.records) if row >= self.records else Place("(an earlier scan)")

    def keep(self, path: str, data: DataSet, engines: Sequence[Engine], outcome: Outcome) -> tuple[str, ...]:
        """Save what this scan adds to `path`, if there is one; which engines' states could not be kept."""
        if not path:
            return ()
        kept, notes = [], []
        for engine, state in zip(engines, outcome.states, strict=True):
            if isinstance(state, bytes):
                kept.append(SavedEngine(engine.info.id, engine.info.version, state))
            elif state is not None:
                notes.append(f"the state of {engine.info.id} was not kept: {state.reason}")
        files = (*(self.saved.files if self.saved else ()), *_files(data))
        save(path, Saved(data.layout, outcome.total, files, tuple(kept)))
        return tuple(notes)


def _files(data: DataSet) -> tuple[SavedFile, ...]:
    return tuple(SavedFile(f.name, f.bytes, f.sha256) for f in data.files)


def _taken(engine: Engine, saved: Saved) -> tuple[Any] | str:
    """The engine's state, or why there is none."""
    if engine.passes != 1:
        return "it has to read all records more than once."
    found = next((e for e in saved.engines if e.id == engine.info.id), None)
    if found is None:
        return "earlier scans left no state of it."
    if found.version != engine.info.version:
        return "it has changed since."
    try:
        return (unpack(found.state, types_of(engine)),)
    except NotPlain as error:
        return f"its state cannot be read ({error})."
