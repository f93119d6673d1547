"""Link messages of every kind."""

import pytest

from assaymark.scan.blob import BytesBlob
from assaymark.scan.hdf5.links import link_of
from assaymark.scan.hdf5.source import Source, Unread
from assaymark.scan.hdf5.walk import Elsewhere, _led_away

SOURCE = Source(BytesBlob("x", b""))


@pytest.mark.parametrize(
    ("data", "kind", "target"),
    [
        (b"\x01\x00\x01a" + (77).to_bytes(8, "little"), "hard", ""),
        (b"\x01\x1c\x00" + bytes(8) + b"\x01\x01a" + (88).to_bytes(8, "little"), "hard", ""),
        (b"\x01\x08\x01\x01a\x03\x00/xy", "soft", "/xy"),
        (b"\x01\x08\x40\x01a\x08\x00\x00o.h5\0/x", "external", "o.h5:/x"),
        (b"\x01\x09\x40\x01\x00a\x08\x00\x00o.h5\0/x", "external", "o.h5:/x"),
        (b"\x01\x08\x41\x01a\x02\x00zz", "user-defined 65", "zz"),
    ],
)
def test_link_messages(data: bytes, kind: str, target: str) -> None:
    """Names of any width, with creation order and character set or without."""
    link = link_of(SOURCE, data, 5)

    assert (link.name, link.kind, link.target) == ("a", kind, target)


@pytest.mark.parametrize("data", [b"", b"\x02\x00", b"\x01\x00\x09a", b"\x01\x08\x40\x01a\xff\xff"])
def test_broken_link_messages(data: bytes) -> None:
    """A later version, or one that is cut, is said."""
    with pytest.raises(Unread):
        link_of(SOURCE, data, 0)


def test_only_soft_links_stay_in_the_file() -> None:
    """Everything else that is no hard link leads elsewhere."""
    user = link_of(SOURCE, b"\x01\x08\x41\x01a\x02\x00zz", 0)
    soft = link_of(SOURCE, b"\x01\x08\x01\x01a\x03\x00/xy", 0)

    assert list(_led_away("/a", user)) == [Elsewhere("/a", "user-defined 65 link", "zz", 0)]
    assert list(_led_away("/a", soft)) == []
