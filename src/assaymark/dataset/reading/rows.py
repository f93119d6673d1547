"""Records between their file and the normal form, and values looked up in them. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Rows", "clean", "decoded", "extra", "flat", "text_of", "value_at"]

_decode = msgspec.json.Decoder().decode
_DEEP = 40


@dataclass(frozen=True, eq=False)
class Rows:
    """Some records as columns."""

    numbers: NDArray[np.int64]
    """Record numbers."""
    columns: Mapping[str, Any]
    """Name → list of plain values, or a pyarrow array."""

    def values(self, name: str) -> Sequence[Any]:
        """A column as plain values; a name with dots reaches into objects. Missing values are None."""
        column = self.columns.get(name)
        if column is None:
            head, _, tail = name.partition(".")
            if not tail or head not in self.columns:
                return [None] * len(self.numbers)
            return [value_at(v, tail) for v in self.values(head)]
        return column if isinstance(column, list) else _plain(column)


def _plain(column: Any) -> list[Any]:
    import pyarrow as pa

    try:
        found: list[Any] = column.to_pylist()
    except (UnicodeDecodeError, pa.ArrowException, ValueError, OverflowError):
        found = [_one(value) for value in column]
    return found


def _one(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes().decode("utf-8", "replace")
    except (ValueError, OverflowError):
        return str(scalar.value)


def decoded(data: bytes) -> Any:
    """The value of one JSON text.

    Raises:
        ValueError: it is none, or nested too deeply.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    try:
        return clean(json.loads(text))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"broken JSON: {str(error)[:160]}") from error


def clean(value: Any, depth: int = 0) -> Any:
    """The same value with lone surrogates replaced.

    Raises:
        ValueError: it is nested too deeply.
    """
    if depth > _DEEP:
        raise ValueError("it is nested too deeply")
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [clean(v, depth + 1) for v in value]
    if isinstance(value, dict):
        return {clean(k): clean(v, depth + 1) for k, v in value.items()}
    return value


def value_at(record: Any, name: str) -> Any:
    """The value under `name`, which may reach into objects by dots; None if there is none."""
    while isinstance(record, dict):
        if name in record:
            return record[name]
        head, _, name = name.partition(".")
        if not name:
            return None
        record = record.get(head)
    return None


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the members of its objects beside them, under `object.member`."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        found[name] = value
        if isinstance(value, dict):
            found.update((f"{name}.{k}", v) for k, v in list(value.items())[:200])
    return found


def text_of(value: Any) -> str:
    """A value as text: a string as it is, nothing as an empty one, others as JSON would write them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "\n".join(value)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return ""


def extra(package: str) -> str:
    """What to do where a package is missing."""
    return f"Run: pip install 'assaymark[data]' (it brings {package})"
