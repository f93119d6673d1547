"""The right edge of a log: the unfinished tile of each level. All that appending needs, at any size."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from assaymark.ledger.merkle import EMPTY_ROOT, node_hash
from assaymark.ledger.tiles import (
    WIDTH,
    Tile,
    TileReader,
    decode_bundle,
    decode_hashes,
    encode_bundle,
    encode_hashes,
    levels,
    partial,
)

__all__ = ["Edge", "tile_root"]


class Edge:
    """The last, unfinished tile of each level and the last, unfinished bundle of entries."""

    def __init__(self) -> None:
        self.size = 0
        """Entries of the log so far."""
        self.finished: dict[Tile, bytes] = {}
        """Tiles and bundles that have become full and are to be written."""
        self._hashes: list[list[bytes]] = [[]]
        self._entries: list[bytes] = []

    @classmethod
    def load(cls, tiles: TileReader, size: int, *, entries: bool = True) -> "Edge":
        """The edge of the log in `tiles` when it had `size` entries; reads a tile a level.

        Args:
            tiles: the log.
            size: entries.
            entries: read the last bundle too, without which nothing can be added.

        Raises:
            InvalidTileError: a tile is not of its form.
            MissingTileError: a tile is not there.
        """
        edge = cls()
        edge.size = size
        edge._hashes = [[] for _ in range(max(1, levels(size)))]
        for level in range(len(edge._hashes)):
            tile = partial(level, size)
            if tile:
                edge._hashes[level] = list(decode_hashes(tiles.read(tile.path), tile.width))
        bundle = partial(-1, size)
        if bundle and entries:
            edge._entries = list(decode_bundle(tiles.read(bundle.path), bundle.width))
        return edge

    def add(self, leaf: bytes, data: bytes) -> None:
        """Append an entry."""
        self._entries.append(data)
        if len(self._entries) == WIDTH:
            self.finished[Tile(-1, self.size // WIDTH)] = encode_bundle(self._entries)
            self._entries = []
        self.size += 1
        level, count, node = 0, self.size, leaf
        while True:
            if level == len(self._hashes):
                self._hashes.append([])
            hashes = self._hashes[level]
            hashes.append(node)
            if len(hashes) < WIDTH:
                return
            count //= WIDTH
            whole = encode_hashes(hashes)
            self.finished[Tile(level, count - 1)] = whole
            self._hashes[level], node, level = [], tile_root(whole), level + 1

    def copy(self, other: "Edge") -> None:
        """Become like `other`, with nothing left to be written."""
        self.size = other.size
        self._hashes = [list(hashes) for hashes in other._hashes]
        self._entries = list(other._entries)

    def partials(self) -> Iterator[tuple[Tile, bytes]]:
        """The unfinished tiles and bundle, as they are to be written."""
        bundle = partial(-1, self.size)
        if bundle:
            yield bundle, encode_bundle(self._entries)
        for level, hashes in enumerate(self._hashes):
            tile = partial(level, self.size)
            if tile:
                yield tile, encode_hashes(hashes)

    def nodes(self) -> tuple[bytes, ...]:
        """Roots of the perfect subtrees that cover the log, smallest first."""
        return tuple(node for hashes in self._hashes for node in reversed(_perfect(hashes)))

    def root(self) -> bytes:
        """Root over all entries."""
        result = b""
        for node in self.nodes():
            result = node_hash(node, result) if result else node
        return result or EMPTY_ROOT


def tile_root(hashes: bytes) -> bytes:
    """Root of the perfect subtree over a power of two of hashes, which lie one after another."""
    while len(hashes) > 32:
        hashes = b"".join([sha256(b"\x01" + hashes[n : n + 64]).digest() for n in range(0, len(hashes), 64)])
    return hashes


def _perfect(hashes: Sequence[bytes]) -> list[bytes]:
    """Roots of the perfect subtrees over some hashes of one level, largest first."""
    found, place, left = [], 0, len(hashes)
    while left:
        count = 1 << left.bit_length() - 1
        found.append(tile_root(b"".join(hashes[place : place + count])))
        place, left = place + count, left - count
    return found
