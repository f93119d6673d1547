"""Compressed bodies → plain ones, never larger than allowed."""

import io
import zlib

import zstandard

__all__ = ["TooLarge", "Undecodable", "decoded"]

_STEP = 65_536
_WINDOW = 8 * 1024 * 1024


class TooLarge(Exception):
    """The body, or what it unpacks to, is larger than allowed."""


class Undecodable(Exception):
    """The body is not what its header says, or an encoding that is not read here."""


def decoded(body: bytes, encoding: str, limit: int) -> bytes:
    """`body` without its content encoding.

    Raises:
        TooLarge: it unpacks to more than `limit` bytes.
        Undecodable: the encoding is unknown, or the bytes are damaged.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        plain = body
    elif name in ("gzip", "x-gzip"):
        plain = _inflated(body, 31, limit)
    elif name == "deflate":
        raw = len(body) < 2 or (body[0] & 0x0F) != 8 or int.from_bytes(body[:2], "big") % 31
        plain = _inflated(body, -15 if raw else 15, limit)
    elif name == "zstd":
        plain = _unzstd(body, limit)
    else:
        raise Undecodable(f"the content encoding {name[:40]!r} is not read here; use gzip, deflate or zstd")
    if len(plain) > limit:
        raise TooLarge
    return plain


def _inflated(body: bytes, window: int, limit: int) -> bytes:
    machine = zlib.decompressobj(window)
    try:
        plain = machine.decompress(body, limit + 1)
    except zlib.error as error:
        raise Undecodable("the compressed body is damaged") from error
    if len(plain) > limit:
        raise TooLarge
    if not machine.eof or machine.unused_data:
        raise Undecodable("the compressed body is cut off, or something follows it")
    return plain


def _unzstd(body: bytes, limit: int) -> bytes:
    machine = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    parts, size = [], 0
    try:
        with machine.stream_reader(io.BytesIO(body)) as reader:
            while part := reader.read(_STEP):
                size += len(part)
                if size > limit:
                    raise TooLarge
                parts.append(part)
    except zstandard.ZstdError as error:
        raise Undecodable("the compressed body is damaged") from error
    return b"".join(parts)
