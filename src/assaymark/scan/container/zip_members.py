"""A zip's member as a blob: where its bytes lie, how they are packed, and whether they are what is said."""

import zlib
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container import codecs, deflate
from assaymark.scan.container.blobs import Allowance, SliceBlob, StreamBlob
from assaymark.scan.container.member_names import shown
from assaymark.scan.container.starts import starts_like
from assaymark.scan.container.zip_directory import Entry
from assaymark.scan.container.zip_local import Local
from assaymark.scan.part import Limits, Member, Part

__all__ = ["Opened", "Reader"]

CHECKED = 64 << 20
"""Bytes of one archive that are read for the sake of their checksums alone."""
SMALL = 4 << 20
"""Bytes of a member that are read to its end for its checksum, if nothing else wanted them."""
_ENCRYPTED = 0x1
_METHODS = {0: "stored", 1: "shrunk", 6: "imploded", 9: "deflate64", 98: "PPMd", 99: "AES encryption"}


class Opened(Struct, frozen=True):
    """A member's content, or why there is none."""

    blob: Blob | None
    hole: Hole | None = None


def _lzma(fed: Iterator[bytes]) -> Iterator[bytes]:
    """LZMA as zip writes it: a version, the length of the properties, the properties."""
    head = b""
    for data in fed:
        head += data
        if len(head) >= 9:
            break
    if len(head) < 9 or head[2:4] != b"\5\0":
        raise codecs.CodecError("its LZMA header is broken")
    yield from codecs.unlzma_raw(_joined(head[9:], fed), [codecs.lzma1(head[4:9])])


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


_CODECS: dict[int, codecs.Codec] = {
    8: deflate.inflate, 12: codecs.bunzip2, 14: _lzma, 93: codecs.unzstd, 95: codecs.unxz, 20: codecs.unzstd,
}  # fmt: skip


def _readable(method: int) -> bool:
    return method == 0 or method in _CODECS


