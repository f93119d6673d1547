"""7z headers: folders of coders, the streams they unpack to, and the names of the files in them.

After the description that 7-Zip ships (``7zFormat.txt``). Counts are never believed: every item read takes
bytes, and the lists end where the header does.
"""

import struct
from collections.abc import Iterator, Sequence

from msgspec import Struct

__all__ = ["MAGIC", "Archive", "Coder", "File", "Folder", "HeaderProblem", "SignatureHeader", "parse_header"]

MAGIC = b"7z\xbc\xaf\x27\x1c"
_END, _HEADER, _PROPERTIES, _MORE, _MAIN, _FILES = 0, 1, 2, 3, 4, 5
_PACK, _UNPACK, _SUB, _SIZE, _CRC, _FOLDER, _SIZES, _COUNTS = 6, 7, 8, 9, 10, 11, 12, 13
_EMPTY, _NAMES, _ATTRIBUTES, ENCODED = 14, 17, 21, 23


class HeaderProblem(ValueError):
    """The header is broken or goes beyond a bound."""


class SignatureHeader(Struct, frozen=True):
    """The first 32 bytes."""

    offset: int
    """Of the header, in the file."""
    size: int
    crc: int

    @classmethod
    def parse(cls, head: bytes) -> "SignatureHeader":
        """Of a file that begins with these bytes."""
        if len(head) < 32 or head[:6] != MAGIC:
            raise HeaderProblem("its signature header is cut off")
        offset, size, crc = struct.unpack_from("<QQI", head, 12)
        return cls(32 + offset, size, crc)


class Coder(Struct, frozen=True):
    """One step of unpacking."""

    method: bytes
    properties: bytes = b""
    inputs: int = 1
    outputs: int = 1


class Folder(Struct, frozen=True):
    """Coders that turn packed streams into one unpacked stream."""

    coders: tuple[Coder, ...]
    pairs: tuple[tuple[int, int], ...] = ()
    """Input and output index of coders that feed each other."""
    packed: int = 1
    """Packed streams that go in."""
    sizes: tuple[int, ...] = ()
    """What each coder puts out."""
    crc: int | None = None

    @property
    def last(self) -> int:
        """The coder whose output is the folder's."""
        bound = {out for _, out in self.pairs}
        return next((i for i in range(len(self.coders)) if i not in bound), 0)

    @property
    def size(self) -> int:
        """Unpacked."""
        return self.sizes[self.last] if self.last < len(self.sizes) else 0


class File(Struct, frozen=True):
    """One file, and where in which folder's stream it lies."""

    name: str
    folder: int = -1
    """-1: it is empty."""
    offset: int = 0
    size: int = 0
    crc: int | None = None
    mode: int = 0


class Archive(Struct, frozen=True):
    """What the header says."""

    pack_at: int
    """Where packed streams begin, behind the signature header."""
    packs: tuple[int, ...]
    folders: tuple[Folder, ...]
    parts: tuple[tuple[tuple[int, int | None], ...], ...]
    """For each folder, size and checksum of the files in it."""
    files: tuple[File, ...] = ()
    encoded: bool = False
    """The real header is what the only folder unpacks to."""


