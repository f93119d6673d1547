"""The memo: which object was given which number, compact for millions of entries."""

from array import array

from assaymark.scan.pickle.stream import BrokenError
from assaymark.scan.pickle.values import Box, Computed, Opaque, Value

__all__ = ["Memo"]

KEPT = 200_000
"""Entries kept as they are; beyond, containers that hold only literals are kept as their kind."""
VALUES = 1_000_000
"""Entries kept as values at all."""
PLACES = 8_000_000
"""Entries kept as places or kinds."""

_INERT = frozenset({"none", "bool", "int", "float", "str", "bytes", "bytearray"})
_SHARED = tuple(Opaque(kind, -1) for kind in ("list", "tuple", "set", "frozenset", "dict"))
_CODES = {shared.kind: (1 << 63) + index for index, shared in enumerate(_SHARED)}


class Memo:
    """Number → value; text that was stepped over is remembered by its place in the blob."""

    __slots__ = ("full", "later", "older", "places", "used", "values")

    def __init__(self) -> None:
        self.places = array("Q")
        """For entries in order: 0 if `values` has it, 1 + offset of a text's opcode, or a code."""
        self.values: dict[int, Value] = {}
        self.used = 0
        self.full = False
        """Whether entries were left out."""
        self.older: Memo | None = None
        """The memo of the pickle before: one unpickler may load both."""
        self.later = False
        """Whether there were still earlier ones, which are not kept."""

    def put(self, key: int, value: Value) -> None:
        """Entry `key` is `value`, whatever it was."""
        known = key in self.values
        place = 0
        if len(self.values) >= KEPT and not known:
            place = _code(value)
        if key < len(self.places):
            self.places[key] = place
        elif key == len(self.places) and not known and key < PLACES:
            self.places.append(place)
            self.used += 1
        elif not known:
            place = 0
            self.used += 1
        if place:
            return
        if not known and len(self.values) >= VALUES:
            self.full = True
            return
        self.values[key] = value

    def memoize(self, value: Value) -> None:
        """The next number is `value`."""
        self.put(self.used, value)

    def memoize_text(self, offset: int) -> None:
        """The next number is the text that the opcode at `offset` pushes."""
        key = self.used
        if key == len(self.places) and key not in self.values and key < PLACES:
            self.places.append(offset + 1)
            self.used += 1
        else:
            self.put(key, Opaque("str", -1, offset))

    def get(self, key: int, offset: int) -> Value:
        """The value; a tuple of one offset if it is the text that the opcode there pushes."""
        if key in self.values:
            return self.values[key]
        place = self.places[key] if 0 <= key < len(self.places) else 0
        if place >> 63:
            return _SHARED[place & 7]
        if place:
            return (place - 1,)
        if self.full:
            return Computed("an entry of a memo too large to keep", offset)
        if self.older is not None:
            return self.older.get(key, offset)
        if self.later:
            return Computed("an entry of the memo of an earlier pickle", offset)
        raise BrokenError(f"it asks for memo entry {key}, which was never stored")


def _code(value: Value) -> int:
    """The code of a container that holds nothing but literals; 0 for all else."""
    if not isinstance(value, Box) or not 0 < len(value.items) <= 16 or not value.kinds <= _INERT:
        return 0
    inert = all(isinstance(item, str | bytes | float | int | None) for item in value.items)
    return _CODES[value.kind] if inert else 0
