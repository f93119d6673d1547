"""Every entry of a log hashed again and compared with every tile. Shares only the forms with appending."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from msgspec import Struct

from assaymark.ledger.entry import InvalidEntryError, decode
from assaymark.ledger.merkle import EMPTY_ROOT, node_hash
from assaymark.ledger.tiles import (
    HASH_BYTES,
    WIDTH,
    InvalidTileError,
    MissingTileError,
    Tile,
    TileReader,
    bundle_of,
    decode_bundle,
    levels,
)
from assaymark.ledger.verification import MAX_PROBLEMS, Problem

__all__ = ["Walk"]


class _Difference(Struct, frozen=True):
    """A tile that is not what the entries below it give."""

    tile: Tile
    places: tuple[int, ...]
    """Which of its hashes, from 0."""
    leaves: tuple[bytes, ...]
    """At level 0: what the entries give there."""
    tile_is_wrong: bool | None
    """Whether the tile above sides with the entries; None if only the signed root can tell."""


class Walk:
    """A walk over the entries of a log of `size` entries, oldest first."""

    def __init__(self, tiles: TileReader, size: int, *, entries: bool = True) -> None:
        """Prepare; nothing is read yet.

        Args:
            tiles: the log.
            size: entries that it should have.
            entries: also check that each is a well-formed entry.
        """
        self._tiles, self._wanted, self._entries = tiles, size, entries
        self._above: list[list[bytes]] = [[] for _ in range(levels(size))]
        self._differences: list[_Difference] = []
        self._parents: dict[Tile, bytes] = {}
        self.problems: list[Problem] = []
        """What does not hold, in the order in which it was found."""
        self.size = 0
        """Entries hashed so far."""
        self.root = EMPTY_ROOT
        """Root over them."""

    def run(
        self,
        at: Callable[[int, Callable[[int], bytes]], None],
        leaves: Callable[[int, Sequence[bytes]], None],
    ) -> None:
        """Hash everything.

        Args:
            at: told after each bundle how many entries there are now, with a function that gives the root
                over the first so many of them, from before the bundle on.
            leaves: told the index of the first entry of each bundle, and the leaf hashes of all in it.
        """
        at(0, lambda _: EMPTY_ROOT)
        for number in range(-(-self._wanted // WIDTH)):
            found = self._bundle(number)
            if found is None or len(self.problems) >= MAX_PROBLEMS:
                return
            leaves(self.size, found)
            before, nodes = self.size, self._nodes()
            self.size += len(found)
            at(self.size, lambda n, f=found, b=before, u=nodes: _fold([*_perfect(f[: n - b]), *u]))  # type: ignore[misc]
            if self.size == self._wanted:
                self.root = _fold([*_perfect(found), *nodes])
            if len(found) == WIDTH:
                self._climb(1, number, _tile_root(b"".join(found)))
        self._finish_edge()

    def finish(self, signed_root: bytes) -> None:
        """Say for each difference which side is wrong, now that the signed root is known."""
        for difference in self._differences:
            wrong = difference.tile_is_wrong
            if wrong is None:
                wrong = self.root == signed_root
            for number, place in enumerate(difference.places):
                leaf = difference.leaves[number] if difference.leaves else None
                self.problems.append(self._problem(difference.tile, place, leaf, tile_is_wrong=wrong))

    def _bundle(self, number: int) -> list[bytes] | None:
        """The leaf hashes to go on with; None if neither the bundle nor its tile can be read."""
        bundle = bundle_of(number * WIDTH, self._wanted)
        tile = Tile(0, number, bundle.width)
        stored = self._read(tile, tile.width * HASH_BYTES)
        try:
            entries = decode_bundle(self._tiles.read(bundle.path), bundle.width)
        except (InvalidTileError, MissingTileError) as error:
            first, last = bundle.start, bundle.start + bundle.width - 1
            self._add(first, f"Entries {first} to {last} cannot be read: {_reason(bundle, error)}.")
            return None if stored is None else _hashes(stored)
        prefix, hashed = b"\x00", sha256
        found = [hashed(prefix + entry).digest() for entry in entries]
        if self._entries:
            self._check_entries(bundle.start, entries)
        if stored is None or stored == b"".join(found):
            return found
        return self._differs(tile, found, _hashes(stored))

    def _check_entries(self, start: int, entries: Sequence[bytes]) -> None:
        for index, data in enumerate(entries, start):
            try:
                decode(data)
            except InvalidEntryError as error:
                self._add(index, f"Entry {index} is not well-formed: {error}.")

    def _differs(self, tile: Tile, found: list[bytes], stored: list[bytes]) -> list[bytes]:
        """Note a level-0 tile that is not what its entries give; the hashes to go on with."""
        places = [n for n in range(len(found)) if found[n] != stored[n]][:MAX_PROBLEMS]
        wrong = self._sides_with(tile, found)
        leaves = tuple(found[n] for n in places)
        self._differences.append(_Difference(tile, tuple(places), leaves, wrong))
        return stored if wrong is False else found

    def _sides_with(self, tile: Tile, found: Sequence[bytes]) -> bool | None:
        """Whether the tile above has the root of `found`; None if there is none above."""
        above = Tile(tile.level + 1, tile.index // WIDTH)
        if not tile.full:
            return None
        width = min(WIDTH, (self._wanted >> 8 * above.level) - above.index * WIDTH)
        above = Tile(above.level, above.index, width)
        stored = self._read(above, width * HASH_BYTES, quiet=True)
        if stored is None:
            return None
        start = tile.index % WIDTH * HASH_BYTES
        return stored[start : start + HASH_BYTES] == _tile_root(b"".join(found))

    def _climb(self, level: int, number: int, node: bytes) -> None:
        """Put the root of a full tile into the one above, and so on while that becomes full."""
        while True:
            hashes = self._above[level]
            hashes.append(node)
            if len(hashes) < WIDTH:
                return
            number //= WIDTH
            self._compare(Tile(level, number), hashes)
            node, self._above[level], level = _tile_root(b"".join(hashes)), [], level + 1

    def _finish_edge(self) -> None:
        for level, hashes in enumerate(self._above):
            if hashes:
                self._compare(Tile(level, self._wanted >> 8 * (level + 1), len(hashes)), hashes)

    def _compare(self, tile: Tile, hashes: Sequence[bytes]) -> None:
        stored = self._read(tile, tile.width * HASH_BYTES)
        if stored is None or stored == b"".join(hashes):
            return
        places = [n for n, have in enumerate(_hashes(stored)) if have != hashes[n]][:MAX_PROBLEMS]
        self._differences.append(_Difference(tile, tuple(places), (), self._sides_with(tile, hashes)))

    def _problem(self, tile: Tile, place: int, leaf: bytes | None, *, tile_is_wrong: bool) -> Problem:
        width = WIDTH ** max(tile.level, 0)
        first = (tile.index * WIDTH + place) * width
        what = f"entry {first}" if width == 1 else f"entries {first} to {first + width - 1}"
        if tile_is_wrong:
            return Problem(first, f"{tile.path} was changed: its hash {place} is not that of {what}.")
        if leaf is not None:
            moved = self._elsewhere(leaf, first) if not self.problems else ""
            return Problem(first, f"Entry {first} was changed: its bytes do not give its leaf hash.{moved}")
        return Problem(
            first, f"E{what[1:]} were changed, and their tiles with them: {tile.path} says otherwise."
        )

    def _elsewhere(self, leaf: bytes, index: int) -> str:
        """Where else in the log a leaf hash stands; reads every tile."""
        for number in range(-(-self._wanted // WIDTH)):
            tile = Tile(0, number, bundle_of(number * WIDTH, self._wanted).width)
            stored = self._read(tile, tile.width * HASH_BYTES, quiet=True)
            hashes = _hashes(stored or b"")
            if leaf in hashes and (other := number * WIDTH + hashes.index(leaf)) != index:
                return f" It is what was recorded as entry {other}."
        return ""

    def _read(self, tile: Tile, length: int, *, quiet: bool = False) -> bytes | None:
        """A hash tile's bytes; None, and a problem, if it is missing or not of its length."""
        try:
            data = self._tiles.read(tile.path)
        except MissingTileError as error:
            reason = _reason(tile, error)
        else:
            if len(data) == length:
                return data
            reason = f"{tile.path} has {len(data)} bytes where {length} should be"
        if not quiet:
            self._add(tile.start, f"A tile cannot be read: {reason}.")
        return None

    def _add(self, index: int, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(index, message))

    def _nodes(self) -> list[bytes]:
        """Roots of the perfect subtrees over the full bundles so far, smallest first."""
        return [node for hashes in self._above[1:] for node in _perfect(hashes)]


def _perfect(hashes: Sequence[bytes]) -> Iterator[bytes]:
    """Roots of the perfect subtrees over some hashes of one level, smallest first."""
    end = len(hashes)
    while end:
        count = end & -end
        yield _tile_root(b"".join(hashes[end - count : end]))
        end -= count


def _fold(nodes: Sequence[bytes]) -> bytes:
    """Root of the tree whose perfect subtrees are `nodes`, smallest first."""
    if not nodes:
        return EMPTY_ROOT
    result, *rest = nodes
    for node in rest:
        result = node_hash(node, result)
    return result


def _tile_root(hashes: bytes) -> bytes:
    hashed, prefix = sha256, b"\x01"
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        hashes = b"".join([hashed(prefix + hashes[n : n + 64]).digest() for n in pairs])
    return hashes


def _hashes(data: bytes) -> list[bytes]:
    return [data[n : n + HASH_BYTES] for n in range(0, len(data), HASH_BYTES)]


def _reason(tile: Tile, error: Exception) -> str:
    if isinstance(error, MissingTileError):
        return error.message.removeprefix("The log's file ").rstrip(".")
    return f"{tile.path}: {error}"
