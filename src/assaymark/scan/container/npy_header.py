"""NumPy's npy header: a Python literal that is parsed as such, and whether loading it would unpickle."""

import ast
import math

from msgspec import Struct

__all__ = ["NpyHeader", "parse_npy_header"]

_MAGIC = b"\x93NUMPY"
_KINDS = {"f": "number", "c": "number", "i": "integer", "u": "integer", "b": "boolean",
          "U": "string", "S": "bytes", "M": "timestamp", "O": "object"}  # fmt: skip


class NpyHeader(Struct, frozen=True):
    """What the header says."""

    dtype: str
    """One of the column types."""
    shape: tuple[int, ...]
    has_objects: bool
    """Values are pickled: loading them can run code."""

    @property
    def elements(self) -> int:
        """Number of values."""
        return math.prod(self.shape)


def parse_npy_header(head: bytes) -> NpyHeader | None:
    """The header at the beginning of `head`; None if it is no npy header or is cut off."""
    if not head.startswith(_MAGIC) or len(head) < 12:
        return None
    wide = head[6] > 1
    start = 12 if wide else 10
    length = int.from_bytes(head[8:start], "little")
    if length > 4096 or start + length > len(head):
        return None
    try:
        fields = ast.literal_eval(head[start : start + length].decode("latin-1").strip())
        descr, shape = fields["descr"], fields["shape"]
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError):
        return None
    if not isinstance(shape, tuple) or not all(isinstance(n, int) and n >= 0 for n in shape):
        return None
    text = descr if isinstance(descr, str) else str(descr)
    kind = text.lstrip("<>|=")[:1] if isinstance(descr, str) else "O" if "O'" in text else "V"
    return NpyHeader(_KINDS.get(kind, "unknown"), shape, kind == "O")
