"""A manifest and a backup → whether the state that the manifest lists can be restored from the backup.

The backup is read in full as far as it is listed, and nothing is written. An archive may hold the files
below one folder (`model/…`); which one is found out, or named.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from assaymark.signing.algorithms import Hasher, new_hasher
from assaymark.signing.backup import backup_kind, entries_of
from assaymark.signing.compare import compare
from assaymark.signing.entries import BadBackup, BadEntry, Entry
from assaymark.signing.listing import list_files
from assaymark.signing.manifest import Manifest, Resource
from assaymark.signing.names import name_fault
from assaymark.signing.problems import Difference, Kind, shown

__all__ = ["Checker", "Drilled", "drill", "listed_by_name", "under"]

_MOST_NOTES = 20


class Drilled(Struct, frozen=True, kw_only=True):
    """What a drill found."""

    prefix: str
    """Folder inside the backup below which the files are; empty if at its top."""
    files: int
    """Files that are there as listed."""
    listed: int
    """Files that should be there."""
    size: int
    """Bytes in the files that are there as listed."""
    differences: tuple[Difference, ...]
    """What keeps the state from being restored; sorted."""
    notes: tuple[str, ...] = ()
    """What was passed over."""

    @property
    def ok(self) -> bool:
        """Whether the state can be restored in full."""
        return not self.differences and self.files == self.listed


class Checker:
    """Takes a file's bytes and says whether they are what its resources list."""

    def __init__(self, resources: list[Resource]) -> None:
        # Last first: taking one from the end costs nothing.
        self._left = sorted(resources, key=lambda resource: -resource.start)
        self._hasher: Hasher = new_hasher(self._left[-1].algorithm)
        self._good = True
        self.size = 0
        """Bytes so far."""

    def update(self, data: bytes) -> None:
        """Take in more bytes."""
        view = memoryview(data)
        while view.nbytes and self._left:
            end = self._left[-1].end
            part = view if end < 0 else view[: max(0, end - self.size)]
            self._hasher.update(part)
            self.size += len(part)
            view = view[len(part) :]
            if self.size == end:
                self._next()
        if view.nbytes:
            self.size += view.nbytes
            self._good = False

    def good(self) -> bool:
        """Whether all bytes are in and right."""
        if self._left and self._left[-1].end in (-1, self.size):
            self._next()
        return self._good and not self._left

    def _next(self) -> None:
        resource = self._left.pop()
        self._good &= self._hasher.hexdigest() == resource.digest
        if self._left:
            self._hasher = new_hasher(self._left[-1].algorithm)


class _Seen:
    """What an archive turned out to hold of the listed files, for each folder that they might be below."""

    def __init__(self, listed: Mapping[str, list[Resource]], prefix: str | None) -> None:
        self.listed = listed
        self.prefix = prefix
        self.found: dict[tuple[str, str], tuple[int, str]] = {}
        """(folder, name) → bytes, and why it is not as listed; the last of several entries counts."""
        self.notes: list[str] = []
        self._most = 4 * len(listed) + 1_000

    def take(self, entry: Entry) -> None:
        keys = self._keys(entry.name)
        fault = name_fault(entry.name)
        if fault and not keys:
            self.note(f"{shown(entry.name)[:200]} was passed over: the name {fault}.")
        if not keys:
            return
        if entry.fault:
            for key in keys:
                self._put(key, 0, entry.fault)
            return
        checkers = [Checker(self.listed[name]) for _, name in keys]
        damage = ""
        try:
            for data in entry.chunks():
                for checker in checkers:
                    checker.update(data)
        except BadEntry as error:
            damage = str(error)
        for key, checker in zip(keys, checkers, strict=True):
            self._put(key, checker.size, damage or ("" if checker.good() else "changed"))

    def _put(self, key: tuple[str, str], size: int, fault: str) -> None:
        before = self.found.get(key)
        if before is not None and (before[1] or fault):
            fault = "stands more than once in the backup, not always as listed"
        self.found[key] = (size, fault)
        if len(self.found) > self._most:
            raise BadBackup("it holds the same files in too many places")

    def _keys(self, name: str) -> list[tuple[str, str]]:
        if self.prefix is not None:
            inner = under(name, self.prefix)
            return [(self.prefix, inner)] if inner in self.listed else []
        top, _, rest = name.partition("/")
        return [key for key in (("", name), (top, rest)) if key[1] in self.listed]

    def note(self, text: str) -> None:
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(text)

    def best(self) -> str:
        """The folder below which most files are as listed."""
        counts: dict[str, int] = defaultdict(int)
        for (prefix, _), (_, fault) in self.found.items():
            counts[prefix] += 2 if not fault else 1
        return max(sorted(counts), key=lambda prefix: counts[prefix], default=self.prefix or "")


