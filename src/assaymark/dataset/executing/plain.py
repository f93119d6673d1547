"""Engine states as bytes and back, without code: numbers, text, containers, arrays, and known records.

A state that was saved is a stranger's bytes when it is read again. So nothing in them is run or imported:
they name classes by a number in a list that the engine's own module gives, and only data classes, structs and
enumerations are in it.
"""

import dataclasses
import enum
import importlib
import inspect
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
    """The data classes, structs and enumerations of this package that the module of `thing` defines or uses.

    By qualified name, so that the same version of an engine always numbers them alike.
    """
    module = importlib.import_module(type(thing).__module__)
    found = {
        f"{t.__module__}.{t.__qualname__}": t
        for t in vars(module).values()
        if inspect.isclass(t)
        and t.__module__.split(".")[0] == module.__name__.split(".")[0]
        and _plain_type(t)
    }
    return tuple(found[name] for name in sorted(found))


def _plain_type(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct | enum.Enum)


def pack(value: Any, types: Iterable[type] = ()) -> bytes:
    """The bytes of `value`.

    Raises:
        NotPlain: something in it is neither plain nor of `types`.
    """
    return _ENCODER.encode(_out(value, {t: n for n, t in enumerate(types)}, 0))


def unpack(data: bytes, types: Iterable[type] = ()) -> Any:
    """The value of `data`.

    Raises:
        NotPlain: they are no such bytes.
    """
    try:
        return _in(_DECODER.decode(data), tuple(types))
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


def _out(value: Any, types: dict[type, int], depth: int) -> Any:
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
        fields = [_out(getattr(value, name), types, deeper) for name in _fields(kind)]
        return ["r", types[kind], fields]
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
    raise NotPlain(f"{kind.__module__}.{kind.__qualname__}")


def _in(value: Any, types: tuple[type, ...]) -> Any:
    if not isinstance(value, list):
        if isinstance(value, dict):
            raise NotPlain("no saved state")
        return value
    match value:
        case ["s", bytes(text)]:
            return text.decode("utf-8", "surrogatepass")
        case ["i", str(digits)] if len(digits) < 4_000:
            return int(digits)
        case ["e", int(number), inner]:
            return _known(types, number)(_in(inner, types))
        case ["r", int(number), list(fields)]:
            return _record(_known(types, number), [_in(f, types) for f in fields])
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


def _fields(kind: Any) -> tuple[str, ...]:
    if issubclass(kind, msgspec.Struct):
        names: tuple[str, ...] = kind.__struct_fields__
        return names
    return tuple(f.name for f in dataclasses.fields(kind))


def _known(types: tuple[type, ...], number: int) -> Any:
    if not 0 <= number < len(types):
        raise NotPlain("names a type that the engine does not have")
    return types[number]


def _record(kind: Any, values: list[Any]) -> Any:
    """The record with these fields, its `__init__` not asked: it may compute what is already here."""
    names = _fields(kind)
    if issubclass(kind, msgspec.Struct):
        return kind(**dict(zip(names, values, strict=True)))
    record = object.__new__(kind)
    for name, value in zip(names, values, strict=True):
        object.__setattr__(record, name, value)
    return record
