"""A file's first bytes → its form. Names only break ties."""

import re
import struct
from typing import Any

import msgspec

from assaymark.dataset.reading.columns import IMAGE_STARTS
from assaymark.dataset.reading.dialect import csv_form
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import decoded
from assaymark.dataset.reading.shard import Form, Source
from assaymark.dataset.reading.sources import start_of
from assaymark.dataset.reading.streams import plain_start

__all__ = ["OTHER", "form_of"]

OTHER = Form(format="other")
_START = 256 << 10
_FAR = 8 << 20
_COMPRESSED = ((b"\x1f\x8b", "gz"), (b"\x28\xb5\x2f\xfd", "zst"), (b"BZh", "bz2"), (b"\xfd7zXZ\0", "xz"))
_ARRAY = re.compile(rb'\s*\{\s*"([^"\\]{1,100})"\s*:\s*\[\s*(?:\{|\])')
_PROSE = (
    ".md",
    ".rst",
    ".html",
    ".htm",
    ".xml",
    ".tex",
    ".adoc",
    ".py",
    ".yaml",
    ".yml",
    ".toml",
    ".cfg",
    ".ini",
)


def form_of(source: Source, limits: Limits) -> Form:
    """The form of a file; `other` if it is none that is read.

    Raises:
        OSError: it cannot be read.
    """
    raw = start_of(source, 4096)
    for magic, name in _COMPRESSED:
        if raw.startswith(magic):
            start = plain_start(source, Form(format="", compression=name), limits, _START)
            return msgspec.structs.replace(_form(source, start, limits, name), compression=name)
    return _form(source, raw, limits, "")


def _form(source: Source, start: bytes, limits: Limits, compression: str) -> Form:
    binary = _binary(start, source)
    if binary:
        return Form(format=binary, stream=binary == "arrow" and not start.startswith(b"ARROW1"))
    encoding = _encoding(start)
    if not encoding and b"\0" in start[:4096].rstrip(b"\0") and start.count(b"\0") > len(start) // 100:
        return OTHER
    form = Form(format="text", compression=compression, encoding=encoding)
    text = plain_start(source, form, limits, _START).removeprefix(b"\xef\xbb\xbf")
    if _controls(text):
        return OTHER
    return _text_form(source, text, form, limits)


def _binary(start: bytes, source: Source) -> str:
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"ARROW1") or _arrow_stream(start):
        return "arrow"
    if start.startswith(b"\x93NUMPY"):
        return "npy"
    if start.startswith(b"PK\x03\x04"):
        return "npz" if b".npy" in start[:300] or source.name.endswith(".npz") else "other"
    if start.startswith(IMAGE_STARTS) and (start[:4] != b"RIFF" or start[8:12] == b"WEBP"):
        return "image" if start[:2] != b"BM" or start[6:10] == b"\0\0\0\0" else ""
    return "tar" if _tar(start) else ""


def _arrow_stream(start: bytes) -> bool:
    return (
        len(start) > 16
        and start[:4] == b"\xff\xff\xff\xff"
        and 0 < struct.unpack_from("<i", start, 4)[0] < 1 << 28
    )


def _tar(start: bytes) -> bool:
    if len(start) < 512:
        return False
    head = start[:512]
    try:
        claimed = int(head[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return claimed == sum(head) - sum(head[148:156]) + 8 * 32


def _encoding(start: bytes) -> str:
    if start.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = start[:2000:2].count(0), start[1:2000:2].count(0)
    half = max(1, min(len(start), 2000) // 2)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else ""


def _controls(text: bytes) -> bool:
    """Whether it is too full of control characters to be text."""
    odd = sum(text[:8192].count(bytes([c])) for c in (*range(9), *range(14, 27), 127))
    return not text or odd > len(text[:8192]) // 20


def _text_form(source: Source, text: bytes, form: Form, limits: Limits) -> Form:
    stripped = text.lstrip()
    if stripped[:1] in (b"{", b"[") and not source.name.endswith(_PROSE):
        found = _json(source, stripped, form, limits)
        if found is not None:
            return found
    if source.name.lower().endswith(_PROSE):
        return form
    return csv_form(text, form, source.name, complete=len(text) < _START, limits=limits) or form


def _json(source: Source, text: bytes, form: Form, limits: Limits) -> Form | None:
    def made(kind: str, array: str = "") -> Form:
        return msgspec.structs.replace(form, format=kind, array=array)

    if text[:1] == b"[":
        line = _value(text.partition(b"\n")[0])
        if isinstance(line, list) and _value(text.partition(b"\n")[2].partition(b"\n")[0]) is not None:
            return made("jsonl")  # each line an array
        return made("json", ".") if re.match(rb"\[\s*[\[{\"\]]", text) else None
    if b"\n" not in text and len(text) >= _START // 2:
        text = plain_start(source, form, limits, _FAR).lstrip()
    line, _, rest = text.partition(b"\n")
    value = _value(line)
    if isinstance(value, dict):
        if not rest.strip() and _whole(value):
            return made("json", "*")
        return made("jsonl")
    wrapped = _ARRAY.match(text)
    if wrapped is not None:
        return made("json", wrapped[1].decode("utf-8", "replace"))
    more = [part for part in text.split(b"\n")[1:50] if part.strip()]
    if any(isinstance(_value(part), dict) for part in more):
        return made("jsonl")  # its first line is broken
    return made("json", "*") if re.match(rb'\{\s*("|\})', text) else None


def _whole(value: dict[str, Any]) -> bool:
    """Whether one object is a whole data set rather than one record."""
    lists = [v for v in value.values() if isinstance(v, list)]
    if len(lists) > 1 and len({len(v) for v in lists}) == 1 and len(lists) * 2 >= len(value):
        return True
    if any(v and all(isinstance(x, dict) and "role" not in x and "from" not in x for x in v) for v in lists):
        return True
    return len(value) > 1 and all(isinstance(v, dict) for v in value.values())


def _value(line: bytes) -> Any:
    try:
        return decoded(line.strip())
    except ValueError:
        return None
