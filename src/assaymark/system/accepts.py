"""A quick yes: whether a value follows the manifest's JSON Schema, without importing a validator.

Importing one costs more than the rest of a warm assessment. Only the keywords that our schema uses are known
here; any other answers no, and every no is put to the library, which also finds the words. A test compares
the two.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

__all__ = ["accepts"]

Schema = dict[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def accepts(value: Any, schema: Schema, root: Schema) -> bool:
    """Whether `value` follows `schema`, a part of `root`; no also where that cannot be told."""
    return all(
        keyword in _CHECKS and _CHECKS[keyword](value, wanted, schema, root)
        for keyword, wanted in schema.items()
        if keyword not in _SILENT
    )


def _ref(value: Any, wanted: str, _: Schema, root: Schema) -> bool:
    name = wanted.removeprefix("#/$defs/")
    return name in root["$defs"] and accepts(value, root["$defs"][name], root)


def _type(value: Any, wanted: str | list[str], *_: Schema) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return any(type(value) in _TYPES.get(name, ()) for name in names)


def _format(value: Any, wanted: str, *_: Schema) -> bool:
    if wanted != "date" or not isinstance(value, str):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _unique(value: Any, wanted: bool, *_: Schema) -> bool:
    if not wanted or not isinstance(value, list):
        return True
    return all(isinstance(item, str) for item in value) and len(set(value)) == len(value)


def _properties(value: Any, wanted: Schema, _: Schema, root: Schema) -> bool:
    return not isinstance(value, dict) or all(
        accepts(value[key], part, root) for key, part in wanted.items() if key in value
    )


def _additional(value: Any, wanted: bool | Schema, schema: Schema, root: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    more = [item for key, item in value.items() if key not in schema.get("properties", {})]
    return (
        not more
        if wanted is False
        else isinstance(wanted, dict) and all(accepts(item, wanted, root) for item in more)
    )


def _if(value: Any, wanted: Schema, schema: Schema, root: Schema) -> bool:
    return not accepts(value, wanted, root) or accepts(value, schema.get("then", {}), root)


def _same(value: Any, wanted: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return type(value) is type(wanted) and bool(value == wanted)


_SILENT = {"$schema", "$comment", "$defs", "title", "description", "then"}
_CHECKS: dict[str, Callable[[Any, Any, Schema, Schema], bool]] = {
    "$ref": _ref,
    "type": _type,
    "format": _format,
    "uniqueItems": _unique,
    "properties": _properties,
    "additionalProperties": _additional,
    "if": _if,
    "const": lambda value, wanted, *_: _same(value, wanted),
    "enum": lambda value, wanted, *_: any(_same(value, item) for item in wanted),
    "not": lambda value, wanted, _, root: not accepts(value, wanted, root),
    "pattern": lambda value, wanted, *_: not isinstance(value, str) or bool(re.search(wanted, value)),
    "minLength": lambda value, wanted, *_: not isinstance(value, str) or len(value) >= wanted,
    "maxLength": lambda value, wanted, *_: not isinstance(value, str) or len(value) <= wanted,
    "minItems": lambda value, wanted, *_: not isinstance(value, list) or len(value) >= wanted,
    "minimum": lambda value, wanted, *_: type(value) is not int or value >= wanted,
    "maximum": lambda value, wanted, *_: type(value) is not int or value <= wanted,
    "required": lambda value, wanted, *_: not isinstance(value, dict) or all(k in value for k in wanted),
    "items": lambda value, wanted, _, root: (
        not isinstance(value, list) or all(accepts(item, wanted, root) for item in value)
    ),
    "propertyNames": lambda value, wanted, _, root: (
        not isinstance(value, dict) or all(accepts(key, wanted, root) for key in value)
    ),
}
"""Keyword → whether a value satisfies it. A keyword says nothing about values of other types."""
