"""Archives and compressors that are recognised and not read: each is a hole, so that none is called clean."""

import functools
from collections.abc import Iterator

from assaymark.inspection import Header, Hole, HoleKind
from assaymark.scan.blob import Blob
from assaymark.scan.part import Inspector, Limits, Look, Part

__all__ = ["UNREAD"]

_MAGIC = {
    "rar": (b"Rar!\x1a\x07",),
    "cab": (b"MSCF\0\0\0\0",),
    "lzip": (b"LZIP\x01",),
    "compress": (b"\x1f\x9d\x90", b"\x1f\x9d\x8c"),
    "lz4-legacy": (b"\x02\x21\x4c\x18",),
    "xar": (b"xar!\0\x1c",),
    "squashfs": (b"hsqs",),
    "cpio": (b"070701", b"070702", b"070707"),
}


def _claims(magic: tuple[bytes, ...], look: Look) -> bool:
    return look.head.startswith(magic)


def _inspect(form: str, blob: Blob, limits: Limits) -> Iterator[Part]:
    yield Header(format=form)
    yield Hole(kind=HoleKind.UNSUPPORTED, reason=f"{form} archives are not read", size=blob.size)


UNREAD = tuple(
    Inspector(
        format=form, claims=functools.partial(_claims, magic), inspect=functools.partial(_inspect, form),
        carrier=True,
    )
    for form, magic in _MAGIC.items()
)  # fmt: skip
"""One inspector for each format that is only recognised."""
