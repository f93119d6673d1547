"""The policy's published JSON Schema: written from `model.py`, so that an editor and the guard agree.

`policy-1.schema.json` beside this file is the frozen copy that is read at run time; a test compares it with
what `generated_schema` makes of the model.
"""

import ast
import functools
import inspect
import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect as types

from assaymark.guard.policy import model

__all__ = ["generated_schema", "policy_schema"]

SCHEMA_FILE = "policy-1.schema.json"
_ID = "urn:assaymark:guard:policy:1"

_POSITIVE = {"minimum": 1}
_SHARE = {"minimum": 0, "maximum": 1}
_NAMED = {"minLength": 1}
_BOUNDS: dict[tuple[str, str], dict[str, Any]] = {
    ("Step", "threshold"): _SHARE,
    ("ExceptionRule", "id"): _NAMED | {"maxLength": 100},
    ("ExceptionRule", "owner"): _NAMED,
    ("ExceptionRule", "reason"): _NAMED,
    ("ExceptionRule", "until"): {"format": "date"},
    ("ExceptionRule", "rules"): {"minItems": 1},
    ("ExceptionRule", "sha256"): {"pattern": "^([0-9a-f]{64})?$"},
    ("ExceptionRule", "phrase"): {"maxLength": 2000},
    ("ArgumentRule", "path"): {"pattern": "^(/.*)?$"},
    ("ArgumentRule", "pattern"): {"maxLength": 2000},
    ("ArgumentRule", "max_length"): {"minimum": 0},
    ("ToolRule", "name"): _NAMED,
    ("OverlapRule", "words"): {"minimum": 3, "maximum": 100},
    ("OverlapRule", "share"): _SHARE,
    ("Quota", "amount"): {"minimum": 0},
    ("Quota", "seconds"): _POSITIVE | {"maximum": 31_622_400},
    ("Price", "model"): _NAMED,
    ("Price", "input"): {"minimum": 0},
    ("Price", "output"): {"minimum": 0},
    ("Limits", "body_bytes"): _POSITIVE,
    ("Limits", "text_chars"): _POSITIVE,
    ("Limits", "segments"): _POSITIVE,
    ("Limits", "tools"): {"minimum": 0},
    ("Limits", "json_depth"): {"minimum": 4, "maximum": 500},
    ("Limits", "decode_depth"): {"minimum": 0, "maximum": 8},
    ("Limits", "deadline_ms"): _POSITIVE,
    ("StreamPolicy", "hold_back_chars"): {"minimum": 0, "maximum": 100_000},
    ("ApprovalPolicy", "timeout_seconds"): {"minimum": 0},
    ("ApprovalPolicy", "validity_seconds"): {"minimum": 0},
    ("UpstreamPolicy", "connect_seconds"): {"minimum": 0.1},
    ("UpstreamPolicy", "read_seconds"): {"minimum": 0.1},
}
"""What a value must be beyond its type."""


@functools.cache
def policy_schema() -> dict[str, Any]:
    """The published schema, as shipped."""
    text = Path(__file__).with_name(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def generated_schema() -> dict[str, Any]:
    """The schema that the model and its docstrings imply."""
    definitions: dict[str, Any] = {}
    _Writer(definitions, _sentences()).write(types.type_info(model.Policy))
    root = definitions.pop("Policy")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _ID,
        "title": "Policy of the Assaymark guard, version 1",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


class _Writer:
    """Types in, schemas out; structs and enums land once each in `definitions`."""

    def __init__(self, definitions: dict[str, Any], sentences: dict[tuple[str, str], str]) -> None:
        self._definitions = definitions
        self._sentences = sentences

    def write(self, kind: types.Type) -> dict[str, Any]:
        """The schema of one type."""
        match kind:
            case types.StructType():
                return self._struct(kind)
            case types.EnumType():
                name = kind.cls.__name__
                self._definitions[name] = {"enum": [member.value for member in kind.cls]}
                return {"$ref": f"#/$defs/{name}"}
            case types.LiteralType():
                return {"enum": list(kind.values)} if len(kind.values) > 1 else {"const": kind.values[0]}
            case types.UnionType():
                return {"anyOf": [self.write(part) for part in kind.types]}
            case types.VarTupleType():
                return {"type": "array", "items": self.write(kind.item_type)}
            case types.DictType():
                return self._mapping(kind)
        return dict(_PLAIN[type(kind)])

    def _mapping(self, kind: types.DictType) -> dict[str, Any]:
        if not isinstance(kind.key_type, types.EnumType):
            return {"type": "object"}
        names = [member.value for member in kind.key_type.cls]
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: self.write(kind.value_type) for name in names},
        }

    def _struct(self, kind: types.StructType) -> dict[str, Any]:
        name = kind.cls.__name__
        if name not in self._definitions:
            self._definitions[name] = {}
            properties = {field.name: self._field(name, field) for field in kind.fields}
            body: dict[str, Any] = {"type": "object", "additionalProperties": False}
            if doc := inspect.getdoc(kind.cls):
                body["description"] = " ".join(doc.split())
            if required := [field.name for field in kind.fields if field.required]:
                body["required"] = required
            self._definitions[name] = body | {"properties": properties}
        return {"$ref": f"#/$defs/{name}"}

    def _field(self, owner: str, field: types.Field) -> dict[str, Any]:
        schema = self.write(field.type) | _BOUNDS.get((owner, field.name), {})
        if sentence := self._sentences.get((owner, field.name)):
            schema["description"] = sentence
        if not field.required:
            default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
            schema["default"] = msgspec.to_builtins(default)
        return schema


_PLAIN: dict[type, dict[str, Any]] = {
    types.StrType: {"type": "string"},
    types.BoolType: {"type": "boolean"},
    types.IntType: {"type": "integer"},
    types.FloatType: {"type": "number"},
    types.NoneType: {"type": "null"},
}


def _sentences() -> dict[tuple[str, str], str]:
    """(class, field) → the string that follows the field in `model.py`."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(model)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for field, after in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                found[(node.name, field.target.id)] = " ".join(str(after.value.value).split())
    return found
