"""7z archives: LZMA, LZMA2, deflate, bzip2, Zstandard, stored, with branch and delta filters."""

import lzma
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container import codecs, deflate
from assaymark.scan.container.beside import shadows
from assaymark.scan.container.blobs import Allowance, SliceBlob, StreamBlob, allowance_of, is_streamed
from assaymark.scan.container.member_names import collisions, link_hazards, name_hazards, shown
from assaymark.scan.container.seven_zip_header import (
    MAGIC,
    Archive,
    Coder,
    File,
    Folder,
    HeaderProblem,
    SignatureHeader,
    parse_header,
)
from assaymark.scan.part import Covered, Limits, Look, Member, Part

__all__ = ["claims_seven_zip", "inspect_seven_zip"]

HEADER = 32 << 20
"""Bytes of a header, packed or not, that are read."""
CHECKED = 1 << 20
"""Bytes of a file that are read once more for its checksum."""
_LZMA, _LZMA2, _AES = b"\3\1\1", b"\x21", b"\6\xf1\7\1"
_SIMPLE: dict[bytes, codecs.Codec] = {
    b"\0": codecs.copy, b"\4\1\x08": deflate.inflate, b"\4\2\2": codecs.bunzip2,
    b"\4\xf7\x11\1": codecs.unzstd, b"\4\xf7\x11\4": codecs.unlz4,
}  # fmt: skip
_FILTERS = {
    b"\3\3\1\3": lzma.FILTER_X86, b"\4": lzma.FILTER_X86, b"\3\3\2\5": lzma.FILTER_POWERPC,
    b"\5": lzma.FILTER_POWERPC, b"\3\3\4\1": lzma.FILTER_IA64, b"\6": lzma.FILTER_IA64,
    b"\3\3\5\1": lzma.FILTER_ARM, b"\7": lzma.FILTER_ARM, b"\3\3\7\1": lzma.FILTER_ARMTHUMB,
    b"\x08": lzma.FILTER_ARMTHUMB, b"\3\3\x08\5": lzma.FILTER_SPARC, b"\t": lzma.FILTER_SPARC,
}  # fmt: skip
_NAMES = {_AES: "AES encryption", b"\3\4\1": "PPMd", b"\3\3\1\x1b": "BCJ2", b"\4\1\t": "deflate64"}


class _Unsupported(ValueError):
    """A method that is not read."""

    def __init__(self, method: bytes) -> None:
        super().__init__(f"7z method {method.hex()} ({_NAMES.get(method, 'unknown')}) is not read")
        self.kind = HoleKind.ENCRYPTED if method == _AES else HoleKind.UNSUPPORTED


def claims_seven_zip(look: Look) -> bool:
    """Whether it begins as a 7z archive."""
    return look.head.startswith(MAGIC)


def inspect_seven_zip(blob: Blob, limits: Limits) -> Iterator[Part]:
    """All files, through the folder each lies in."""
    yield Header(format="7z")
    allowance = allowance_of(blob, limits)
    try:
        signature = SignatureHeader.parse(blob.read(0, 32))
        archive = _archive(blob, signature, limits, allowance)
    except _Unsupported as problem:
        yield Hole(kind=problem.kind, reason=f"its list of files cannot be read: {problem}")
        return
    except HeaderProblem as problem:
        yield Hole(kind=HoleKind.BROKEN, reason=str(problem))
        return
    yield Covered(interpreted=32 + signature.size)
    for file in archive.files:
        yield from name_hazards(file.name)
    names = dict.fromkeys(f.name for f in archive.files)
    yield from collisions(names, model=False)
    yield from shadows(names)
    yield from _folders(blob, archive, limits, allowance)
    end = signature.offset + signature.size
    if not is_streamed(blob) and end < blob.size:
        message = f"{blob.size - end:,} bytes lie behind the end of the archive."
        yield Hazard(rule="archive-trailing-data", level=Level.UNKNOWN, message=message, offset=end)
        name = "[after the archive]"
        yield Member(name, SliceBlob(blob, end, blob.size - end, f"{blob.path}!/{name}", allowance))


def _archive(blob: Blob, signature: SignatureHeader, limits: Limits, allowance: Allowance) -> Archive:
    """The real header, unpacked as often as it is packed."""
    if signature.size > HEADER:
        raise HeaderProblem(f"its header is longer than {HEADER:,} bytes")
    data = blob.read(signature.offset, signature.size)
    if len(data) < signature.size:
        raise HeaderProblem("it ends before its header does")
    if not data:
        return Archive(0, (), (), ())
    if zlib.crc32(data) != signature.crc:
        raise HeaderProblem("its header has a wrong checksum")
    for _ in range(4):
        archive = parse_header(data, limits.members)
        if not archive.encoded:
            return archive
        if not archive.folders or archive.folders[0].size > HEADER:
            raise HeaderProblem(f"its packed header is empty or longer than {HEADER:,} bytes")
        place = _places(archive)[0]
        stream = _stream(blob, archive.folders[0], place, limits, allowance, f"{blob.path}!/[header]")
        data = stream.read(0, archive.folders[0].size)
        if stream.problem:
            raise HeaderProblem(f"its header: {stream.problem}")
    raise HeaderProblem("its header is packed more than four times")


