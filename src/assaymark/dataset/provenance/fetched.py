"""What was downloaded, by address or by name: a folder, a manifest, or a list. Kept as sorted digests."""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.provenance.existing import read_known
from assaymark.dataset.provenance.url_list import ListColumns, read_list
from assaymark.errors import AssaymarkError
from assaymark.signing.hashing import Piece, digest_pieces
from assaymark.signing.model import found_in
from assaymark.signing.problems import Trouble

__all__ = ["Fetched", "base_name", "read_fetched"]

_KEY = 8
_ROW = 48
"""Bytes for each: 8 of the key's digest, 32 of the content's, 8 of its size."""


class Fetched:
    """Name or address → digest and size of what was got."""

    def __init__(self, rows: Iterable[tuple[str, str, int]]) -> None:
        """Take in (name, hexadecimal digest or nothing, size or -1)."""
        packed = bytearray()
        for name, digest, size in rows:
            packed += sha256(name.encode("utf-8", "replace")).digest()[:_KEY]
            packed += bytes.fromhex(digest) if digest else bytes(32)
            packed += size.to_bytes(8, "big", signed=True)
        table = np.frombuffer(bytes(packed), np.uint8).reshape(-1, _ROW)
        keys = np.ascontiguousarray(table[:, :_KEY]).view(">u8").ravel().astype(np.uint64)
        order = np.argsort(keys, kind="stable")
        self._keys: NDArray[np.uint64] = keys[order]
        self._table = table[order]
        heads = np.ascontiguousarray(self._table[:, _KEY : _KEY + 8]).view(">u8").ravel().astype(np.uint64)
        self._by_content = np.argsort(heads, kind="stable")
        self._contents: NDArray[np.uint64] = heads[self._by_content]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, names: Sequence[str]) -> list[tuple[str, int] | None]:
        """Digest (empty if unknown) and size of each; None for what was not got."""
        if not len(self._keys):
            return [None] * len(names)
        wanted = np.array(
            [int.from_bytes(sha256(n.encode("utf-8", "replace")).digest()[:_KEY], "big") for n in names],
            np.uint64,
        )
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        return [
            self._one(int(i)) if key and name else None
            for i, key, name in zip(at, self._keys[at] == wanted, names, strict=True)
        ]

    def has(self, digest: str) -> bool:
        """Whether any file that was got has that content."""
        if not (digest and len(self._keys)):
            return False
        head = np.uint64(int(digest[:16], 16))
        start, end = (int(np.searchsorted(self._contents, head, side)) for side in ("left", "right"))
        whole = np.frombuffer(bytes.fromhex(digest), np.uint8)
        near = self._by_content[start:end]
        return bool((self._table[near, _KEY:40] == whole).all(axis=1).any())

    def _one(self, at: int) -> tuple[str, int]:
        row = self._table[at].tobytes()
        digest = row[_KEY:40]
        return digest.hex() if any(digest) else "", int.from_bytes(row[40:], "big", signed=True)


def read_fetched(path: Path) -> Fetched:
    """What lies in a folder, or what a manifest (Croissant) or a list says was got.

    Raises:
        AssaymarkError: a file cannot be read.
        UsageError: it is neither.
    """
    if path.is_dir():
        return Fetched(_folder(path))
    if path.suffix.lower() == ".json":
        known = read_known(path)
        if known.files and any(f.sha256 for f in known.files):
            return Fetched(
                row
                for file in known.files
                for name in {file.name, PurePosixPath(file.name).name, file.origin.source} - {""}
                for row in ((name, file.sha256, -1),)
            )
    return Fetched(_list(path))


def _folder(path: Path) -> Iterable[tuple[str, str, int]]:
    """By path; and by name alone, where one file has it."""
    listing = found_in(path)
    alone = Counter(PurePosixPath(f.name).name for f in listing.files)
    results = digest_pieces([Piece(f.name, f.path, f.stamp) for f in listing.files])
    for found, digest in zip(listing.files, results, strict=True):
        if isinstance(digest, Trouble):
            raise AssaymarkError(f"{digest}.", "Mend it, and run it again.")
        base = PurePosixPath(found.name).name
        for name in {found.name, *((base,) if alone[base] == 1 else ())}:
            yield name, digest, found.stamp.size


def _list(path: Path) -> Iterable[tuple[str, str, int]]:
    for part in read_list(path, ListColumns()):
        for url, digest, size in zip(part.urls, part.sha256, part.sizes, strict=True):
            if url and (digest or size >= 0):
                yield url, digest, size


def base_name(url: str) -> str:
    """The file name that a URL ends with, if it has one."""
    try:
        return PurePosixPath(unquote(urlsplit(url).path)).name
    except ValueError:
        return ""