class Reader:
    """Opens the members of one archive, and checks what was read of them."""

    def __init__(self, blob: Blob, limits: Limits, allowance: Allowance) -> None:
        self._blob = blob
        self._limits = limits
        self._allowance = allowance
        self._checked = CHECKED
        self._seen: set[tuple[int, int, int]] = set()
        self._left = blob.size
        """Packed bytes that members may still have: no more than the archive, unless they overlap."""
        self._unset = False

    def open(self, entry: Entry, local: Local) -> Opened:
        """A member's content; one whose flag says that it is encrypted is tried as if it did not."""
        path = f"{self._blob.path}!/{entry.name}"
        method = local.method if _readable(local.method) else entry.method
        if method == 0:
            return Opened(self.slice(local.data, entry.packed, path))
        codec = _CODECS.get(method)
        if codec is None:
            kind = HoleKind.ENCRYPTED if method == 99 else HoleKind.UNSUPPORTED
            reason = f"compression method {method} ({_METHODS.get(method, 'unknown')}) is not read"
            return Opened(None, Hole(kind=kind, reason=reason, member=entry.name, size=entry.packed))
        return Opened(
            StreamBlob(
                path, codec, self._blob, local.data, entry.packed, limits=self._limits,
                allowance=self._allowance, size=entry.size,
            )
        )  # fmt: skip

    def members(self, entry: Entry, local: Local) -> Iterator[Part]:
        """The member, and what reading it showed."""
        opened = self.open(entry, local)
        if opened.blob is None:
            if opened.hole:
                yield opened.hole
            return
        if (entry.flags | local.flags) & _ENCRYPTED:
            yield from self.encrypted(entry, opened.blob)
            return
        place = (local.data, entry.packed, entry.method)
        if place in self._seen:  # another name, or another directory, for bytes that were given already
            return
        self._seen.add(place)
        self._left -= entry.packed
        if self._left < 0:
            reason = "its members are together longer than the archive, since they overlap"
            yield Hole(kind=HoleKind.BOUND, reason=reason, member=entry.name, size=entry.packed)
            return
        if local.method != entry.method and _readable(
            local.method
        ):  # each reader believes one of the two headers
            other = self.open(entry, msgspec.structs.replace(local, method=entry.method))
            if other.blob is not None:
                yield Member(entry.name, other.blob)
        yield Member(entry.name, opened.blob)
        yield from self.outcome(entry, local, opened.blob)

    def encrypted(self, entry: Entry, blob: Blob) -> Iterator[Part]:
        """A flag that lies stops readers that believe it, and no others."""
        plain = starts_like(blob.read(0, 512)) if entry.size else not entry.packed
        if entry.size and (not plain or isinstance(blob, StreamBlob)):
            plain = self._crc(blob, CHECKED) == entry.crc and not getattr(blob, "problem", "")
        if plain:
            message = f"{shown(entry.name)!r} is marked as encrypted and is not: not every reader gives up."
            yield Hazard(rule="zip-lying-flag", level=Level.DANGEROUS, message=message, member=entry.name)
            yield Member(entry.name, blob)
        else:
            yield Hole(
                kind=HoleKind.ENCRYPTED, reason="it is encrypted", member=entry.name, size=entry.packed
            )

    def outcome(self, entry: Entry, local: Local, blob: Blob) -> Iterator[Part]:
        """What reading the member to its end showed; a large one is not read for that alone."""
        if isinstance(blob, StreamBlob):
            yield from self._streamed(entry, local, blob)
        elif blob.size < entry.packed:
            reason = f"it ends after {blob.size:,} of {entry.packed:,} bytes"
            yield Hole(kind=HoleKind.BROKEN, reason=reason, member=entry.name, size=entry.packed - blob.size)
        elif blob.size <= min(SMALL, self._checked):
            self._checked -= blob.size
            yield from self._crc_hazard(entry, self._crc(blob, SMALL))

    def _streamed(self, entry: Entry, local: Local, blob: StreamBlob) -> Iterator[Part]:
        if not blob.ended and entry.size - blob.seen <= min(SMALL, self._checked):
            self._checked -= max(0, entry.size - blob.seen)
            blob.drain(SMALL + 1)
        if blob.problem:
            yield Hole(kind=blob.kind, reason=blob.problem, member=entry.name)
        elif blob.excess:
            message = f"{shown(entry.name)!r} expands to more than the {entry.size:,} bytes that are stated."
            yield Hazard(
                rule="zip-header-mismatch", level=Level.DANGEROUS, message=message, member=entry.name
            )
        elif blob.ended:
            yield from self._crc_hazard(entry, blob.crc)
            if blob.consumed < entry.packed:
                at = local.data + blob.consumed
                yield from self.behind(entry, at, entry.packed - blob.consumed)

    def behind(self, entry: Entry, at: int, length: int) -> Iterator[Part]:
        """Bytes inside a member's space that decompressing it does not use."""
        message = f"{length:,} bytes lie behind the compressed data of {shown(entry.name)!r}, unread."
        yield Hazard(rule="zip-gap", level=Level.UNKNOWN, message=message, member=entry.name, offset=at)
        name = f"{entry.name}[behind]"
        yield Member(name, self.slice(at, length, f"{self._blob.path}!/{name}"))

    def slice(self, at: int, length: int, path: str) -> SliceBlob:
        """A part of the archive as it stands there."""
        return SliceBlob(self._blob, at, length, path, self._allowance)

    def _crc(self, blob: Blob, bound: int) -> int | None:
        """The checksum of all of it; None if it is longer than the bound."""
        crc, at = 0, 0
        while data := blob.read(at, 1 << 18):
            at += len(data)
            if at > bound:
                return None
            crc = zlib.crc32(data, crc)
        return crc

    def _crc_hazard(self, entry: Entry, crc: int | None) -> Iterator[Hazard]:
        if crc is None or crc == entry.crc:
            return
        if entry.crc == 0:
            if not self._unset:
                message = "Members have no checksum, as PyTorch writes them when told to leave it out."
                yield Hazard(rule="zip-no-checksum", level=Level.NOTE, message=message, member=entry.name)
            self._unset = True
            return
        message = f"The checksum of {shown(entry.name)!r} is wrong: some readers refuse it, others load it."
        yield Hazard(rule="archive-wrong-checksum", level=Level.UNKNOWN, message=message, member=entry.name)