def _folders(blob: Blob, archive: Archive, limits: Limits, allowance: Allowance) -> Iterator[Part]:
    by_folder: dict[int, list[File]] = {}
    for file in archive.files:
        if file.folder >= 0:
            by_folder.setdefault(file.folder, []).append(file)
    for number, (folder, place) in enumerate(zip(archive.folders, _places(archive), strict=True)):
        files = by_folder.get(number, [])
        try:
            stream = _stream(blob, folder, place, limits, allowance, f"{blob.path}!/[folder {number}]")
        except _Unsupported as problem:
            size = sum(f.size for f in files)
            first = files[0].name if files else ""
            reason = f"{problem}, {len(files):,} files"
            yield Hole(kind=problem.kind, reason=reason, member=first, size=size)
            continue
        except HeaderProblem as problem:
            yield Hole(kind=HoleKind.BROKEN, reason=str(problem))
            continue
        yield from _files(blob, stream, files)


def _files(blob: Blob, stream: StreamBlob, files: Sequence[File]) -> Iterator[Part]:
    for file in files:
        content = SliceBlob(stream, file.offset, file.size, f"{blob.path}!/{file.name}")
        if file.mode & 0o170000 == 0o120000:
            yield from link_hazards(file.name, content.read(0, 4096).decode("utf-8", "backslashreplace"))
            continue
        yield Member(file.name, content)
        if file.crc is not None and file.size <= CHECKED:
            crc = zlib.crc32(content.read(0, file.size))
            if crc != file.crc and not stream.problem:
                message = f"The checksum of {shown(file.name)!r} is wrong."
                yield Hazard(
                    rule="archive-wrong-checksum", level=Level.UNKNOWN, message=message, member=file.name
                )
    if stream.problem:
        first = files[0].name if files else ""
        yield Hole(kind=stream.kind, reason=stream.problem, member=first)


def _places(archive: Archive) -> list[tuple[int, int] | None]:
    """Offset and length of each folder's first packed stream; None where there is none."""
    offsets = list(accumulate(archive.packs, initial=32 + archive.pack_at))
    firsts = accumulate((f.packed for f in archive.folders), initial=0)
    return [
        (offsets[first], archive.packs[first]) if first < len(archive.packs) else None
        for first, _ in zip(firsts, archive.folders, strict=False)
    ]


def _stream(
    blob: Blob, folder: Folder, place: tuple[int, int] | None, limits: Limits, allowance: Allowance, path: str
) -> StreamBlob:  # fmt: skip
    if place is None:
        raise HeaderProblem("a folder has no packed stream")
    return StreamBlob(
        path, _codec(folder), blob, place[0], place[1], limits=limits, allowance=allowance, size=folder.size
    )


def _chain(folder: Folder) -> list[Coder]:
    """The coders in the order in which they unpack."""
    for coder in folder.coders:
        known = {*_SIMPLE, *_FILTERS, _LZMA, _LZMA2, b"\3"}
        if coder.inputs != 1 or coder.outputs != 1 or coder.method not in known:
            raise _Unsupported(coder.method)
    feeds = dict(folder.pairs)
    order, at = [folder.last], folder.last
    while at in feeds and len(order) < len(folder.coders):
        at = feeds[at]
        order.append(at)
    if any(i >= len(folder.coders) for i in order):
        raise HeaderProblem("a folder's coders are not connected")
    return [folder.coders[i] for i in reversed(order)]


def _codec(folder: Folder) -> codecs.Codec:
    steps = _chain(folder)
    first, rest = steps[0], steps[1:]
    if first.method in (_LZMA, _LZMA2):
        filters = [_lzma_filter(first)]
        while rest and (rest[0].method in _FILTERS or rest[0].method == b"\3"):
            filters.insert(0, _filter(rest.pop(0)))
        if first.method == _LZMA and len(filters) > 1:
            base: codecs.Codec = partial(codecs.unlzma_branched, filters=filters)
        else:
            base = partial(codecs.unlzma_raw, filters=filters)
    else:
        base = _simple(first)
    for step in rest:
        base = partial(_after, base, _simple(step))
    return base


def _after(first: codecs.Codec, second: codecs.Codec, fed: Iterator[bytes]) -> Iterator[bytes]:
    yield from second(first(fed))


def _simple(coder: Coder) -> codecs.Codec:
    if coder.method not in _SIMPLE:
        raise _Unsupported(coder.method)
    return _SIMPLE[coder.method]


def _filter(coder: Coder) -> dict[str, int]:
    if coder.method == b"\3":
        return {"id": lzma.FILTER_DELTA, "dist": coder.properties[0] + 1 if coder.properties else 1}
    return {"id": _FILTERS[coder.method]}


def _lzma_filter(coder: Coder) -> dict[str, int]:
    if coder.method == _LZMA:
        if len(coder.properties) < 5:
            raise HeaderProblem("its LZMA properties are cut off")
        return codecs.lzma1(coder.properties)
    bits = coder.properties[0] if coder.properties else 41
    if bits > 40:
        raise HeaderProblem("its LZMA2 properties are broken")
    size = 0xFFFFFFFF if bits == 40 else (2 | bits & 1) << bits // 2 + 11
    return {"id": lzma.FILTER_LZMA2, "dict_size": size}
