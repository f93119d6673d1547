"""Remote places: by range, over a real socket, with errors that say what to do."""

import hashlib

import fsspec
import pytest
from tests.source.serving import serving

from assaymark.errors import AssaymarkError, NothingToAssess, UsageError
from assaymark.source.place import open_place

CONTENT = bytes(range(256)) * 20_000


def test_a_file_behind_a_url_is_read_by_range() -> None:
    """Only the blocks that are looked at are fetched."""
    with serving({"m.bin": CONTENT}) as server:
        place = open_place(f"{server.url}/m.bin")
        (item,) = place.items()
        with place.open(item) as blob:
            assert (item.path, blob.size) == ("m.bin", len(CONTENT))
            assert blob.read(10, 5) == CONTENT[10:15]
            assert blob.read(len(CONTENT) - 3, 10) == CONTENT[-3:]

    assert server.sent <= 2 << 20


def test_the_digest_of_a_remote_file_is_that_of_its_content() -> None:
    """It fetches all of it, and only when asked for."""
    with serving({"m.bin": CONTENT}) as server:
        place = open_place(f"{server.url}/m.bin")
        with place.open(place.items()[0]) as blob:
            assert blob.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_a_store_lists_what_lies_below_a_url() -> None:
    """Any fsspec store; this one is in memory."""
    store = fsspec.filesystem("memory")
    store.pipe("/lake/a/x.pkl", b"1")
    store.pipe("/lake/y.pkl", b"22")
    try:
        place = open_place("memory://lake")
        assert [(i.path, i.size) for i in place.items()] == [("a/x.pkl", 1), ("y.pkl", 2)]
        with place.open(place.items()[0]) as blob:
            assert blob.read() == b"1"
    finally:
        store.rm("/lake", recursive=True)


def test_an_absent_file_is_said() -> None:
    """With the address, and no traceback."""
    with serving({}) as server, pytest.raises(NothingToAssess, match=r"none\.bin"):
        open_place(f"{server.url}/none.bin")


def test_an_unknown_scheme_is_said() -> None:
    """A URL that no package reads."""
    with pytest.raises(AssaymarkError, match="nosuch"):
        open_place("nosuch://x/y")


def test_credentials_in_a_url_are_not_repeated() -> None:
    """Reports are passed on."""
    store = fsspec.filesystem("memory")
    store.pipe("/host/x.pkl", b"1")
    try:
        with pytest.raises(NothingToAssess) as caught:
            open_place("memory://user:secret@host/x.pkl")
        assert "secret" not in str(caught.value)
    finally:
        store.rm("/host", recursive=True)


def test_a_server_that_nobody_runs_is_said() -> None:
    """The store's own errors are no tracebacks."""
    with serving({}) as server:
        url = server.url
    with pytest.raises(NothingToAssess, match=r"nobody answers|failed"):
        open_place(f"{url}/m.bin")


def test_an_empty_name_is_no_folder() -> None:
    """A variable that was not set must not make us read the present folder."""
    with pytest.raises(UsageError, match="empty"):
        open_place("")


def test_a_query_is_not_repeated() -> None:
    """A signed address carries its key there."""
    with serving({"m.bin?key=secret": CONTENT[:10], "m.bin": CONTENT[:10]}) as server:
        assert open_place(f"{server.url}/m.bin?key=secret").name == f"{server.url}/m.bin"