class _Reader:
    """Reads forward; running out of bytes is a problem, not an index error."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self._data):
            raise HeaderProblem("its header is cut off")
        self.at += count
        return self._data[self.at - count : self.at]

    def rest(self) -> bytes:
        return self.take(len(self._data) - self.at)

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """A number of one to nine bytes; the first says how many follow."""
        first, mask, value = self.byte(), 0x80, 0
        for i in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << 8 * i
            value |= self.byte() << 8 * i
            mask >>= 1
        return value

    def count(self, most: int) -> int:
        """A number of items, which may not be more than fit."""
        found = self.number()
        if found > most:
            raise HeaderProblem(f"its header counts {found:,} items, more than {most:,}")
        return found

    def bits(self, count: int) -> list[bool]:
        data = self.take((count + 7) // 8)
        return [bool(data[i // 8] & 0x80 >> i % 8) for i in range(count)]

    def defined(self, count: int) -> list[bool]:
        return [True] * count if self.byte() else self.bits(count)

    def checksums(self, count: int) -> list[int | None]:
        return [struct.unpack("<I", self.take(4))[0] if there else None for there in self.defined(count)]


def parse_header(data: bytes, members: int) -> Archive:
    """What a header says.

    Args:
        data: the header, unpacked.
        members: files to list at most.

    Raises:
        HeaderProblem: it is broken, or lists more.
    """
    reader = _Reader(data)
    kind = reader.byte()
    if kind == ENCODED:
        return _streams(reader, members, encoded=True)
    if kind != _HEADER:
        raise HeaderProblem("its header begins with neither of the two marks")
    kind = reader.byte()
    if kind == _PROPERTIES:
        while reader.byte() != _END:
            reader.take(reader.number())
        kind = reader.byte()
    if kind == _MORE:
        _streams(reader, members)
        kind = reader.byte()
    archive = Archive(0, (), (), ())
    if kind == _MAIN:
        archive = _streams(reader, members)
        kind = reader.byte()
    return _with_files(reader, archive, members) if kind == _FILES else archive


def _streams(reader: _Reader, members: int, *, encoded: bool = False) -> Archive:
    pack_at = 0
    packs: list[int] = []
    folders: list[Folder] = []
    parts: list[list[tuple[int, int | None]]] | None = None
    while (kind := reader.byte()) != _END:
        if kind == _PACK:
            pack_at, packs = _packs(reader, members)
        elif kind == _UNPACK:
            folders = _folders(reader, members)
        elif kind == _SUB:
            parts = _substreams(reader, folders, members)
        else:
            raise HeaderProblem(f"its header has an unknown part {kind}")
    if parts is None:
        parts = [[(f.size, f.crc)] for f in folders]
    return Archive(pack_at, tuple(packs), tuple(folders), tuple(tuple(p) for p in parts), encoded=encoded)


def _packs(reader: _Reader, members: int) -> tuple[int, list[int]]:
    at, count = reader.number(), reader.count(members)
    sizes: list[int] = []
    while (kind := reader.byte()) != _END:
        if kind == _SIZE:
            sizes = [reader.number() for _ in range(count)]
        elif kind == _CRC:
            reader.checksums(count)
        else:
            raise HeaderProblem(f"its packed streams have an unknown part {kind}")
    return at, sizes


def _folders(reader: _Reader, members: int) -> list[Folder]:
    if reader.byte() != _FOLDER:
        raise HeaderProblem("its folders are missing")
    count = reader.count(members)
    if reader.byte():
        raise HeaderProblem("its folders lie in another stream, which is not read")
    folders = [_folder(reader) for _ in range(count)]
    crcs: list[int | None] = [None] * count
    sizes: list[tuple[int, ...]] = [()] * count
    while (kind := reader.byte()) != _END:
        if kind == _SIZES:
            sizes = [tuple(reader.number() for c in f.coders for _ in range(c.outputs)) for f in folders]
        elif kind == _CRC:
            crcs = reader.checksums(count)
        else:
            raise HeaderProblem(f"its folders have an unknown part {kind}")
    return [Folder(f.coders, f.pairs, f.packed, s, c) for f, s, c in zip(folders, sizes, crcs, strict=True)]


def _folder(reader: _Reader) -> Folder:
    coders = []
    for _ in range(reader.count(32)):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        inputs, outputs = (reader.count(32), reader.count(32)) if flags & 0x10 else (1, 1)
        properties = reader.take(reader.number()) if flags & 0x20 else b""
        if flags & 0xC0:
            raise HeaderProblem("a coder with alternatives, which nobody writes")
        coders.append(Coder(method, properties, inputs, outputs))
    inputs, outputs = sum(c.inputs for c in coders), sum(c.outputs for c in coders)
    if not outputs:
        raise HeaderProblem("a folder without coders")
    pairs = tuple((reader.number(), reader.number()) for _ in range(outputs - 1))
    packed = inputs - len(pairs)
    if packed > 1:
        for _ in range(packed):
            reader.number()
    return Folder(tuple(coders), pairs, max(0, packed))


def _substreams(
    reader: _Reader, folders: Sequence[Folder], members: int
) -> list[list[tuple[int, int | None]]]:
    kind = reader.byte()
    counts = [1] * len(folders)
    if kind == _COUNTS:
        counts = [reader.count(members) for _ in folders]
        if sum(counts) > members:
            raise HeaderProblem(f"its header counts more than {members:,} files")
        kind = reader.byte()
    sizes = [_sizes(reader, f.size, n, given=kind == _SIZE) for f, n in zip(folders, counts, strict=True)]
    if kind == _SIZE:
        kind = reader.byte()
    known = [f.crc if n == 1 else None for f, n in zip(folders, counts, strict=True)]
    crcs: list[list[int | None]] = [[c] * n for c, n in zip(known, counts, strict=True)]
    if kind == _CRC:
        read = iter(reader.checksums(sum(n for c, n in zip(known, counts, strict=True) if c is None)))
        crcs = [
            [c] if c is not None else [next(read) for _ in range(n)]
            for c, n in zip(known, counts, strict=True)
        ]
        kind = reader.byte()
    if kind != _END:
        raise HeaderProblem(f"its streams have an unknown part {kind}")
    return [list(zip(s, c, strict=True)) for s, c in zip(sizes, crcs, strict=True)]


def _sizes(reader: _Reader, whole: int, count: int, *, given: bool) -> list[int]:
    """Sizes of all but the last are written; the last has what is left."""
    if not count:
        return []
    sizes = [reader.number() for _ in range(count - 1)] if given else [0] * (count - 1)
    return [*sizes, max(0, whole - sum(sizes))]


def _with_files(reader: _Reader, archive: Archive, members: int) -> Archive:
    count = reader.count(members)
    names, empty, modes = [""] * count, [False] * count, [0] * count
    while (kind := reader.number()) != _END:
        part = _Reader(reader.take(reader.number()))
        if kind == _EMPTY:
            empty = part.bits(count)
        elif kind == _NAMES:
            if part.byte():
                raise HeaderProblem("its names lie in another stream, which is not read")
            names = _names(part, count)
        elif kind == _ATTRIBUTES:
            there = part.defined(count)
            part.byte()
            values = [struct.unpack("<I", part.take(4))[0] if t else 0 for t in there]
            modes = [v >> 16 if v & 0x8000 else 0 for v in values]
    places = _places(archive)
    files = []
    for name, nothing, mode in zip(names, empty, modes, strict=True):
        place = None if nothing else next(places, None)
        files.append(File(name, *place, mode=mode) if place else File(name, mode=mode))
    return Archive(archive.pack_at, archive.packs, archive.folders, archive.parts, tuple(files))


def _places(archive: Archive) -> Iterator[tuple[int, int, int, int | None]]:
    """Folder, offset, size and checksum of each file that has content."""
    for number, parts in enumerate(archive.parts):
        offset = 0
        for size, crc in parts:
            yield number, offset, size, crc
            offset += size


def _names(part: _Reader, count: int) -> list[str]:
    names = part.rest().decode("utf-16-le", "backslashreplace").split("\0")
    if len(names) <= count:
        raise HeaderProblem("it lists fewer names than files")
    return names[:count]
