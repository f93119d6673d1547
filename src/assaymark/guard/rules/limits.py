"""Whether bytes may be handed to a JSON parser at all: size, depth, encoding, repeated keys.

Everything here looks before anything is built: depth is counted on the bytes, so a hundred thousand brackets
cost one pass and no recursion. Two parsers that read a repeated key differently see two different messages;
such a message is refused.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from assaymark.guard.event import Action, Finding
from assaymark.guard.policy.model import Limits

__all__ = ["JsonFault", "check_json", "parse_json"]

_SPECIAL = re.compile(rb'[\[\]{}"]')
_STRING_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_UNICODE_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_LONG_NUMBER = re.compile(rb"[0-9]{400}")


class JsonFault(ValueError):
    """Bytes that are not JSON that may be parsed; `rule` is that of the finding."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message


def check_json(data: bytes, limits: Limits) -> tuple[Finding, ...]:
    """What forbids `data` as a message: findings `limit/…` with `BLOCK`, empty if it may pass."""
    try:
        parse_json(data, limits)
    except JsonFault as fault:
        return (Finding(rule=fault.rule, message=fault.message, action=Action.BLOCK),)
    return ()


def parse_json(data: bytes, limits: Limits) -> Any:
    """The value of `data`, within `limits`.

    Raises:
        JsonFault: it is too large, too deep, not UTF-8, not JSON, ambiguous, or holds a lone surrogate.
    """
    if len(data) > limits.body_bytes:
        _refuse("body_bytes", f"{len(data):,} bytes are more than the {limits.body_bytes:,} allowed")
    depth = _depth(data)
    if depth > limits.json_depth:
        _refuse("json_depth", f"nested {depth} deep, deeper than the {limits.json_depth} allowed")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse("encoding", f"not UTF-8 at byte {error.start}")
    if _SURROGATE.search(data) and (at := next(_lone_surrogates(data), None)) is not None:
        _refuse("surrogate", f"a lone surrogate stands at byte {at}; no text can hold one")
    if _LONG_NUMBER.search(data) and _long_number_outside_strings(data):
        _refuse("number", "a number of more than 400 digits")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        _refuse("json", f"not JSON: {error.msg.lower()} at line {error.lineno}, column {error.colno}")


def _refuse(name: str, message: str) -> NoReturn:
    raise JsonFault(f"limit/{name}", f"The message is refused: {message}.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        _refuse("duplicate_key", "an object holds the same key twice, which parsers read differently")
    return made


def _constant(name: str) -> NoReturn:
    _refuse("json", f"not JSON: {name} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        _refuse("number", "a number beyond what a computer can hold")
    return value


def _depth(data: bytes) -> int:
    """How deep brackets nest, strings left out; one pass, whatever the bytes."""
    depth = deepest = position = 0
    while found := _SPECIAL.search(data, position):
        position = found.end()
        mark = found.group()
        if mark == b'"':
            end = _STRING_END.match(data, position)
            if end is None:
                break
            position = end.end()
        elif mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _lone_surrogates(data: bytes) -> Iterator[int]:
    """Offsets of escaped surrogates without their partner."""
    awaited = -1
    for found in _UNICODE_ESCAPE.finditer(data):
        code = int(found.group(1), 16) if found.group(1) else 0
        if awaited >= 0:
            if found.start() == awaited and 0xDC00 <= code <= 0xDFFF:
                awaited = -1
                continue
            yield awaited - 6
            awaited = -1
        if 0xD800 <= code <= 0xDBFF:
            awaited = found.end()
        elif 0xDC00 <= code <= 0xDFFF:
            yield found.start()
    if awaited >= 0:
        yield awaited - 6


def _long_number_outside_strings(data: bytes) -> bool:
    position = 0
    while (quote := data.find(b'"', position)) >= 0:
        if _LONG_NUMBER.search(data, position, quote):
            return True
        end = _STRING_END.match(data, quote + 1)
        if end is None:
            return False
        position = end.end()
    return _LONG_NUMBER.search(data, position) is not None
