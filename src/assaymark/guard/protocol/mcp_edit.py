"""Elements of a JSON array taken out or exchanged, everything else byte for byte."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from assaymark.guard.protocol.lossless import escaped

__all__ = ["with_elements", "without"]

_SPACE = " \t\r\n"


def _unread(digits: str) -> int:
    """Numbers are passed over, however long."""
    return 0


_DECODER = json.JSONDecoder(parse_int=_unread, parse_float=_unread)


def without(body: bytes, at: str, drop: Collection[int]) -> bytes:
    """`body`, which is JSON, with some elements of the array at the pointer `at` left out.

    Raises:
        KeyError: there is no array.
    """
    return _rebuilt(body, at, dict.fromkeys(drop))


def with_elements(body: bytes, at: str, new: Mapping[int, bytes | None]) -> bytes:
    """`body` with elements of the array at `at` exchanged for other JSON; None leaves one out.

    Raises:
        KeyError: there is no array.
    """
    return _rebuilt(body, at, new)


def _rebuilt(body: bytes, at: str, new: Mapping[int, bytes | None]) -> bytes:
    source = body.decode("utf-8")
    spans = _elements(source, _seek(source, at), at)
    if not spans:
        return body
    kept = []
    for n, (start, end) in enumerate(spans):
        if n not in new:
            kept.append(source[start:end])
        elif (element := new[n]) is not None:
            kept.append(element.decode("utf-8"))
    return (source[: spans[0][0]] + ",".join(kept) + source[spans[-1][1] :]).encode("utf-8")


def _skip(source: str, at: int) -> int:
    while at < len(source) and source[at] in _SPACE:
        at += 1
    return at


def _seek(source: str, pointer: str) -> int:
    """Where the value at `pointer` begins."""
    at = _skip(source, 0)
    for part in pointer.split("/")[1:]:
        if source[at] == "[":
            spans = _elements(source, at, pointer)
            if not part.isdecimal() or int(part) >= len(spans):
                raise KeyError(pointer)
            at = spans[int(part)][0]
        else:
            at = _member(source, at, part, pointer)
    return at


def _member(source: str, at: int, part: str, pointer: str) -> int:
    if source[at] != "{":
        raise KeyError(pointer)
    at = _skip(source, at + 1)
    while source[at] == '"':
        name, at = _value(source, at)
        at = _skip(source, _skip(source, at) + 1)  # past the colon
        if escaped(name) == part:
            return at
        at = _skip(source, _value(source, at)[1])
        if source[at] == ",":
            at = _skip(source, at + 1)
    raise KeyError(pointer)


def _elements(source: str, at: int, pointer: str) -> list[tuple[int, int]]:
    """Where each element of the array at `at` begins and ends."""
    if source[at] != "[":
        raise KeyError(pointer)
    spans: list[tuple[int, int]] = []
    at = _skip(source, at + 1)
    while source[at] != "]":
        end = _value(source, at)[1]
        spans.append((at, end))
        at = _skip(source, end)
        if source[at] == ",":
            at = _skip(source, at + 1)
    return spans


def _value(source: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(source, at)
