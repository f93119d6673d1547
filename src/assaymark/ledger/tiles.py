"""The static files of a transparency log: C2SP tlog-tiles v0.1.0. Pure: names and bytes, no disk.

::

    tile/<L>/<N>[.p/<W>]         hash tile: up to 256 hashes of 32 bytes; a full one below gives one hash
    tile/entries/<N>[.p/<W>]     entry bundle: up to 256 entries, each behind its length in two bytes

``<N>`` is written in groups of three digits (``x001/x234/067``), ``.p/<W>`` stands on partial ones alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from assaymark.errors import AssaymarkError

__all__ = [
    "CHECKPOINT",
    "HASH_BYTES",
    "MAX_BUNDLE_BYTES",
    "MAX_ENTRY_BYTES",
    "MAX_SIZE",
    "WIDTH",
    "InvalidTileError",
    "MissingTileError",
    "Tile",
    "TileReader",
    "bundle_of",
    "decode_bundle",
    "decode_hashes",
    "encode_bundle",
    "encode_hashes",
    "levels",
    "parse_path",
    "partial",
    "tiles",
]

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

HASH_BYTES = 32

MAX_ENTRY_BYTES = 65_535
"""Longest entry: lengths have two bytes."""

MAX_BUNDLE_BYTES = WIDTH * (2 + MAX_ENTRY_BYTES)

MAX_SIZE = 2**56
"""Entries beyond which no log is read: seven levels, more than anybody can have written."""

CHECKPOINT = "checkpoint"
"""Where the newest signed head lies, beside ``tile/``."""

_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([0-9]{1,3}))?")
_MAX_PATH = 80


class InvalidTileError(ValueError):
    """Bytes or a name that are no tile; the message says why."""


class MissingTileError(AssaymarkError):
    """A file of a log that should be there is not, or cannot be read.

    Args:
        path: its name within the log, as `Tile.path` gives it.
        reason: what the store said, if that is more than that there is none.
    """

    def __init__(self, path: str, reason: str = "") -> None:
        super().__init__(
            f"The log's file {path} {f'cannot be read: {reason}' if reason else 'is missing'}.",
            "Restore it from a copy of the log; an earlier state of the log may still be proved.",
        )
        self.path = path


class TileReader(Protocol):
    """Where the files of a log are read from: a folder, a store, a pack."""

    def read(self, path: str) -> bytes:
        """The bytes under a name such as ``tile/0/000`` or ``checkpoint``.

        Raises:
            MissingTileError: there is none.
        """
        ...


class Tile(Struct, frozen=True, order=True):
    """The name of one file of a log."""

    level: int
    """0 for leaf hashes and upwards; -1 for a bundle of entries."""
    index: int
    """From 0, within the level."""
    width: int = WIDTH
    """How many hashes or entries; fewer than 256 in a partial one."""

    @property
    def path(self) -> str:
        """Where it lies within the log."""
        level = "entries" if self.level < 0 else str(self.level)
        rest, last = divmod(self.index, 1000)
        groups = [f"{last:03}"]
        while rest:
            rest, group = divmod(rest, 1000)
            groups.append(f"x{group:03}")
        suffix = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{suffix}"

    @property
    def full(self) -> bool:
        """Whether it holds all it ever will."""
        return self.width == WIDTH

    @property
    def start(self) -> int:
        """Index of the first entry of the log that it speaks about."""
        return self.index << 8 * (max(self.level, 0) + 1)


def bundle_of(index: int, size: int) -> Tile:
    """The bundle that holds entry `index` in a log of `size` entries."""
    number = index // WIDTH
    return Tile(-1, number, min(WIDTH, size - number * WIDTH))


def parse_path(path: str) -> Tile:
    """The tile that a name stands for.

    Raises:
        InvalidTileError: `path` is not exactly the name of a tile or bundle.
    """
    match = _PATH.fullmatch(path) if len(path) <= _MAX_PATH else None
    if match:
        level, groups, last, width = match.groups()
        tile = Tile(
            -1 if level == "entries" else int(level),
            int(groups.replace("x", "").replace("/", "") + last),
            int(width or WIDTH),
        )
        if tile.path == path and 0 < tile.width <= WIDTH:  # one name for each, no leading zeroes
            return tile
    raise InvalidTileError(f"{path[:_MAX_PATH]!r} is no name of a tile")


def levels(size: int) -> int:
    """How many levels of hash tiles a log of `size` entries has."""
    count = 0
    while size:
        count, size = count + 1, size // WIDTH
    return count


def partial(level: int, size: int) -> Tile | None:
    """The partial tile at `level` (-1: of entries) of a log of `size` entries; None if it has none there."""
    index, width = divmod(size // WIDTH ** max(level, 0), WIDTH)
    return Tile(level, index, width) if width else None


def tiles(size: int, earlier: int = 0) -> Iterator[Tile]:
    """All files that a log of `size` entries has and one of `earlier` entries had not.

    Bundles first, then hash tiles from the leaves upwards, so that what is written in this order never
    refers to what is not there yet.
    """
    for level in range(-1, levels(size)):
        span = WIDTH ** max(level, 0)
        before, now = earlier // span, size // span
        for index in range(before // WIDTH, now // WIDTH):
            yield Tile(level, index)
        last = partial(level, size)
        if last and now != before:
            yield last


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """The bytes of a hash tile."""
    return b"".join(hashes)


def decode_hashes(data: bytes, width: int) -> tuple[bytes, ...]:
    """The hashes in a tile.

    Raises:
        InvalidTileError: it does not hold exactly `width` of them.
    """
    if len(data) != width * HASH_BYTES:
        raise InvalidTileError(f"it has {len(data):,} bytes where {width} hashes have {width * HASH_BYTES:,}")
    return tuple(data[n : n + HASH_BYTES] for n in range(0, len(data), HASH_BYTES))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle of entries.

    Raises:
        InvalidTileError: an entry is longer than a bundle can say.
    """
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise InvalidTileError(f"an entry is longer than {MAX_ENTRY_BYTES:,} bytes")
    return b"".join(part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry))


def decode_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The entries in a bundle.

    Raises:
        InvalidTileError: it does not hold exactly `width` of them, or ends within one.
    """
    entries, place, end = [], 0, len(data)
    for number in range(width):
        start = place + 2
        if start > end:
            raise InvalidTileError(f"it ends after {number} entries where there should be {width}")
        place = start + (data[place] << 8 | data[place + 1])
        if place > end:
            raise InvalidTileError(f"it ends within entry {number} of {width}")
        entries.append(data[start:place])
    if place != end:
        raise InvalidTileError(f"it has {end - place:,} bytes after its {width} entries")
    return tuple(entries)