def drill(
    manifest: Manifest,
    backup: Path,
    *,
    prefix: str | None = None,
    told: Callable[[int], object] | None = None,
) -> Drilled:
    """Whether every file that `manifest` lists is in `backup` with the right content.

    Args:
        manifest: the known good state.
        backup: a folder, or a tar, tar.gz or zip archive.
        prefix: folder inside the backup below which the files are; found out if None.
        told: called with the count of bytes each time some were read.

    Raises:
        NothingToAssess: there is no backup.
    """
    if backup_kind(backup) == "folder":
        return _drill_folder(manifest, backup, prefix, told)
    seen = _Seen(listed_by_name(manifest), prefix)
    stopped = ""
    try:
        for entry in _told(entries_of(backup), told):
            seen.take(entry)
    except BadBackup as error:
        stopped = str(error)
    return _summed(seen, stopped)


def listed_by_name(manifest: Manifest) -> dict[str, list[Resource]]:
    """The resources of each file."""
    listed: dict[str, list[Resource]] = defaultdict(list)
    for resource in manifest.resources:
        listed[resource.name].append(resource)
    return dict(listed)


def under(name: str, prefix: str) -> str:
    """`name` relative to the folder `prefix`; empty if it is not below it."""
    if not prefix:
        return name
    return name[len(prefix) + 1 :] if name.startswith(f"{prefix}/") else ""


def _summed(seen: _Seen, stopped: str) -> Drilled:
    prefix = seen.best()
    differences = []
    files = size = 0
    for name in seen.listed:
        bytes_, fault = seen.found.get((prefix, name), (0, "missing"))
        if not fault:
            files += 1
            size += bytes_
        elif fault in ("missing", "changed"):
            differences.append(Difference(Kind(fault), name))
        else:
            differences.append(Difference(Kind.UNREADABLE, name, fault))
    if stopped:
        differences.append(Difference(Kind.UNREADABLE, ".", stopped))
    return Drilled(
        prefix=prefix,
        files=files,
        listed=len(seen.listed),
        size=size,
        differences=tuple(sorted(differences)),
        notes=tuple(seen.notes),
    )


def _drill_folder(
    manifest: Manifest, backup: Path, prefix: str | None, told: Callable[[int], object] | None
) -> Drilled:
    prefix = _prefix_in(backup, manifest) if prefix is None else prefix
    root = backup / prefix
    if root.resolve() != backup.resolve() / prefix:
        # What a link leads to may be the original, which proves nothing.
        differences: tuple[Difference, ...] = (Difference(Kind.UNREADABLE, prefix, "lies behind a link"),)
        return Drilled(prefix=prefix, files=0, listed=len(manifest.names), size=0, differences=differences)
    if root.is_dir():
        found = compare(manifest, root, allow_unlisted=True, told=told)
        differences = found.differences
    else:
        differences = tuple(Difference(Kind.MISSING, name) for name in sorted(manifest.names))
    bad = {difference.name for difference in differences}
    good = manifest.names - bad
    return Drilled(
        prefix=prefix,
        files=len(good),
        listed=len(manifest.names),
        size=sum((root / name).lstat().st_size for name in good),
        differences=differences,
    )


def _prefix_in(backup: Path, manifest: Manifest) -> str:
    """The folder below which most listed files lie: the backup itself, or one directly in it."""
    counts: dict[str, int] = defaultdict(int)
    for found in list_files(backup).files:
        top, _, rest = found.name.partition("/")
        counts[""] += found.name in manifest.names
        counts[top] += rest in manifest.names
    return max(sorted(counts), key=lambda prefix: counts[prefix], default="")


def _told(entries: Iterator[Entry], told: Callable[[int], object] | None) -> Iterator[Entry]:
    if told is None:
        yield from entries
        return
    for entry in entries:
        yield Entry(entry.name, entry.fault, _TellingReader(entry, told))


class _TellingReader:
    """An entry's content, each chunk told."""

    def __init__(self, entry: Entry, told: Callable[[int], object]) -> None:
        self._entry = entry
        self._told = told

    def __call__(self) -> Iterator[bytes]:
        for data in self._entry.chunks():
            self._told(len(data))
            yield data
