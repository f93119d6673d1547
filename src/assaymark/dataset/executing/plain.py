"""Engine states as bytes and back, without code: numbers, text, containers, arrays, and known records.

A state that was saved is a stranger's bytes when it is read again. So nothing in them is run or imported:
they name classes from a list that the engine's own module gives, and only attributes are set.
"""

import dataclasses
import enum
import inspect
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

__all__ = ["NotPlain", "pack", "types_of", "unpack"]

_DEPTH = 40
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder()
_DTYPES = frozenset("?bhilqBHILQefd")
"""Kinds of numbers that an array may hold; never objects."""


class NotPlain(Exception):
    """A value that cannot be saved, or bytes that are no saved value."""


def types_of(thing: object) -> tuple[type, ...]:
    """The classes that the module of `thing`, and the modules of this package that it stands on, know.

    Of other folders than that of `thing`, only classes that are nothing but records.
    """
    found: dict[str, type] = {}
    seen: set[str] = set()
    home = type(thing).__module__
    waiting = [home]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in sys.modules:
            continue
        seen.add(name)
        for value in vars(sys.modules[name]).values():
            owner = getattr(value, "__module__", None)
            if isinstance(owner, str) and owner.split(".")[0] == home.split(".")[0]:
                waiting.append(owner)
                beside = owner.rpartition(".")[0] == home.rpartition(".")[0]
                if inspect.isclass(value) and (beside or _is_record(value)):
                    found[_name(value)] = value
    return tuple(found[name] for name in sorted(found))


def _is_record(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct | enum.Enum)


def pack(value: Any, types: Iterable[type] = ()) -> bytes:
    """The bytes of `value`.

    Raises:
        NotPlain: something in it is neither plain nor of `types`.
    """
    return _ENCODER.encode(_out(value, {t: _name(t) for t in types}, 0))


def unpack(data: bytes, types: Iterable[type] = ()) -> Any:
    """The value of `data`.

    Raises:
        NotPlain: they are no such bytes.
    """
    try:
        return _in(_DECODER.decode(data), {_name(t): t for t in types})
    except (
        msgspec.MsgspecError,
        RecursionError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
    ) as e:
        raise NotPlain(f"no saved state: {type(e).__name__}") from e


def _out(value: Any, types: dict[type, str], depth: int) -> Any:
    """Lists that begin with a tag, and scalars."""
    if depth > _DEPTH:
        raise NotPlain("too deep")
    kind = type(value)
    deeper = depth + 1
    if value is None or kind in (bool, float, bytes):
        return value
    if kind is str:
        return value if value.isascii() else ["s", value.encode("utf-8", "surrogatepass")]
    if kind is int:
        return value if -(2**63) <= value < 2**63 else ["i", str(value)]
    if kind in types:
        if isinstance(value, enum.Enum):
            return ["e", types[kind], _out(value.value, types, deeper)]
        return ["r", types[kind], _out(_fields(value), types, deeper)]
    if kind in (list, tuple):
        return ["l" if kind is list else "t", [_out(v, types, deeper) for v in value]]
    if kind in (set, frozenset):
        packed = sorted((_out(v, types, deeper) for v in value), key=_ENCODER.encode)
        return ["S" if kind is set else "f", packed]
    if kind in (dict, Counter):
        pairs = [[_out(k, types, deeper), _out(v, types, deeper)] for k, v in value.items()]
        return ["d" if kind is dict else "c", pairs]
    if isinstance(value, np.ndarray | np.generic) and value.dtype.char in _DTYPES:
        array = np.ascontiguousarray(value)
        return ["a", array.dtype.str, list(value.shape), array.tobytes(), isinstance(value, np.generic)]
    raise NotPlain(_name(kind))


def _in(value: Any, types: dict[str, type]) -> Any:
    if not isinstance(value, list):
        if isinstance(value, dict):
            raise NotPlain("no saved state")
        return value
    match value:
        case ["s", bytes(text)]:
            return text.decode("utf-8", "surrogatepass")
        case ["i", str(digits)] if len(digits) < 4_000:
            return int(digits)
        case ["e", str(name), inner]:
            return _known(types, name)(_in(inner, types))
        case ["r", str(name), inner]:
            return _record(_known(types, name), _in(inner, types))
        case ["l" | "t" | "S" | "f" as tag, list(items)]:
            make: Any = {"l": list, "t": tuple, "S": set, "f": frozenset}[tag]
            return make(_in(item, types) for item in items)
        case ["d" | "c" as tag, list(pairs)]:
            filled: dict[Any, Any] = {} if tag == "d" else Counter()
            filled.update({_in(k, types): _in(v, types) for k, v in pairs})
            return filled
        case ["a", str(dtype), list(shape), bytes(raw), bool(scalar)] if np.dtype(dtype).char in _DTYPES:
            array = np.frombuffer(raw, dtype).reshape([int(n) for n in shape]).copy()
            return array[()] if scalar else array
    raise NotPlain("no saved state")


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if hasattr(type(value), "__slots__") or not hasattr(value, "__dict__"):
        raise NotPlain(f"{_name(type(value))} has slots")
    return dict(vars(value))


def _known(types: dict[str, type], name: str) -> Any:
    if name not in types:
        raise NotPlain("names a type that the engine does not have")
    return types[name]


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _record(kind: Any, fields: dict[str, Any]) -> Any:
    """The object with these attributes. Its `__init__` does not run: what it computes is already here."""
    if issubclass(kind, msgspec.Struct):
        return kind(**fields)
    if issubclass(kind, enum.Enum | BaseException) or not all(isinstance(name, str) for name in fields):
        raise NotPlain("no saved state")
    record = object.__new__(kind)
    record.__dict__.update(fields)
    return record
