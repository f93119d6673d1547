"""Logs are read from folders and stores, within bounds."""

import contextlib
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest
from tests.ledger.tile_samples import entries, files, write

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import parse
from assaymark.ledger.prover import ContradictionError, Prover
from assaymark.ledger.readers import FolderReader, StoreReader, read_checkpoint, reader_of
from assaymark.ledger.tiles import MissingTileError

FILES = files(entries(300))
NAMES = sorted(FILES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log on disk."""
    return write(tmp_path / "log", FILES)


@pytest.mark.parametrize("form", ["folder", "file url", "memory url", "link"])
def test_every_file_is_read_wherever_it_lies(folder: Path, form: str) -> None:
    """From a folder, a link to one that the user named, or any store that fsspec knows."""
    place = str(folder)
    if form == "file url":
        place = f"file://{folder}"
    elif form == "link":
        folder.with_name("link").symlink_to(folder)
        place = str(folder.with_name("link"))
    elif form == "memory url":
        place = f"memory://{folder.parent.name}/log"
        store = fsspec.filesystem("memory")
        for name, data in FILES.items():
            store.pipe_file(f"/{folder.parent.name}/log/{name}", data)
    reader = reader_of(place)
    assert {name: reader.read(name) for name in NAMES} == FILES
    note, head = read_checkpoint(reader)
    assert (note, head) == (FILES["checkpoint"].decode(), parse(note))
    assert Prover.at(reader, head).data(299) == entries(300)[299]
    with pytest.raises(MissingTileError, match="tile/0/009"):
        reader.read("tile/0/009")


@pytest.mark.parametrize(
    "name", ["marks", "../log/checkpoint", "tile/0/../../x", "/etc/passwd", "tile/0/000.p/0"]
)
def test_nothing_but_the_files_of_a_log_is_read(folder: Path, name: str) -> None:
    """Whatever else lies beside them."""
    (folder / "marks").write_text("secret")
    for reader in (FolderReader(folder), StoreReader(f"file://{folder}")):
        with pytest.raises(MissingTileError, match="no name of a tile"):
            reader.read(name)


def test_traps_in_a_folder_are_not_walked_into(folder: Path) -> None:
    """A link to another file or folder, a pipe, a folder in the place of a file."""
    secret = folder.with_name("secret")
    secret.write_bytes(FILES["tile/0/000"])
    for make in (
        lambda path: path.symlink_to(secret),
        lambda path: os.mkfifo(path),
        lambda path: path.mkdir(),
    ):
        path = folder / "tile/0/000"
        path.rmdir() if path.is_dir() else path.unlink()
        make(path)
        with pytest.raises(MissingTileError, match="tile/0/000 cannot be read"):
            FolderReader(folder).read("tile/0/000")
    (folder / "tile").rename(folder.with_name("elsewhere"))
    (folder / "tile").symlink_to(folder.with_name("elsewhere"))
    with pytest.raises(MissingTileError):
        FolderReader(folder).read("tile/0/001.p/44")


@pytest.mark.parametrize(
    ("name", "most"), [("tile/0/000", 8_192), ("tile/0/001.p/44", 1_408), ("checkpoint", 131_072)]
)
def test_a_file_longer_than_it_can_be_is_refused(folder: Path, name: str, most: int) -> None:
    """And no more than that is read of it."""
    (folder / name).write_bytes(bytes(most + 1))
    for reader in (FolderReader(folder), StoreReader(f"file://{folder}")):
        with pytest.raises(MissingTileError, match=f"longer than the {most:,} bytes"):
            reader.read(name)


class _InPieces(BaseHTTPRequestHandler):
    """A server whose answers arrive in pieces; one file never ends."""

    def do_GET(self) -> None:
        """Send the file slowly."""
        self.send_response(200)
        self.end_headers()
        name = self.path.removeprefix("/")
        data = bytes(4_096) if name == "tile/0/000" else FILES[name]
        with contextlib.suppress(OSError):
            for start in range(0, len(data) if name != "tile/0/000" else 10**9, 1_000):
                self.wfile.write(data[start : start + 1_000] or data)
                self.wfile.flush()
                time.sleep(0.005 if start < 8_000 else 0)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_a_slow_server_is_read_to_the_end_and_an_endless_one_is_left() -> None:
    """Neither is half a file taken for a whole one, nor is more fetched than a file can hold."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _InPieces) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            reader = StoreReader(f"http://127.0.0.1:{server.server_port}")
            assert reader.read("tile/entries/000") == FILES["tile/entries/000"]
            with pytest.raises(MissingTileError, match="longer than the 8,192 bytes"):
                reader.read("tile/0/000")
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("data", [b"", b"\xff", b"hello"])
def test_a_checkpoint_that_is_none_contradicts(folder: Path, data: bytes) -> None:
    """There is a log, and it says nothing that could be checked."""
    (folder / "checkpoint").write_bytes(data)
    with pytest.raises(ContradictionError, match="no signed head"):
        read_checkpoint(FolderReader(folder))


def test_a_store_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    """A scheme that nobody knows, one whose package is missing, a server that does not answer."""
    with pytest.raises(AssaymarkError, match="cannot be read"):
        StoreReader("nonsense://x/y")
    fsspec.register_implementation("nowhere", "no_such_package.Store", clobber=True, errtxt="not here")
    with pytest.raises(AssaymarkError, match="package that is not installed") as raised:
        StoreReader("nowhere://bucket/log")
    assert "fsspec package for nowhere://" in raised.value.advice
    with pytest.raises(MissingTileError, match="nobody answers"):
        StoreReader("http://127.0.0.1:1/log").read("checkpoint")
    with pytest.raises(MissingTileError):
        FolderReader(tmp_path / "none").read("checkpoint")
