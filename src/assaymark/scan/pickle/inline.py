"""Joblib's arrays: after BUILD of a wrapper its loader reads raw bytes, or another pickle, from the file."""

import math
import re

from assaymark.scan.pickle.judge import Judge
from assaymark.scan.pickle.legacy import TorchLegacy
from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.shapes import made_by
from assaymark.scan.pickle.stream import BrokenError
from assaymark.scan.pickle.values import Box, Imported, Made, Persistent, Value

__all__ = ["InlineArrays", "dtype_of"]

_WRAPPERS = frozenset({
    "joblib.numpy_pickle.NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper",
})  # fmt: skip
_DTYPE = re.compile(r"[<>=|]?([a-zA-Z?])(\d{0,9})\Z")


class InlineArrays:
    """An observer before the judge: it passes everything on, and steps over the bytes of arrays."""

    def __init__(self, judge: Judge, legacy: TorchLegacy) -> None:
        self.judge = judge
        self.legacy = legacy
        self.machine: Machine | None = None
        self.seen = 0
        """Wrappers met so far."""
        self._bytes = 0

    def taken(self) -> int:
        """Bytes of arrays stepped over since last asked."""
        taken, self._bytes = self._bytes, 0
        return taken

    def imported(self, found: Imported) -> None:
        """As `Observer`."""
        self.judge.imported(found)

    def called(self, made: Made) -> Value:
        """As `Observer`."""
        return self.judge.called(made)

    def mutated(self, target: Value, items: list[Value], how: str, offset: int) -> None:
        """As `Observer`."""
        self.judge.mutated(target, items, how, offset)

    def persistent(self, found: Persistent) -> None:
        """As `Observer`."""
        self.judge.persistent(found)
        self.legacy.storage(found)

    def extension(self, code: int, offset: int) -> Value:
        """As `Observer`."""
        return self.judge.extension(code, offset)

    def built(self, target: Value, state: Value, offset: int) -> None:
        """As `Observer`; behind a wrapper's BUILD lies its array."""
        self.judge.built(target, state, offset)
        if made_by(target) in _WRAPPERS and isinstance(state, Box):
            self.seen += 1
            self._array(state)

    def _array(self, state: Box) -> None:
        machine = self.machine
        assert machine is not None
        told = dict(zip((k for k in state.items[::2] if isinstance(k, str)), state.items[1::2], strict=False))
        dtype = dtype_of(told.get("dtype"))
        shape = told.get("shape")
        if dtype is None or not isinstance(shape, Box) or not all(isinstance(n, int) for n in shape.items):
            raise BrokenError("the size of an array that lies in the file cannot be told")
        letter, width = dtype
        if letter == "O":
            self._objects(machine)
            return
        if "numpy_array_alignment_bytes" in told and told["numpy_array_alignment_bytes"] is not None:
            machine.stream.skip(machine.stream.number(1))
        size = math.prod(shape.items) * width
        if size < 0:
            raise BrokenError("an array has a negative size")
        machine.stream.skip(size)
        self._bytes += size

    def _objects(self, machine: Machine) -> None:
        """An array of objects is one more pickle, with a memo of its own."""
        inner = Machine(machine.stream, self)
        inner.depth = machine.depth + 1
        self.machine = self.judge.machine = inner
        ended = inner.run()
        self.machine = self.judge.machine = machine
        if ended.how != "stop":
            raise BrokenError(f"in an array of objects at {ended.offset}: {ended.reason}")


def dtype_of(value: Value) -> tuple[str, int] | None:
    """Kind letter and item size of a `numpy.dtype` that the stream made; None if they cannot be told."""
    if made_by(value) != "numpy.dtype" or not isinstance(value.args, Box) or not value.args.items:
        return None
    name = value.args.items[0]
    found = _DTYPE.match(name) if isinstance(name, str) else None
    if found is None:
        return None
    letter, digits = found.groups()
    state = value.state.items if isinstance(value.state, Box) else []
    if len(state) >= 6 and isinstance(state[5], int) and state[5] >= 0:
        return letter, state[5]
    if letter == "O":
        return letter, 8
    if letter == "?":
        return letter, 1
    if not digits:
        return None
    return letter, int(digits) * (4 if letter == "U" else 1)
