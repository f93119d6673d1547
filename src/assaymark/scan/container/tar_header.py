"""Tar headers: v7, ustar, pax and GNU, with what each extension changes; nothing is unpacked."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from assaymark.scan.blob import Blob

__all__ = ["BLOCK", "TarEntry", "TarProblem", "is_header", "tar_entries"]

BLOCK = 512
EXTENSION = 1 << 20
"""Bytes of one pax record or long name that are read."""
EXTENSIONS = 50_000
"""Extended headers and long names of one archive that are read."""
_CHECKSUM = re.compile(rb"[ 0]{0,7}[0-7]{1,7}[ \0]{0,2}\0?")
_NUMBER = re.compile(rb"[ 0]*([0-7]*)[ \0]?")
_WITHOUT_DATA = frozenset(b"123456")
_RECORD = re.compile(rb"(\d{1,8}) ")


class TarProblem(ValueError):
    """The archive cannot be read from here on."""

    def __init__(self, message: str, *, bound: bool = False) -> None:
        super().__init__(message)
        self.bound = bound


class TarEntry(Struct, frozen=True, kw_only=True):
    """One member."""

    name: str
    kind: int
    """The type flag."""
    header: int
    """Where its header begins."""
    data: int
    size: int
    """Bytes of it in the archive."""
    stated: int
    """The size as the plain header says, without extensions."""
    link: str = ""
    pieces: tuple[tuple[int, int], ...] = ()
    """Offset and length of what a sparse file holds; empty for any other."""
    real: int = 0
    """Length of a sparse file once it is expanded."""
    after_end: bool = False
    """It lies behind the mark that ends the archive."""


def is_header(block: bytes) -> bool:
    """Whether a block's checksum is that of a tar header."""
    if len(block) < BLOCK or not block[0] or not _CHECKSUM.fullmatch(block[148:156]):
        return False
    stated = int(block[148:156].strip(b" \0") or b"0", 8)
    fixed = block[:148] + b"        " + block[156:BLOCK]
    return stated == sum(fixed) or stated == sum(b - 256 if b > 127 else b for b in fixed)


def tar_entries(blob: Blob) -> Iterator[TarEntry]:
    """Every member in order, those behind the end mark too.

    Raises:
        TarProblem: a header is broken, an extension too long, or there are too many of them.
    """
    extensions = 0
    at, after_end, once, always = 0, False, {}, {}  # type: int, bool, dict[str, str], dict[str, str]
    while len(block := blob.read(at, BLOCK)) == BLOCK:
        if not block.strip(b"\0"):
            at = _next_header(blob, at)
            if at < 0:
                return
            after_end = True
            continue
        if not is_header(block):
            if after_end:
                return
            raise TarProblem(f"the header at {at:,} has a wrong checksum")
        size, kind = _number(block[124:136]), block[156]
        if kind in b"xXgLK":
            extensions += 1
            if extensions > EXTENSIONS:
                raise TarProblem(f"more than {EXTENSIONS:,} extended headers", bound=True)
            told = always if kind == ord("g") else once
            told.update(_extension(blob, at, size, kind))
            at += BLOCK + _padded(size)
            continue
        entry = _entry(blob, block, at, {**always, **once}, after_end=after_end)
        yield entry
        once = {}
        at = entry.data + _padded(entry.size)


def _next_header(blob: Blob, at: int) -> int:
    """The first block with anything in it behind the end mark, if it is a header; -1 if there is none."""
    data = blob.read(at, EXTENSION)
    rest = data.lstrip(b"\0")
    if not rest:
        return -1
    start = at + (len(data) - len(rest)) // BLOCK * BLOCK
    return start if is_header(blob.read(start, BLOCK)) else -1


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _number(field: bytes) -> int:
    if field[:1] in (b"\x80", b"\xff"):
        return int.from_bytes(field[1:], "big") if field[0] == 0x80 else -1
    match = _NUMBER.match(field)
    return int(match[1], 8) if match and match[1] else 0


def _plain(text: str) -> int | None:
    """A decimal number of a length that can be; None for anything else."""
    return int(text) if len(text) < 20 and text.isascii() and text.isdigit() else None


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def _extension(blob: Blob, at: int, size: int, kind: int) -> dict[str, str]:
    if not 0 <= size <= EXTENSION:
        raise TarProblem(
            f"the extension at {at:,} is {size:,} bytes long, more than {EXTENSION:,}", bound=True
        )
    data = blob.read(at + BLOCK, size)
    if kind == ord("L"):
        return {"path": _text(data)}
    if kind == ord("K"):
        return {"linkpath": _text(data)}
    return _pax(data)


