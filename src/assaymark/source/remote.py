"""Files of an object store or web server, by range: a 100 GB file costs the blocks that are looked at."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from assaymark.asset import NotLookedAt
from assaymark.errors import AssaymarkError, NothingToAssess
from assaymark.source.address import install_line, shown_address, without_credentials
from assaymark.source.place import Item
from assaymark.source.walk import MAX_FILES, shown_path

__all__ = ["RemoteBlob", "RemoteFolder", "RemotePlace", "asked", "filesystem"]

BLOCK = 1 << 20
"""Bytes of one request."""
KEPT = 24
"""Blocks kept of one file."""


class RemoteBlob:
    """A file of a store; blocks are fetched when they are looked at, and a few are kept."""

    def __init__(self, store: Any, at: str, path: str, size: int) -> None:
        self.path = path
        self.size = size
        self._store = store
        self._at = at
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256; fetches the whole file."""
        digest = hashlib.sha256()
        for number in range(-(-self.size // BLOCK)):
            digest.update(self._block(number))
        return digest.hexdigest()

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`."""
        end = self.size if length < 0 else min(self.size, offset + length)
        if end <= offset:
            return b""
        first, last = offset // BLOCK, (end - 1) // BLOCK
        data = b"".join(self._block(n) for n in range(first, last + 1))
        return data[offset - first * BLOCK : end - first * BLOCK]

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        start = number * BLOCK
        wanted = min(BLOCK, self.size - start)
        data: bytes = asked(self._store.cat_file, self._at, start=start, end=start + wanted)
        if len(data) != wanted:
            raise OSError(f"the store gave {len(data):,} bytes where {wanted:,} were asked for")
        self._blocks[number] = data
        if len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        return data


class RemotePlace:
    """What an fsspec URL names: one file, or all files below it."""

    def __init__(self, url: str) -> None:
        self.name = shown_address(url)
        self.single = False
        self._url = url
        self._pid = os.getpid()
        self._missed: tuple[NotLookedAt, ...] = ()
        try:
            self._store, root = filesystem(url)
            self._items = self._listed(root)
        except (OSError, ValueError, RuntimeError) as error:
            reason = without_credentials(str(error)) or type(error).__name__
            raise NothingToAssess(
                f"{self.name} cannot be read: {reason[:300]}", "Check the address."
            ) from error

    def items(self) -> tuple[Item, ...]:
        """All its files, by path."""
        return self._items

    def not_looked_at(self) -> tuple[NotLookedAt, ...]:
        """What was left out, and why."""
        return self._missed

    @contextmanager
    def open(self, item: Item) -> Iterator[RemoteBlob]:
        """The file; the size that the listing gave is held to."""
        if self._pid != os.getpid():  # a store's connections do not survive in a forked process
            self._store, self._pid = filesystem(self._url)[0], os.getpid()
        yield RemoteBlob(self._store, item.at, item.path, item.size)
        after = asked(self._store.info, item.at).get("size")
        if after is not None and after != item.size:
            raise OSError("its size changed while it was read; run it again")

    def _listed(self, root: str) -> tuple[Item, ...]:
        about = asked(self._store.info, root)
        self.single = about["type"] == "file"
        if self.single:
            return (self._item(root, about, root.rstrip("/").rpartition("/")[2]),)
        found = asked(self._store.find, root, detail=True)
        if len(found) > MAX_FILES:
            reason = f"there are {len(found):,} files; only the first {MAX_FILES:,} are read"
            self._missed = (NotLookedAt(path=".", reason=reason, files=len(found) - MAX_FILES),)
        stem = root.rstrip("/") + "/"
        named = sorted(found.items())[:MAX_FILES]
        return tuple(self._item(at, about, at.removeprefix(stem)) for at, about in named)

    def _item(self, at: str, about: dict[str, Any], shown: str) -> Item:
        size = about.get("size")
        if not isinstance(size, int):
            raise OSError(f"the store does not tell the size of {shown[:100]}, so it cannot be read by range")
        return Item(shown_path(shown), at, size)


class RemoteFolder:
    """Files below an fsspec URL that are read whole, by a name that is known beforehand."""

    def __init__(self, url: str) -> None:
        self.name = shown_address(url)
        self._streamed = url.lower().startswith(("http://", "https://"))
        try:
            self._store, self._root = filesystem(url)
        except (OSError, ValueError, RuntimeError) as error:
            reason = without_credentials(str(error)) or type(error).__name__
            raise AssaymarkError(
                f"{self.name} cannot be read: {reason[:300]}", "Check the address."
            ) from error

    def read(self, path: str, limit: int) -> bytes:
        """The first `limit` bytes of the file; no more is fetched into memory.

        Raises:
            OSError: there is none, or the store failed.
        """
        data: bytes = asked(self._read, f"{self._root.rstrip('/')}/{path}", limit)
        return data

    def _read(self, at: str, limit: int) -> bytes:
        # A web server may ignore ranges: its answer is streamed, and left when there is too much of it.
        options = {"block_size": 0} if self._streamed else {"cache_type": "none"}
        data = b""
        with self._store.open(at, "rb", **options) as file:
            while len(data) < limit and (more := file.read(limit - len(data))):  # streams give what is there
                data += more
        return data


def asked(question: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The store's answer; its error as one of reading."""
    try:
        return question(*arguments, **options)
    except FileNotFoundError as error:
        raise OSError("nothing is there, or nobody answers") from error
    except Exception as error:
        reason = without_credentials(str(error)) or type(error).__name__
        raise OSError(f"the store failed ({reason[:200]})") from error


def filesystem(url: str) -> tuple[Any, str]:
    """The store that `url` names, and the place within it.

    Raises:
        AssaymarkError: a package that such stores need is not installed.
    """
    import fsspec

    scheme = url.partition("://")[0]
    try:
        store, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        line = install_line(url) or f"pip install the fsspec package for {scheme}://"
        raise AssaymarkError(f"Reading {scheme}:// needs a package that is not installed.", line) from error
    return store, root
