"""JSON and TOML text → plain values, and the line on which a key stands."""

import json
import re
import tomllib
from typing import Any

__all__ = ["line_of_json_key", "line_of_toml_key", "read_json", "read_toml"]

MAX_CHARACTERS = 4_000_000


def read_json(text: str) -> tuple[Any, str]:
    """The value of `text` and an empty problem, or None and what was wrong. Total."""
    if len(text) > MAX_CHARACTERS:
        return None, f"longer than {MAX_CHARACTERS:,} characters"
    try:
        return json.loads(text.removeprefix("\ufeff")), ""
    except RecursionError:
        return None, "nested too deeply"
    except ValueError as wrong:
        return None, f"broken syntax: {str(wrong)[:200]}"


def read_toml(text: str) -> tuple[dict[str, Any], str]:
    """The tables of `text` and an empty problem, or nothing and what was wrong. Total."""
    if len(text) > MAX_CHARACTERS:
        return {}, f"longer than {MAX_CHARACTERS:,} characters"
    try:
        return tomllib.loads(text.removeprefix("\ufeff")), ""
    except RecursionError:
        return {}, "nested too deeply"
    except ValueError as wrong:
        return {}, f"broken syntax: {str(wrong)[:200]}"


def line_of_json_key(text: str, *path: str) -> int:
    """The line, from 1, where the keys of `path` follow one another; 1 if they do not.

    Found by looking for each key after the one before it: right for files in which a key does not
    also occur earlier within the same object at another depth, and never far off otherwise.
    """
    place = 0
    for key in path:
        found = re.compile(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s{0,9}:").search(text, place)
        if found is None:
            break
        place = found.start()
    return text.count("\n", 0, place) + 1


def line_of_toml_key(text: str, *path: str) -> int:
    """The line, from 1, of a table header for `path` or of its last key below the header; 1 if absent."""
    for split in range(len(path), 0, -1):
        header = r"\s{0,9}\.\s{0,9}".join(_toml_name(key) for key in path[:split])
        found = re.compile(rf"^[ \t]{{0,40}}\[\[?\s{{0,9}}{header}\s{{0,9}}\]", re.MULTILINE).search(text)
        if found is not None:
            return _line_below(text, found.start(), path[split:])
    return _line_below(text, 0, path)


def _line_below(text: str, start: int, keys: tuple[str, ...]) -> int:
    if keys:
        found = re.compile(rf"^[ \t]{{0,40}}{_toml_name(keys[-1])}\s{{0,40}}[=.]", re.MULTILINE).search(
            text, start
        )
        start = found.start() if found is not None else start
    return text.count("\n", 0, start) + 1


def _toml_name(key: str) -> str:
    return rf"[\"']?{re.escape(key)}[\"']?"
