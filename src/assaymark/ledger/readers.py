"""Where the files of a log are read from: a folder, or any store that fsspec knows. Reads, nothing else.

What is read is bounded by what such a file can hold; a name is read only if it is that of a tile or of the
checkpoint, so that nothing in a log can name another file.
"""

import contextlib
from pathlib import Path

from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError, parse
from assaymark.ledger.folder import Folder
from assaymark.ledger.note import MAX_NOTE
from assaymark.ledger.prover import ContradictionError
from assaymark.ledger.tiles import (
    CHECKPOINT,
    HASH_BYTES,
    MAX_ENTRY_BYTES,
    InvalidTileError,
    MissingTileError,
    TileReader,
    parse_path,
)
from assaymark.source.remote import RemoteFolder

__all__ = ["FolderReader", "StoreReader", "is_url", "read_checkpoint", "reader_of"]


class FolderReader:
    """The files of a log in a local folder."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder.resolve()  # the user may name a link; nothing within may be one

    def read(self, path: str) -> bytes:
        """See `TileReader`."""
        limit = _limit(path)
        try:
            with contextlib.closing(Folder(self._folder)) as folder:
                data = folder.read(path, limit)
        except OSError as error:
            raise MissingTileError(path, str(error.strerror)) from error
        if data is None:
            raise MissingTileError(path)
        return _bounded(path, data, limit)


class StoreReader:
    """The files of a log below an fsspec URL: a bucket, a web server.

    Raises:
        AssaymarkError: a package that such URLs need is not installed, or the URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._files = RemoteFolder(url)
        self.name = self._files.name

    def read(self, path: str) -> bytes:
        """See `TileReader`."""
        limit = _limit(path)
        try:
            data = self._files.read(path, limit + 1)
        except OSError as error:
            raise MissingTileError(path, str(error)) from error
        return _bounded(path, data, limit)


def is_url(place: str) -> bool:
    """Whether `place` is meant as a URL and not as a folder."""
    return "://" in place


def reader_of(place: str | Path) -> FolderReader | StoreReader:
    """A reader for the log in a folder or below a URL."""
    return StoreReader(str(place)) if is_url(str(place)) else FolderReader(Path(place))


def read_checkpoint(reader: TileReader) -> tuple[str, Checkpoint]:
    """The newest signed head of a log and what it says; whose signature it bears is not looked at.

    Raises:
        MissingTileError: there is none.
        ContradictionError: the file holds something else.
    """
    try:
        note = reader.read(CHECKPOINT).decode("utf-8")
        return note, parse(note)
    except (UnicodeError, InvalidCheckpointError) as error:
        raise ContradictionError(f"The log's checkpoint is no signed head: {error}.", CHECKPOINT) from error


def _limit(path: str) -> int:
    """Bytes that the file can have at most."""
    if path == CHECKPOINT:
        return MAX_NOTE
    try:
        tile = parse_path(path)
    except InvalidTileError as error:
        raise MissingTileError(path[:80], str(error)) from error
    return tile.width * (2 + MAX_ENTRY_BYTES if tile.level < 0 else HASH_BYTES)


def _bounded(path: str, data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise MissingTileError(path, f"it is longer than the {limit:,} bytes that it can have")
    return data
