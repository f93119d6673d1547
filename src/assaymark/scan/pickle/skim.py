"""Runs of scalars, stepped over many at a time; what an honest file of numbers mostly consists of.

A run becomes one item of the stack and remembers where its opcodes lie, so that the machine can still take
it apart exactly when something reaches into it. Runs are short enough for that to cost little, once each.
"""

import re
import struct
from typing import TYPE_CHECKING

from assaymark.scan.blob import Blob
from assaymark.scan.pickle.values import Computed, Opaque, Run, Value

if TYPE_CHECKING:
    from assaymark.scan.pickle.machine import Machine

__all__ = ["items_of", "skim_scalars", "skim_texts", "text_of"]

LONGEST = 1 << 16
"""Bytes of one run."""
SHORTEST = 72
"""Bytes below which scalars are pushed one by one."""
KEPT = 4096
"""Bytes of a text that are kept."""

_MIXED = re.compile(rb"(?s:(?:G.{8}|K.|M..|J.{4}|[N\x88\x89])++)")
_SAME = {
    ord("G"): (9, b"G"), ord("K"): (2, b"K"), ord("M"): (3, b"M"), ord("J"): (5, b"J"),
}  # fmt: skip
_SCALARS = frozenset(b"GKMJN\x88\x89")
_WIDTHS = {ord("G"): 9, ord("K"): 2, ord("M"): 3, ord("J"): 5, ord("N"): 1, 0x88: 1, 0x89: 1}
_KINDS = frozenset({"none", "bool", "int", "float"})
_TEXT = frozenset({"str"})


def skim_scalars(m: "Machine") -> bool:
    """Step over the scalars that begin with the opcode in hand, if they are many."""
    stream = m.stream
    buffer = stream.buffer
    start = stream.position - 1
    op = buffer[start]
    after = start + _WIDTHS[op]
    if after >= len(buffer) or buffer[after] not in _SCALARS:
        return False
    limit = min(start + LONGEST, len(buffer))
    same = _SAME.get(op)
    end = start
    if same is not None:
        width, char = same
        ops = buffer[start : min(limit, start + 1024 * width) : width]
        count = len(ops) - len(ops.lstrip(char))
        if count == len(ops) and limit > start + 1024 * width:
            ops = buffer[start:limit:width]
            count = len(ops) - len(ops.lstrip(char))
        if start + count * width > limit:
            count -= 1
        end = start + count * width
    if end - start < SHORTEST:
        found = _MIXED.match(buffer, start, limit)
        if found is None or found.end() - start < SHORTEST:
            return False
        end = found.end()
    stream.position = end
    m.stack.append(Run(stream.base + start, stream.base + end, _KINDS))
    return True


def skim_texts(m: "Machine") -> bool:
    """Step over short texts, each with its MEMOIZE, and the scalars between them, if they are many."""
    stream = m.stream
    buffer = stream.buffer
    start = at = stream.position - 1
    limit = min(start + LONGEST, len(buffer) - 600)
    if at >= limit or not _several(buffer, at):
        return False
    memoize = m.memo.memoize_text
    base = stream.base
    while at < limit:
        if buffer[at] == 0x8C:
            end = at + 2 + buffer[at + 1]
            if buffer[end] != 0x94:
                break
            memoize(base + at)
            at = end + 1
        elif buffer[at] in _SCALARS:
            at += _WIDTHS[buffer[at]]
        else:
            break
    stream.position = at
    m.stack.append(Run(base + start, base + at, _TEXT | _KINDS))
    return True


def _several(buffer: bytes, at: int) -> bool:
    """Whether a text with its MEMOIZE and at least two more items follow one another."""
    end = at + 2 + buffer[at + 1]
    if buffer[end] != 0x94:
        return False
    following = buffer[end + 1]
    if following == 0x8C:
        end += 3 + buffer[end + 2]
        return buffer[end] == 0x94 and (buffer[end + 1] == 0x8C or buffer[end + 1] in _SCALARS)
    if following not in _SCALARS:
        return False
    end += 1 + _WIDTHS[following]
    return buffer[end] == 0x8C or buffer[end] in _SCALARS


def items_of(blob: Blob, run: Run) -> list[Value]:
    """The values of a run, one by one."""
    data = blob.read(run.start, run.end - run.start)
    items: list[Value] = []
    at = 0
    while at < len(data):
        op = data[at]
        if op == 0x94:
            at += 1
        elif op == 0x8C:
            length = data[at + 1]
            items.append(data[at + 2 : at + 2 + length].decode("utf-8", "replace"))
            at += 2 + length
        else:
            items.append(_scalar(data, at))
            at += _WIDTHS[op]
    return items


def _scalar(data: bytes, at: int) -> Value:
    match data[at]:
        case 0x4E:
            return None
        case 0x88 | 0x89:
            return data[at] == 0x88
        case 0x47:
            return struct.unpack_from(">d", data, at + 1)[0]
        case 0x4A:
            return int.from_bytes(data[at + 1 : at + 5], "little", signed=True)
    return int.from_bytes(data[at + 1 : at + _WIDTHS[data[at]]], "little")


_LENGTHS = {0x8C: 1, ord("X"): 4, 0x8D: 8, ord("U"): 1, ord("T"): 4}


def text_of(blob: Blob, offset: int) -> Value:
    """The text that the opcode at `offset` pushes."""
    head = blob.read(offset, 9)
    width = _LENGTHS.get(head[0]) if head else None
    if width is None:
        return Computed("text of a memo too large to keep", offset)
    length = int.from_bytes(head[1 : 1 + width], "little")
    if length > KEPT:
        return Opaque("str", length, offset + 1 + width, blob.read(offset + 1 + width, 256))
    data = blob.read(offset + 1 + width, length)
    return data.decode("latin-1") if head[0] in b"UT" else data.decode("utf-8", "replace")
