"""Compressed streams: gzip, bzip2, xz, lzma, zlib, Zstandard, lz4, and joblib's old ``ZF`` files."""

import functools
import lzma
import zlib
from collections.abc import Callable, Iterator

from assaymark.inspection import Hazard, Header, Hole, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container import codecs, deflate
from assaymark.scan.container.blobs import Allowance, SliceBlob, StreamBlob, allowance_of, is_streamed
from assaymark.scan.part import Covered, Inspector, Limits, Look, Member, Part

__all__ = ["STREAMS"]

_SUFFIXES = (".gz", ".gzip", ".bz2", ".xz", ".lzma", ".zst", ".zstd", ".lz4", ".zlib", ".z")
_TARS = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".tzst": ".tar"}


def _inner_name(path: str) -> str:
    """What a compressed file is called once it is expanded."""
    name = path.replace("!/", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    suffix = (dot + suffix).lower()
    if stem and suffix in _TARS:
        return stem + _TARS[suffix]
    return stem if stem and suffix in _SUFFIXES else name or "content"


def _inspect(form: str, codec: codecs.Codec, blob: Blob, limits: Limits, start: int = 0) -> Iterator[Part]:
    """What the stream holds, whether it is whole, and what lies behind it."""
    yield Header(format=form)
    name = _inner_name(blob.path)
    allowance = allowance_of(blob, limits)
    stream = StreamBlob(f"{blob.path}!/{name}", codec, blob, start, limits=limits, allowance=allowance)
    yield Member(name, stream)
    stream.drain(limits.expanded)  # to its end, whoever wanted it: for its checksum, and for what lies behind
    yield Covered(interpreted=start + stream.consumed)
    if stream.problem:
        yield Hole(kind=stream.kind, reason=stream.problem, member=name)
    elif stream.ended:
        yield from _behind(blob, start + stream.consumed, allowance)


def _behind(blob: Blob, at: int, allowance: Allowance) -> Iterator[Part]:
    rest = blob.read(at, 1 << 16)
    if not rest.strip(b"\0"):
        return
    length = 0 if is_streamed(blob) else blob.size - at
    many = f"{length:,} bytes" if length else "Bytes"
    message = f"{many} lie behind the end of the compressed data."
    yield Hazard(rule="stream-trailing-data", level=Level.UNKNOWN, message=message, offset=at)
    name = "[after the stream]"
    yield Member(name, SliceBlob(blob, at, length or len(rest), f"{blob.path}!/{name}", allowance))


def _is_zlib(look: Look) -> bool:
    """A zlib header is two bytes; that the data behind it can be decompressed makes it one."""
    if look.head[:2] not in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"):
        return False
    machine = zlib.decompressobj(-15)
    try:
        out = machine.decompress(look.head[2:], 1 << 16)
    except zlib.error:
        return False
    return bool(out) or machine.eof


def _is_lzma(look: Look) -> bool:
    """The old format has no magic: a header that makes sense, and data that can be decompressed."""
    head = look.head
    if head[:1] != b"\x5d" or len(head) < 14 or head[1:3] not in (b"\0\0", b"\0\x10"):
        return False
    machine = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=codecs.DICTIONARY)
    try:
        return bool(machine.decompress(head, 64)) or machine.eof
    except lzma.LZMAError as problem:
        return "emory" in str(problem)


def _is_zstd(look: Look) -> bool:
    head = look.head
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return True
    if len(head) < 8 or head[1:4] != b"\x2a\x4d\x18" or not 0x50 <= head[0] <= 0x5F:
        return False
    return look.blob.read(8 + int.from_bytes(head[4:8], "little"), 4) == b"\x28\xb5\x2f\xfd"


def _zf_start(head: bytes) -> int:
    """Where the data of joblib's old format begins: behind `ZF` and a length in hexadecimal."""
    if head[:4] != b"ZF0x":
        return 0
    try:
        int(head[2:21].strip(b" L\0"), 16)
    except ValueError:
        return 0
    return 22 if head[21:22] == b" " else 21


def _inspect_zf(blob: Blob, limits: Limits) -> Iterator[Part]:
    yield from _inspect("joblib-zf", deflate.unzlib, blob, limits, _zf_start(blob.read(0, 32)) or 21)


def _inspector(form: str, codec: codecs.Codec, claims: Callable[[Look], bool]) -> Inspector:
    return Inspector(
        format=form, claims=claims, inspect=functools.partial(_inspect, form, codec), carrier=True
    )


STREAMS: tuple[Inspector, ...] = (
    _inspector("gzip", deflate.gunzip, lambda k: k.head[:3] == b"\x1f\x8b\x08"),
    _inspector(
        "bzip2",
        codecs.bunzip2,
        lambda k: k.head[:3] == b"BZh" and k.head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"),
    ),
    _inspector("xz", codecs.unxz, lambda k: k.head[:6] == b"\xfd7zXZ\0"),
    _inspector("lzma", codecs.unlzma, _is_lzma),
    _inspector("zlib", deflate.unzlib, _is_zlib),
    _inspector("zstd", codecs.unzstd, _is_zstd),
    _inspector("lz4", codecs.unlz4, lambda k: k.head[:4] == b"\x04\x22\x4d\x18"),
    Inspector(
        format="joblib-zf", claims=lambda k: bool(_zf_start(k.head)), inspect=_inspect_zf, carrier=True
    ),
)
"""One inspector for each compressor."""
