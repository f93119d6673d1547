"""Reading what strangers wrote: bounded JSON, and values of any type taken as the type that is needed."""

import math
import re
from typing import Any

from assaymark.errors import AssaymarkError, UsageError
from assaymark.observation import Detail
from assaymark.signing import strict_json
from assaymark.signing.problems import DoesNotVerify

__all__ = [
    "HEAD",
    "MAX_BYTES",
    "capped",
    "json_lines",
    "json_object",
    "json_value",
    "listed",
    "mapping",
    "number",
    "told",
    "words",
]

MAX_BYTES = strict_json.MAX_BYTES
"""Longest report that is read."""
HEAD = 65_536
"""Bytes by which a format is recognised."""

_MAX_LINES = 500_000
_MAX_VALUES = 2_000_000
"""Objects and arrays of all lines of a file together, and commas by four: as in a file with one value."""
_MAX_PROBLEMS = 20
_DETAILS = 200
_ADVICE = "Write the report again with its tool; it has to be whole and as the tool wrote it."
_SURROGATES = re.compile("[\ud800-\udfff]")


def json_value(data: bytes, name: str) -> Any:
    """The JSON value in `data`.

    Raises:
        UsageError: it is none, too long, or holds a key twice.
    """
    try:
        return strict_json.parse_any(data.removeprefix(b"\xef\xbb\xbf"), name)
    except DoesNotVerify as error:
        raise UsageError(error.message, _ADVICE) from error


def json_object(data: bytes, name: str) -> dict[str, Any]:
    """The JSON object in `data`.

    Raises:
        UsageError: it is none, too long, or holds a key twice.
    """
    value = json_value(data, name)
    if not isinstance(value, dict):
        raise UsageError(f"{name} is no JSON object.", _ADVICE)
    return value


def json_lines(data: bytes, name: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The objects of a file with one JSON object a line, and a sentence for each line that is none.

    Raises:
        UsageError: it is too long, or not one of its lines is an object.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is longer than {MAX_BYTES:,} bytes.", _ADVICE)
    if data.count(b"{") + data.count(b"[") > _MAX_VALUES or data.count(b",") > 4 * _MAX_VALUES:
        raise UsageError(f"{name} holds more than {_MAX_VALUES:,} values.", _ADVICE)
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(lines) > _MAX_LINES:
        raise UsageError(f"{name} has more than {_MAX_LINES:,} lines.", _ADVICE)
    found: list[dict[str, Any]] = []
    problems: list[str] = []
    for number_, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(json_object(line, f"line {number_}"))
        except AssaymarkError as error:
            problems.append(error.message)
    if not found:
        raise UsageError(f"{name} holds no line that is a JSON object.", _ADVICE)
    more = len(problems) - _MAX_PROBLEMS
    shown = problems[:_MAX_PROBLEMS] + ([f"{more} more lines could not be read."] if more > 0 else [])
    return found, tuple(f"{name}: {problem}" for problem in shown)


def mapping(value: Any) -> dict[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """`value` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def words(value: Any, limit: int = 500) -> str:
    """`value` as one line of at most `limit` characters if it is text, else nothing.

    Control characters stay: reports escape them. Lone surrogates do not, since no file can hold them.
    """
    if not isinstance(value, str):
        return ""
    flat = " ".join(_SURROGATES.sub("\ufffd", value[: 4 * limit]).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def number(value: Any) -> float | None:
    """`value` if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def capped(details: list[Detail]) -> tuple[Detail, ...]:
    """`details`, or the first 200 and how many more there are."""
    if len(details) <= _DETAILS:
        return tuple(details)
    return (*details[:_DETAILS], Detail(f"{len(details) - _DETAILS:,} more stand in the report."))


def told(count: int, one: str, many: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
