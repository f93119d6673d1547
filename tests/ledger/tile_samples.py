"""Logs as folders of tiles, written by a few lines that share only names and encoding with ours."""

from collections.abc import Sequence
from pathlib import Path

from tests.ledger.samples import KEY

from assaymark.ledger.checkpoint import Checkpoint, sign
from assaymark.ledger.merkle import leaf_hash, node_hash, root
from assaymark.ledger.tiles import MissingTileError, Tile, encode_bundle, tiles

ORIGIN = "assaymark.local/0011223344556677"


def entries(count: int, start: int = 0) -> list[bytes]:
    """Different entries of different lengths."""
    return [f"entry {n}".encode() * (1 + n % 3) for n in range(start, start + count)]


def files(data: Sequence[bytes], key: object = KEY, origin: str = ORIGIN) -> dict[str, bytes]:
    """All files of a log of these entries, by name."""
    leaves = [leaf_hash(entry) for entry in data]
    levels = [leaves]
    while len(levels[-1]) >= 256:
        below = levels[-1]
        levels.append([_tree(below[n : n + 256]) for n in range(0, len(below) // 256 * 256, 256)])
    found = {}
    for tile in tiles(len(data)):
        span = slice(tile.index * 256, tile.index * 256 + tile.width)
        found[tile.path] = encode_bundle(data[span]) if tile.level < 0 else b"".join(levels[tile.level][span])
    found["checkpoint"] = sign(Checkpoint(origin, len(data), root(leaves)), key).encode()
    return found


def write(folder: Path, found: dict[str, bytes]) -> Path:
    """Put them on disk."""
    for name, content in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


class Memory:
    """The files of a log in memory; counts what is read."""

    def __init__(self, found: dict[str, bytes]) -> None:
        self.files = found
        self.asked: list[str] = []

    def read(self, path: str) -> bytes:
        """See `TileReader`."""
        self.asked.append(path)
        if path not in self.files:
            raise MissingTileError(path)
        return self.files[path]


def tile_names(size: int) -> list[str]:
    """Names of all tiles and bundles."""
    return [tile.path for tile in tiles(size) if isinstance(tile, Tile)]


def _tree(hashes: Sequence[bytes]) -> bytes:
    nodes = list(hashes)
    while len(nodes) > 1:
        nodes = [node_hash(nodes[n], nodes[n + 1]) for n in range(0, len(nodes), 2)]
    return nodes[0]