def _pax(data: bytes) -> dict[str, str]:
    """The records that change what the header says; the others are left out."""
    told: dict[str, str] = {}
    pieces: list[str] = []
    at = 0
    while match := _RECORD.match(data, at):
        length = int(match[1])
        if length < 5:
            break
        key, _, value = data[match.end() : at + length - 1].partition(b"=")
        name, text = key.decode("utf-8", "replace"), value.decode("utf-8", "backslashreplace")
        if name in ("GNU.sparse.offset", "GNU.sparse.numbytes"):
            pieces.append(text)
        elif name in ("path", "linkpath", "size") or name.startswith("GNU.sparse."):
            told[name] = text
        at += length
    if pieces:
        told["GNU.sparse.map"] = ",".join(pieces)
    return told


def _entry(blob: Blob, block: bytes, at: int, told: Mapping[str, str], *, after_end: bool) -> TarEntry:
    kind, stated = block[156], _number(block[124:136])
    name = _text(block[:100])
    if block[257:263] == b"ustar\0" and block[345] and kind not in b"LK":
        name = f"{_text(block[345:500])}/{name}"
    name = told.get("GNU.sparse.name") or told.get("path") or name
    size = stated if (extended := _plain(told.get("size", ""))) is None else extended
    if size < 0 or size > 1 << 62:
        raise TarProblem(f"the member at {at:,} has a size that cannot be")
    if kind == 0 and name.endswith("/"):
        kind = ord("5")
    data, pieces, real = at + BLOCK, (), 0  # type: int, tuple[tuple[int, int], ...], int
    if kind == ord("S"):
        data, pieces, real = _old_sparse(blob, block, at)
    elif any(k.startswith("GNU.sparse.") for k in told):
        data, pieces, real = _pax_sparse(blob, told, at)
    size -= data - at - BLOCK if kind != ord("S") else 0
    return TarEntry(
        name=name, kind=kind, header=at, data=data, size=0 if kind in _WITHOUT_DATA else max(0, size),
        stated=stated, link=told.get("linkpath") or _text(block[157:257]), pieces=pieces, real=real,
        after_end=after_end,
    )  # fmt: skip


def _old_sparse(blob: Blob, block: bytes, at: int) -> tuple[int, tuple[tuple[int, int], ...], int]:
    """GNU's old sparse files: four pieces in the header, twenty-one in each block behind it."""
    pieces = _pairs(block[386:482])
    more, data = block[482], at + BLOCK
    while more:
        extra = blob.read(data, BLOCK)
        if len(extra) < BLOCK or len(pieces) > 10_000:
            raise TarProblem(f"the map of the sparse file at {at:,} is cut off or too long")
        pieces += _pairs(extra[:504])
        more = extra[504]
        data += BLOCK
    return data, tuple(pieces), max(0, _number(block[483:495]))


def _pairs(field: bytes) -> list[tuple[int, int]]:
    found = []
    for i in range(0, len(field) - 23, 24):
        offset, length = _number(field[i : i + 12]), _number(field[i + 12 : i + 24])
        if offset >= 0 and length > 0:
            found.append((offset, length))
    return found


def _pax_sparse(blob: Blob, told: Mapping[str, str], at: int) -> tuple[int, tuple[tuple[int, int], ...], int]:
    data = at + BLOCK
    numbers = [n for t in told.get("GNU.sparse.map", "").split(",") if (n := _plain(t)) is not None]
    if told.get("GNU.sparse.major") == "1":
        text = blob.read(data, EXTENSION)
        fields = text.split(b"\n", 2 * 10_000 + 1)
        count = int(fields[0]) if fields[0].isdigit() and len(fields[0]) < 6 else 0
        lines = fields[1 : 1 + 2 * count]
        numbers = [int(n) for n in lines if n.isdigit() and len(n) < 20]
        data += _padded(sum(len(n) + 1 for n in fields[: 1 + 2 * count]))
    pieces = tuple(zip(numbers[::2], numbers[1::2], strict=False))[:10_000]
    real = _plain(told.get("GNU.sparse.realsize") or told.get("GNU.sparse.size") or "") or 0
    return data, tuple(p for p in pieces if p[1]), real
