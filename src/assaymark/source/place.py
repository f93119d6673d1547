"""A path or URL → the files there, each readable by range; local folders and files, or any fsspec store."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from assaymark.asset import NotLookedAt
from assaymark.errors import NothingToAssess, UsageError
from assaymark.source.blob import Blob
from assaymark.source.file import FileBlob, open_blob
from assaymark.source.walk import shown_path, walk

__all__ = ["Item", "LocalPlace", "ManyPlaces", "Place", "open_place", "open_places"]


class Item(Struct, frozen=True, order=True):
    """One file of a place."""

    path: str
    """As shown: relative to the place, in valid Unicode."""
    at: str
    """How the place itself names it."""
    size: int


class Place(Protocol):
    """Somewhere that files lie."""

    name: str
    """As the user wrote it, without credentials."""
    single: bool
    """Whether the user named one file rather than a folder."""

    def items(self) -> tuple[Item, ...]:
        """All its files, by path."""

    def not_looked_at(self) -> tuple[NotLookedAt, ...]:
        """What was left out, and why."""

    def open(self, item: Item) -> AbstractContextManager[Blob]:
        """The file, open for reading by range.

        Raises:
            OSError: it cannot be read, or changed meanwhile.
        """


class LocalPlace:
    """A file or folder of this machine. Links are followed only where they stay inside the folder."""

    def __init__(self, root: Path) -> None:
        self.name = str(root)
        self._root = Path(os.path.realpath(root))
        self.single = not self._root.is_dir()
        if not self.single:
            self._base, (self._items, self._missed) = self._root, _listed(self._root)
        else:
            self._base = self._root.parent
            self._items, self._missed = (_single(root, self._root),), ()

    def items(self) -> tuple[Item, ...]:
        """All its files, by path."""
        return self._items

    def not_looked_at(self) -> tuple[NotLookedAt, ...]:
        """What was left out, and why."""
        return self._missed

    def open(self, item: Item) -> AbstractContextManager[FileBlob]:
        """The file, which must be a regular one and stay as it is."""
        return open_blob(self._base / item.at, item.path)


def _single(named: Path, real: Path) -> Item:
    """The one file that was named, whatever it is: opening a pipe or device is refused later."""
    try:
        size = real.stat().st_size
    except OSError as error:
        raise NothingToAssess(
            f"{named} cannot be read: {error.strerror}.", "Name a file, a folder or a URL."
        ) from error
    return Item(named.name or str(named), real.name, size)


def _listed(root: Path) -> tuple[tuple[Item, ...], tuple[NotLookedAt, ...]]:
    seen = walk(root)
    items = {f.path: Item(f.shown, f.path, f.size) for f in seen.files}
    missed = []
    for one in seen.not_looked_at:
        linked = _linked(root, one.path) if "symbolic link" in one.reason else None
        if linked is None:
            missed.append(one)
            continue
        items.pop(linked.at, None)  # the hub's cache: blobs under their digest, links under their names
        items[linked.path] = linked
    return tuple(sorted(items.values())), tuple(missed)


def _linked(root: Path, path: str) -> Item | None:
    """The regular file inside `root` that the link at `path` leads to."""
    real = Path(os.path.realpath(root / path))
    if not real.is_relative_to(root) or not real.is_file():
        return None
    return Item(path, real.relative_to(root).as_posix(), real.stat().st_size)


class ManyPlaces:
    """Several places as one: each file under the name of its place."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.name = ", ".join(p.name for p in places)
        self.single = False
        self._homes: dict[str, tuple[Place, Item]] = {}
        self._missed: list[NotLookedAt] = []
        for place in places:
            for item in place.items():
                self._homes.setdefault(self._shown(place, item.path), (place, item))
            for one in place.not_looked_at():
                path = f"{place.name.rstrip('/')}/{one.path}"
                self._missed.append(NotLookedAt(path=path, reason=one.reason, files=one.files))

    def items(self) -> tuple[Item, ...]:
        """All files, by path."""
        return tuple(sorted(Item(shown, shown, item.size) for shown, (_, item) in self._homes.items()))

    def not_looked_at(self) -> tuple[NotLookedAt, ...]:
        """What was left out, and why."""
        return tuple(self._missed)

    def open(self, item: Item) -> AbstractContextManager[Blob]:
        """The file, from the place that holds it."""
        place, own = self._homes[item.at]
        return place.open(own)

    @staticmethod
    def _shown(place: Place, path: str) -> str:
        stem = shown_path(place.name.rstrip("/"))
        return stem if stem == path or stem.endswith(f"/{path}") else f"{stem}/{path}"


def open_places(targets: Sequence[str]) -> Place:
    """The place that one or several paths or URLs name; see `open_place`."""
    places = [open_place(target) for target in targets]
    return places[0] if len(places) == 1 else ManyPlaces(places)


def open_place(target: str) -> Place:
    """The place that a path or an fsspec URL names; only a URL makes anything leave this machine.

    Raises:
        UsageError: the name is empty.
        NothingToAssess: nothing is there.
        AssaymarkError: the store needs a package that is not installed, or refuses.
    """
    if not target.strip():
        raise UsageError("The name of what to read is empty.", "Name a file, a folder or a URL.")
    scheme, separator, _ = target.partition("://")
    if not separator or scheme == "file":
        return LocalPlace(Path(target.removeprefix("file://")))
    from assaymark.source.remote import RemotePlace

    return RemotePlace(target)
