"""B-trees: version 1 over old groups and chunks, version 2 over dense links and attributes."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["chunk_bytes", "records", "symbol_nodes"]

MAX_NODES = 100_000
"""Nodes of one tree."""


def symbol_nodes(source: Source, address: int) -> Iterator[int]:
    """Addresses of the symbol nodes below a version 1 group tree."""
    for node, level, used in _nodes(source, address, 0):
        for _ in range(used):
            node.length()
            child = node.address()
            if level == 0:
                yield child


def chunk_bytes(source: Source, address: int, dimensions: int) -> int:
    """Bytes that the chunks below a version 1 chunk tree take."""
    total = 0
    for node, level, used in _nodes(source, address, 1, 8 + 8 * dimensions):
        for _ in range(used):
            size = node.number(4)
            node.take(4 + 8 * dimensions)
            node.address()
            total += size if level == 0 else 0
    return total


def _nodes(source: Source, address: int, kind: int, key: int = 0) -> Iterator[tuple[Cursor, int, int]]:
    """Every node: a cursor at its first key, its level, its entries."""
    key = key or source.lengths
    waiting, seen = [(address, -1)], {address}
    while waiting:
        address, above = waiting.pop()
        head = source.cursor(address, 8 + 2 * source.offsets)
        head.expect(b"TREE")
        found, level, used = head.number(1), head.number(1), head.number(2)
        if found != kind or (above >= 0 and level != above - 1):
            raise Unread("a B-tree node is of the wrong kind or level", head.start)
        node = source.cursor(address + len(head.data), used * (key + source.offsets))
        if level:
            for _ in range(used):
                node.take(key)
                child = node.address()
                if child in seen or len(seen) > MAX_NODES:
                    raise Unread(
                        f"a B-tree goes round in circles or has over {MAX_NODES:,} nodes", head.start
                    )
                seen.add(child)
                waiting.append((child, level))
            node.position = 0
        yield node, level, used


class _Shape(Struct, frozen=True):
    """What the header of a version 2 tree fixes for its nodes."""

    kind: int
    node: int
    record: int
    count_width: tuple[int, ...]
    """Bytes of a child's record count below a node of depth d, and of the count below that."""
    total_width: tuple[int, ...]


def records(source: Source, address: int, kinds: tuple[int, ...]) -> Iterator[bytes]:
    """Every record of a version 2 tree, in no particular order."""
    head = source.cursor(address, 22 + source.offsets + source.lengths)
    head.expect(b"BTHD")
    version, kind, node, size = head.number(1), head.number(1), head.number(4), head.number(2)
    depth = head.number(2)
    head.take(2)
    root, count = head.address(), head.number(2)
    if version != 0 or kind not in kinds or not 0 < size <= node or node > 1 << 24 or depth > 16:
        raise Unread(f"a B-tree of type {kind} and depth {depth} where another was due", head.start)
    if root != source.none:
        yield from _walk(source, _shape(source, kind, node, size, depth), root, count, depth)


def _shape(source: Source, kind: int, node: int, size: int, depth: int) -> _Shape:
    most = max((node - 10) // size, 1)
    width = most.bit_length() - 1
    count, total, cumulative = width // 8 + 1, 0, most
    counts, totals = [0], [0]
    for _ in range(depth):
        counts.append(count)
        totals.append(total)
        pointer = source.offsets + count + total
        inner = max((node - 10 - pointer) // (size + pointer), 1)
        cumulative = (inner + 1) * cumulative + inner
        total = (cumulative.bit_length() - 1) // 8 + 1
    return _Shape(kind, node, size, tuple(counts), tuple(totals))


def _walk(source: Source, shape: _Shape, root: int, count: int, depth: int) -> Iterator[bytes]:
    waiting, seen = [(root, count, depth)], {root}
    while waiting:
        address, count, level = waiting.pop()
        node = source.cursor(address, _used(source, shape, count, level))
        node.expect(b"BTIN" if level else b"BTLF")
        if node.number(1) != 0 or node.number(1) != shape.kind:
            raise Unread("a B-tree node is of another kind than its tree", node.start)
        for _ in range(count):
            yield node.take(shape.record)
        for _ in range(count + 1 if level else 0):
            child, inside = node.address(), node.number(shape.count_width[level])
            node.take(shape.total_width[level])
            if child in seen or len(seen) > MAX_NODES:
                raise Unread(
                    f"a B-tree goes round in circles or has over {MAX_NODES:,} nodes",
                    node.start,
                    HoleKind.BOUND,
                )
            seen.add(child)
            waiting.append((child, inside, level - 1))


def _used(source: Source, shape: _Shape, count: int, level: int) -> int:
    """Bytes of a node that hold something."""
    if not level:
        return 6 + count * shape.record
    pointer = source.offsets + shape.count_width[level] + shape.total_width[level]
    return 6 + count * shape.record + (count + 1) * pointer
