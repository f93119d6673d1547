"""Proofs about a log from its tiles: a few files read for each, however long the log is.

Whatever the tiles say is checked against the root that a signed head gives, so that tiles from a stranger's
store can at worst be refused.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Self

from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.merkle import (
    Frontier,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from assaymark.ledger.tiles import (
    MAX_SIZE,
    WIDTH,
    InvalidTileError,
    MissingTileError,
    Tile,
    TileReader,
    bundle_of,
    decode_bundle,
    decode_hashes,
)

__all__ = ["ContradictionError", "InclusionProof", "Prover"]

_KEPT_TILES = 64
"""Hash tiles kept in memory, 16 KiB or so each."""
_KEPT_NODES = 65_536
"""Nodes within tiles kept in memory; many proofs share them."""
_HEIGHT = 8


class ContradictionError(AssaymarkError):
    """Two things that a log says cannot both be true.

    Args:
        message: which, with both values.
        path: the file within the log that is concerned; empty if it is none in particular.
    """

    exit_code = 14

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message, "Keep all of it as evidence, ask who runs the log, and trust none of it.")
        self.path = path


class InclusionProof(Struct, frozen=True):
    """That an entry stands at its place in a log of a certain size."""

    index: int
    """Position of the entry, from 0."""
    size: int
    """Entries of the log over whose root it is proved."""
    hashes: tuple[bytes, ...]
    """RFC 6962 audit path, leaf side first, 32 bytes each."""

    def leads(self, leaf: bytes, root: bytes) -> bool:
        """Whether it leads from a leaf hash to `root`."""
        return verify_inclusion(leaf, self.index, self.size, self.hashes, root)


class Prover:
    """Proofs about a log of `size` entries.

    Args:
        reader: where its files are.
        size: entries over which there is a published head; tiles are read as they are named for that size.
        root: root that the head gives; None if the tiles are one's own and need no check.
    """

    def __init__(self, reader: TileReader, size: int, root: bytes | None = None) -> None:
        if not 0 <= size <= MAX_SIZE:
            raise ContradictionError(f"No log has {size:,} entries.")
        self.size = size
        self._reader = reader
        self._cache: OrderedDict[Tile, tuple[bytes, ...]] = OrderedDict()
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._root = root
        if root is not None and self.root() != root:
            raise ContradictionError(
                f"The tiles of the log give the root {self.root().hex()} over {size:,} entries,"
                f" and its signed head says {root.hex()}."
            )

    @classmethod
    def at(cls, reader: TileReader, head: Checkpoint) -> Self:
        """For the log at `head`, whose root every proof is checked against.

        Raises:
            ContradictionError: the tiles give another root.
        """
        return cls(reader, head.size, head.root)

    def leaf(self, index: int) -> bytes:
        """Leaf hash at `index`, as the tile has it."""
        self._within(index)
        return self._hash(0, index)

    def data(self, index: int) -> bytes:
        """The entry at `index`, checked against its leaf hash.

        Raises:
            ContradictionError: the bundle is malformed, or gives another leaf hash.
        """
        self._within(index)
        bundle = bundle_of(index, self.size)
        data = self._read(bundle)
        try:
            # A full bundle may stand in for the partial one of the time of the head.
            width = WIDTH if data.full else bundle.width
            entry = decode_bundle(data.bytes, width)[index % WIDTH]
        except InvalidTileError as error:
            raise ContradictionError(
                f"The log's file {bundle.path} is malformed: {error}.", bundle.path
            ) from error
        if leaf_hash(entry) != self.leaf(index):
            raise ContradictionError(
                f"Entry {index} in the log's file {bundle.path} does not give its leaf hash.", bundle.path
            )
        return entry

    def root(self, size: int | None = None) -> bytes:
        """Root over the first `size` entries; None: over all."""
        return self.frontier(size).root()

    def frontier(self, size: int | None = None) -> Frontier:
        """Roots of the perfect subtrees over the first `size` entries, to append to."""
        wanted = self._earlier(size)
        nodes, start = [], 0
        for level in reversed(range(wanted.bit_length())):
            if wanted >> level & 1:
                nodes.append(self._node(level, start >> level))
                start += 1 << level
        return Frontier(wanted, nodes)

    def inclusion(self, index: int, size: int | None = None) -> InclusionProof:
        """Proof that entry `index` is among the first `size` entries; None: among all.

        Raises:
            ContradictionError: the tiles do not agree with each other or with the head.
        """
        wanted = self._earlier(size)
        if not 0 <= index < wanted:
            raise _no_entry(index, wanted)
        hashes: list[bytes] = []
        start, end = 0, wanted
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                hashes.append(self._over(middle, end))
                end = middle
            else:
                hashes.append(self._over(start, middle))
                start = middle
        proof = InclusionProof(index, wanted, tuple(reversed(hashes)))
        if self._root is not None and wanted < self.size:  # the earlier root has to belong to the same tree
            self.consistency(wanted)
        if self._root is not None and not proof.leads(self.leaf(index), self.root(wanted)):
            raise ContradictionError(
                f"The tiles of the log give no way from entry {index} to the root over {wanted:,} entries.",
                Tile(0, index // WIDTH).path,
            )
        return proof

    def consistency(self, earlier: int, later: int | None = None) -> tuple[bytes, ...]:
        """Proof that the log of `later` entries (None: all) begins with that of `earlier`; empty from 0.

        Raises:
            ContradictionError: the tiles do not agree with each other or with the head.
        """
        now = self._earlier(later)
        if not 0 <= earlier <= now:
            raise AssaymarkError(
                f"A log of {now:,} entries has no earlier state of {earlier:,}.", "Name an earlier size."
            )
        proof = tuple(self._subproof(earlier, 0, now, whole=True)) if earlier else ()
        if self._root is not None and earlier:
            before, after = self.root(earlier), self.root(now)
            if not verify_consistency(earlier, now, before, after, proof):
                raise ContradictionError(
                    f"The tiles of the log give no way from {earlier:,} to {now:,} entries."
                )
        return proof

    def _subproof(self, m: int, start: int, end: int, *, whole: bool) -> Sequence[bytes]:
        """``SUBPROOF(m, D[start:end], whole)`` of RFC 6962, 2.1.2; `m` counts from `start`."""
        if m == end - start:
            return [] if whole else [self._over(start, end)]
        k = _split(end - start)
        if m <= k:
            return [*self._subproof(m, start, start + k, whole=whole), self._over(start + k, end)]
        return [*self._subproof(m - k, start + k, end, whole=False), self._over(start, start + k)]

    def _over(self, start: int, end: int) -> bytes:
        """Hash over entries ``[start, end)``; `start` is a multiple of the power of two that covers them."""
        count = end - start
        if count.bit_count() == 1:
            level = count.bit_length() - 1
            return self._node(level, start >> level)
        k = _split(count)
        return node_hash(self._over(start, start + k), self._over(start + k, end))

    def _node(self, level: int, index: int) -> bytes:
        """Root of the perfect subtree of ``2**level`` entries that is the `index`-th of its kind."""
        if (level, index) in self._nodes:
            return self._nodes[level, index]
        if len(self._nodes) >= _KEPT_NODES:
            self._nodes.clear()
        self._nodes[level, index] = node = self._computed(level, index)
        return node

    def _computed(self, level: int, index: int) -> bytes:
        tile_level, within = divmod(level, _HEIGHT)
        first = index << within
        hashes = [self._hash(tile_level, first + n) for n in range(1 << within)]
        while len(hashes) > 1:
            hashes = [node_hash(hashes[n], hashes[n + 1]) for n in range(0, len(hashes), 2)]
        return hashes[0]

    def _hash(self, level: int, index: int) -> bytes:
        number, offset = divmod(index, WIDTH)
        width = min(WIDTH, (self.size >> _HEIGHT * level) - number * WIDTH)
        return self._tile(Tile(level, number, width))[offset]

    def _tile(self, tile: Tile) -> tuple[bytes, ...]:
        if tile in self._cache:
            self._cache.move_to_end(tile)
            return self._cache[tile]
        data = self._read(tile)
        try:
            hashes = decode_hashes(data.bytes, WIDTH if data.full else tile.width)
        except InvalidTileError as error:
            raise _malformed(tile, error) from error
        self._cache[tile] = hashes
        if len(self._cache) > _KEPT_TILES:
            self._cache.popitem(last=False)
        return hashes

    def _read(self, tile: Tile) -> "_Content":
        try:
            return _Content(self._reader.read(tile.path), tile.full)
        except MissingTileError:
            if tile.full:
                raise
            try:  # a log may delete a partial tile once the full one is there
                return _Content(self._reader.read(Tile(tile.level, tile.index).path), full=True)
            except MissingTileError:
                pass
            raise

    def _within(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise _no_entry(index, self.size)

    def _earlier(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise AssaymarkError(
                f"The log's head covers {self.size:,} entries, not {size:,}.", "Name an earlier size."
            )
        return size


class _Content(Struct, frozen=True):
    """What a file of the log holds."""

    bytes: bytes
    full: bool
    """Whether it is the full tile, also where a partial one was asked for."""


def _malformed(tile: Tile, error: InvalidTileError) -> ContradictionError:
    return ContradictionError(f"The log's file {tile.path} is malformed: {error}.", tile.path)


def _no_entry(index: int, size: int) -> AssaymarkError:
    return AssaymarkError(
        f"There is no entry {index} in a log of {size:,}.", "Entries count from 0; `log show` lists them."
    )


def _split(n: int) -> int:
    """The largest power of two smaller than n (RFC 6962, 2.1)."""
    return 1 << ((n - 1).bit_length() - 1)
