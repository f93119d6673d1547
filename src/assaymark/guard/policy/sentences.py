"""Violations of the policy's schema → sentences at their lines that say what to write instead."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.system.yaml_tree import Path, Problem

__all__ = ["mistakes"]

_WANTED = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys to values",
}
_FOUND = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a mapping",
    type(None): "nothing",
}
_FORMS = {
    "^([0-9a-f]{64})?$": "no SHA-256; write 64 lower-case hexadecimal digits",
    "^(/.*)?$": "no JSON pointer; write a slash before each name: `/to`",
}
_SIMILAR = 0.6


def mistakes(value: Any, lines: dict[Path, int], schema: dict[str, Any]) -> list[Problem]:
    """All violations of `schema` by `value`, in the order of lines; a top-level key without value is fine."""
    import jsonschema  # slow to import, and not needed by those who only build a `Policy`

    if not isinstance(value, dict):
        return [Problem(1, "a policy has to be a mapping of keys to values; begin with `version: 1`")]
    present = {
        key: item for key, item in value.items() if item is not None or key not in schema["properties"]
    }
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["date"]))
    return sorted({p for error in validator.iter_errors(present) for p in _problems(error, lines)})


def _problems(error: Any, lines: dict[Path, int]) -> Iterator[Problem]:
    if error.validator == "anyOf":
        # The first way of writing it is the one that people mean; null is the other.
        meant = [e for e in error.context if e.schema_path[0] == 0]
        for inner in meant:
            yield from _problems(inner, lines)
        return
    place: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        allowed = error.schema["properties"]
        for key in error.instance:
            if key not in allowed:
                line = lines.get((*place, key), 1)
                yield Problem(line, f"{_prefix(place)}unknown key {_shown(key)}{_hint(key, allowed)}")
        return
    yield Problem(_line(lines, place), _prefix(place) + _sentence(error))


def _line(lines: dict[Path, int], place: Path) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _sentence(error: Any) -> str:
    value, wanted = error.instance, error.validator_value
    match error.validator:
        case "required":
            missing = ", ".join(f"`{key}`" for key in wanted if key not in value)
            return f"{missing} missing; write it"
        case "type":
            found = _FOUND.get(type(value), "something else")
            return f"expected {_WANTED.get(wanted, wanted)}, found {found}{_quotes(value, wanted)}"
        case "enum":
            return f"{_shown(value)} is not one of those allowed{_hint(value, wanted)}"
        case "const":
            return f"{_shown(value)} is not possible here; write {wanted}"
        case "minimum" | "maximum":
            bound = "at least" if error.validator == "minimum" else "at most"
            return f"{value} is out of range; write a number of {bound} {wanted}"
        case "minLength" | "minItems":
            return "empty; write something or remove the key"
        case "maxLength":
            return f"longer than {wanted:,} characters; shorten it"
        case "format":
            return f"{_shown(value)} is no date; write YYYY-MM-DD"
    return f"{_shown(value)} is {_FORMS.get(str(wanted), 'not in the form expected')}"


def _quotes(value: Any, wanted: Any) -> str:
    return "; put it in quotes" if wanted == "string" and isinstance(value, bool | int | float) else ""


def _hint(given: Any, allowed: Iterable[Any]) -> str:
    names = [str(name) for name in allowed]
    plain = {name.casefold().replace("_", "-"): name for name in names}
    asked = str(given)[:80].casefold().replace("_", "-").replace(" ", "-")
    close = difflib.get_close_matches(asked, plain, n=1, cutoff=_SIMILAR)
    if close:
        return f"; did you mean {plain[close[0]]!r}?"
    return f"; possible: {', '.join(names)}" if len(names) <= 16 else ""


def _prefix(place: Path) -> str:
    """`tools[2].effects: `, counted from 1; empty at the top."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            shown = part[:60] if part[:60].isprintable() else repr(part[:60])
            text += f".{shown}" if text else shown
    return f"{text}: " if text else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
