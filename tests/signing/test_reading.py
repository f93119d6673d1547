"""Reading one file."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from assaymark.errors import UsageError
from assaymark.signing.algorithms import ALGORITHMS, base_algorithm, digest_fault, new_hasher
from assaymark.signing.reading import CannotRead, Stamp, digest_file, open_regular

DATA = bytes(range(256)) * 9000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file longer than two chunks."""
    (tmp_path / "f").write_bytes(DATA)
    return tmp_path / "f"


def test_digests_are_those_of_hashlib(file: Path) -> None:
    """For each algorithm that hashlib has."""
    for algorithm in set(ALGORITHMS) - {"blake3"}:
        assert digest_file(file, algorithm) == hashlib.new(algorithm, DATA).hexdigest()


def test_blake3_is_that_of_its_package(file: Path) -> None:
    """The test vector of nothing, and one with content."""
    from blake3 import blake3

    assert digest_file(file, "blake3") == blake3(DATA).hexdigest()


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact line."""
    monkeypatch.setitem(__import__("sys").modules, "blake3", None)
    with pytest.raises(UsageError, match=r"pip install 'assaymark\[blake3\]'"):
        new_hasher("blake3")


def test_an_unknown_algorithm_is_refused() -> None:
    """Weak ones count as unknown."""
    for name in ("md5", "sha1", "shake_128", ""):
        with pytest.raises(UsageError, match="no hash algorithm"):
            new_hasher(name)


def test_spellings_of_model_signing_are_understood() -> None:
    """Version 1.1.1 writes these."""
    assert base_algorithm("sha256-sharded-1000000000") == "sha256"
    assert base_algorithm("blake2") == "blake2b"
    assert base_algorithm("sha256-sharded-") == "sha256-sharded-"
    assert base_algorithm("md5") == "md5"


def test_a_digest_has_a_form() -> None:
    """Length and lower case."""
    assert digest_fault("sha256", "a" * 64) == ""
    assert "length" in digest_fault("sha256", "a" * 63)
    assert "hexadecimal" in digest_fault("sha256", "A" * 64)
    assert "hexadecimal" in digest_fault("sha256", "a" * 63 + "\n")


def test_parts_are_read_alone(file: Path) -> None:
    """Start is included, end is not; nothing can be the part."""
    assert (
        digest_file(file, "sha256", start=10, end=2_000_000) == hashlib.sha256(DATA[10:2_000_000]).hexdigest()
    )
    assert digest_file(file, "sha256", start=5, end=5) == hashlib.sha256(b"").hexdigest()


def test_every_byte_is_told(file: Path) -> None:
    """What a progress line adds up is the file's size."""
    counts: list[int] = []
    digest_file(file, "sha256", told=counts.append)
    assert sum(counts) == len(DATA)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, file: Path) -> None:
    """A pipe that nobody writes to does not stop us; links are not followed; devices are not read."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(file)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s"))
    server.close()
    for name, reason in {
        "pipe": "no regular",
        "link": "opened",
        "s": "opened",
        "none": "opened",
        "": "regular",
    }.items():
        with pytest.raises(CannotRead, match=reason):
            open_regular(tmp_path / name)
    with pytest.raises(CannotRead, match="no regular"):
        open_regular("/dev/zero")
    with pytest.raises(CannotRead, match="opened"):
        open_regular("a\0b")


def test_another_file_in_its_place_is_noticed(file: Path) -> None:
    """What was listed and what is opened have to be the same."""
    stamp = Stamp.of(file.stat())
    assert digest_file(file, "sha256", stamp=stamp)
    file.rename(file.with_name("old"))
    file.write_bytes(DATA)
    with pytest.raises(CannotRead, match="changed while it was looked at"):
        digest_file(file, "sha256", stamp=stamp)


@pytest.mark.parametrize("grow", [True, False])
def test_a_file_that_changes_while_it_is_read_is_an_error(file: Path, grow: bool) -> None:
    """Growing, shrinking: either way there is no digest."""

    def change(_: int) -> None:
        if grow:
            with file.open("ab") as out:
                out.write(b"x")
        else:
            os.truncate(file, 100)

    with pytest.raises(CannotRead, match="changed while it was read"):
        digest_file(file, "sha256", told=change)


def test_a_change_behind_our_back_is_an_error(file: Path) -> None:
    """The same size and, forged, the same time of change: the time of status change tells."""
    before = file.stat()

    def change(_: int) -> None:
        with file.open("r+b") as out:
            out.write(b"xxxx")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    with pytest.raises(CannotRead, match="changed while it was read"):
        digest_file(file, "sha256", told=change)


def test_an_unreadable_place_is_told(tmp_path: Path) -> None:
    """A file that says it is empty and is not, as those of /proc do."""
    with pytest.raises(CannotRead, match="it grew"):
        digest_file("/proc/self/status", "sha256")
