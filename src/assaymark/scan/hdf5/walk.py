"""From the root group to every object: what is linked, told in attributes, and stored."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.attributes import Attribute, attribute_of, count_of, dense_attributes
from assaymark.scan.hdf5.datasets import Layout, external_files, layout_of, virtual_sources
from assaymark.scan.hdf5.headers import Kind, Message, read_messages
from assaymark.scan.hdf5.heaps import GlobalHeaps
from assaymark.scan.hdf5.links import Link, dense_links, link_of, symbol_table, table_links
from assaymark.scan.hdf5.source import Cursor, Source, Unread
from assaymark.scan.hdf5.superblock import Superblock

__all__ = ["Dataset", "Elsewhere", "Failure", "Found", "Told", "walk"]

MAX_OBJECTS = 200_000
MAX_PATH = 1_000
"""Characters of a path that are kept."""


class Elsewhere(Struct, frozen=True):
    """Values or objects that come from another file, or from code outside HDF5."""

    path: str
    how: str
    """`external link`, `external storage`, `virtual dataset` or `user-defined link N`."""
    target: str
    offset: int


class Told(Struct, frozen=True):
    """An attribute."""

    path: str
    attribute: Attribute


class Dataset(Struct, frozen=True):
    """An object with values."""

    path: str
    count: int
    stored: int


class Failure(Struct, frozen=True):
    """A part that could not be read."""

    path: str
    reason: str
    kind: HoleKind
    offset: int | None


Found = Elsewhere | Told | Dataset | Failure


class _Place(Struct, frozen=True):
    """An object to visit."""

    path: str
    address: int
    cached: tuple[int, int] | None = None


def walk(source: Source, heaps: GlobalHeaps, superblock: Superblock) -> Iterator[Found]:
    """Everything in the file, each object once however many links lead to it."""
    waiting, seen, tables = (
        [_Place("", superblock.root, superblock.cached)],
        {superblock.root},
        _Tables(source),
    )
    if superblock.extension is not None:
        waiting.append(_Place("(superblock)", superblock.extension))
    if superblock.driver is not None:
        reason = "it is one of several files that hold one HDF5 file"
        yield Failure("", reason, HoleKind.UNSUPPORTED, superblock.driver)
    while waiting:
        place = waiting.pop()
        for found in _guarded(place, _object(source, heaps, tables, place)):
            if not isinstance(found, Link):
                yield found
                continue
            inner = f"{place.path}/{found.name}"[:MAX_PATH]
            if found.kind != "hard":
                yield from _led_away(inner, found)
            elif found.address not in seen:
                if len(seen) >= MAX_OBJECTS:
                    yield Failure(inner, f"more than {MAX_OBJECTS:,} objects", HoleKind.BOUND, found.offset)
                    return
                seen.add(found.address)
                waiting.append(_Place(inner, found.address, found.cached))


def _guarded(place: _Place, parts: Iterator[Found | Link]) -> Iterator[Found | Link]:
    try:
        yield from parts
    except Unread as problem:
        yield Failure(place.path or "/", problem.reason, problem.kind, problem.offset)


def _led_away(path: str, link: Link) -> Iterator[Found]:
    """A soft link stays in the file; the others leave it."""
    if link.kind == "external":
        yield Elsewhere(path, "external link", link.target, link.offset)
    elif link.kind != "soft":
        yield Elsewhere(path, f"{link.kind} link", link.target, link.offset)


class _Tables:
    """Old groups by B-tree and heap, each read once: entries repeat what the header says."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: set[tuple[int, int]] = set()

    def links(self, table: tuple[int, int]) -> Iterator[Link]:
        """The links of a table that was not read before."""
        if table not in self.seen:
            self.seen.add(table)
            yield from table_links(self.source, *table)


def _object(source: Source, heaps: GlobalHeaps, tables: _Tables, place: _Place) -> Iterator[Found | Link]:
    """One object's messages, each on its own: one that is broken does not hide the others."""
    messages = read_messages(source, place.address)
    for message in messages:
        yield from _guarded(place, _message(source, heaps, tables, place, message))
    if place.cached is not None:
        yield from _guarded(place, tables.links(place.cached))
    layouts = [m for m in messages if m.kind == Kind.LAYOUT]
    if layouts:
        yield from _guarded(place, _dataset(source, heaps, place, messages, layouts[-1]))


def _message(
    source: Source, heaps: GlobalHeaps, tables: _Tables, place: _Place, message: Message
) -> Iterator[Found | Link]:
    """What one message says of links, attributes and places outside."""
    match message.kind:
        case Kind.LINK | Kind.ATTRIBUTE if message.shared:
            raise Unread("a message in the table of shared messages", message.offset, HoleKind.UNSUPPORTED)
        case Kind.LINK:
            yield link_of(source, message.data, message.offset)
        case Kind.LINK_INFO:
            yield from dense_links(source, message)
        case Kind.SYMBOL_TABLE:
            yield from tables.links(symbol_table(source, message))
        case Kind.ATTRIBUTE:
            yield Told(place.path, attribute_of(source, message.data, message.offset))
        case Kind.ATTRIBUTE_INFO:
            for attribute in dense_attributes(source, message):
                yield Told(place.path, attribute)
        case Kind.EXTERNAL_FILES:
            for name in external_files(source, message) or ("(unnamed)",):
                yield Elsewhere(place.path, "external storage", name, message.offset)
        case Kind.DRIVER:
            reason = "it is one of several files that hold one HDF5 file"
            raise Unread(reason, message.offset, HoleKind.UNSUPPORTED)


def _dataset(
    source: Source, heaps: GlobalHeaps, place: _Place, messages: tuple[Message, ...], message: Message
) -> Iterator[Found]:
    spaces = [m for m in messages if m.kind == Kind.DATASPACE and not m.shared]
    count = count_of(Cursor(spaces[0].data, source, spaces[0].offset)) if spaces else 0
    layout = layout_of(source, message)
    yield Dataset(place.path, count, layout.stored)
    yield from _virtual(source, heaps, place, layout, message)


def _virtual(
    source: Source, heaps: GlobalHeaps, place: _Place, layout: Layout, message: Message
) -> Iterator[Found]:
    if layout.virtual is None or layout.virtual[0] == source.none:
        return
    for file, path in dict.fromkeys(virtual_sources(source, heaps, layout.virtual)):
        if file != ".":
            yield Elsewhere(place.path, "virtual dataset", f"{file}:{path}", message.offset)
