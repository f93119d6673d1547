"""Violations of a JSON Schema → sentences with lines that tell a person what to write."""

import difflib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema

from assaymark.system.yaml_tree import Path, Problem

__all__ = ["violations"]

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys to values",
}
_FOUND = {str: "text", bool: "true or false", int: "a number", list: "a list", dict: "a mapping"}
_SIMILAR = 0.6


def violations(value: Any, lines: dict[Path, int], schema: dict[str, Any]) -> list[Problem]:
    """All violations of `schema` by `value`, each at the line where it stands, in the order of lines."""
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["date"]))
    problems = {
        Problem(line, message)
        for error in validator.iter_errors(value)
        for line, message in _sentences(error, lines)
    }
    return sorted(problems)


def _sentences(error: Any, lines: dict[Path, int]) -> Iterator[tuple[int, str]]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        allowed = error.schema.get("properties", {})
        for key in error.instance:
            if key not in allowed:
                yield lines[(*path, key)], _prefix(path) + f"unknown key {_shown(key)}{_hint(key, allowed)}"
    elif "propertyNames" in error.absolute_schema_path:
        allowed = error.validator_value
        where = lines[(*path, error.instance)]
        yield where, _prefix(path) + f"unknown key {_shown(error.instance)}{_hint(error.instance, allowed)}"
    else:
        yield lines.get(path, 1), _prefix(path) + _message(error)


def _message(error: Any) -> str:
    """What is wrong with one value and what to write."""
    value, wanted, kind = error.instance, error.validator_value, error.validator
    advice = f" {error.schema['description']}" if "description" in error.schema else ""
    if kind == "required":
        missing = [key for key in wanted if key not in value]
        verb = "is" if len(missing) == 1 else "are"
        return f"{_listed(f'`{key}`' for key in missing)} {verb} missing.{advice}"
    if kind == "type":
        return _wrong_type(value, wanted)
    if kind == "enum":
        return f"{_shown(value)} is not one of those allowed{_hint(value, wanted)}"
    if kind in ("const", "not"):
        return f"{_shown(value)} is not possible here.{advice}"
    if kind in ("minLength", "minItems"):
        return "empty; write something or remove the key"
    if kind == "uniqueItems":
        return "the same item stands here twice"
    if kind in ("minimum", "maximum"):
        return f"{value} is out of range; {kind} {wanted}"
    if kind == "maxLength":
        return f"longer than {wanted:,} characters"
    return f"{_shown(value)} is not in the form expected.{advice}"


def _wrong_type(value: Any, wanted: str | list[str]) -> str:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    quotes = "; put it in quotes" if "string" in kinds and isinstance(value, bool | int) else ""
    expected = " or ".join(_KINDS[k] for k in kinds if k in _KINDS)
    return f"expected {expected}, found {_FOUND.get(type(value), 'nothing')}{quotes}"


def _hint(given: Any, allowed: Iterable[str]) -> str:
    names = list(allowed)
    by_plain = {_plain(name): name for name in names}
    close = difflib.get_close_matches(_plain(str(given)[:80]), by_plain, n=1, cutoff=_SIMILAR)
    if close:
        return f"; did you mean {by_plain[close[0]]!r}?"
    return f"; possible: {', '.join(names)}" if len(names) <= 12 else ""


def _plain(name: str) -> str:
    return name.casefold().replace("_", "-").replace(" ", "-")


def _prefix(path: Path) -> str:
    """`waivers[2].until: `, empty at the top."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{_visible(part)}" if text else _visible(part)
    return f"{text}: " if text else ""


def _visible(text: str) -> str:
    short = text[:60]
    return short if short.isprintable() else repr(short)


def _shown(value: Any) -> str:
    text = json.dumps(value) if isinstance(value, bool) or value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _listed(items: Iterable[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
