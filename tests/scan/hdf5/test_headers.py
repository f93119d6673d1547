"""Object headers: continuation blocks, and ones that never end."""

import h5py
import pytest
from tests.scan.hdf5.written import written
from tests.scan.looked_at import holes, looked_at

from assaymark.scan.blob import BytesBlob
from assaymark.scan.hdf5.headers import read_messages
from assaymark.scan.hdf5.source import Source, Unread
from assaymark.scan.hdf5.superblock import read_superblock


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_messages_of_continuation_blocks_are_read(version: str) -> None:
    """Attributes that no longer fit into the first block lie in further ones."""

    def fill(file: h5py.File) -> None:
        group = file.create_group("group")
        file["other"] = 1
        for number in range(7):
            group.attrs[f"attribute {number}"] = "x" * 500
            group[f"away {number}"] = h5py.ExternalLink("o.h5", f"/{number}")

    found = looked_at("x.h5", written(fill, version))

    assert sorted(h.subject for h in found.hazards) == [f"o.h5:/{n}" for n in range(7)]
    assert found.holes == ()


def test_a_header_that_continues_in_itself_ends() -> None:
    """A continuation that leads back is refused instead of followed for ever."""
    block = b"\x10\x00\x10\x00\x00\x00\x00\x00" + (16).to_bytes(8, "little") + (24).to_bytes(8, "little")
    header = b"\x01\x00\x01\x00\x01\x00\x00\x00" + (24).to_bytes(4, "little") + bytes(4) + block

    with pytest.raises(Unread, match="continues in itself"):
        read_messages(Source(BytesBlob("x", header)), 0)


def test_a_size_beyond_the_file_is_refused() -> None:
    """A header that claims gigabytes is not allocated."""
    header = b"\x01\x00\x01\x00\x01\x00\x00\x00" + b"\xff\xff\xff\x7f" + bytes(100)

    with pytest.raises(Unread, match="more than"):
        read_messages(Source(BytesBlob("x", header)), 0)


def test_one_broken_message_does_not_hide_the_others() -> None:
    """What can be read of an object is read."""

    def fill(file: h5py.File) -> None:
        file.attrs["first"] = "x"
        file["away"] = h5py.ExternalLink("o.h5", "/x")

    content = bytearray(written(fill))
    source, superblock = read_superblock(BytesBlob("x", bytes(content)))
    attribute = next(m for m in read_messages(source, superblock.root) if m.kind == 0x0C)
    content[attribute.offset] = 9

    found = looked_at("x.h5", bytes(content))

    assert [h.rule for h in found.hazards] == ["hdf5-external-link"]
    assert "attribute message version 9" in holes("x.h5", bytes(content))[0].reason
