"""The opcodes around a place, as text that is safe to print."""

from collections.abc import Sequence

from assaymark.scan.blob import Blob
from assaymark.scan.pickle.opcodes import FORMS, NAMES, PUSHES_TEXT, Form
from assaymark.scan.pickle.values import Box, Computed, Imported, Made, Opaque, Persistent, Run, Value

__all__ = ["around", "escaped", "shown", "span"]

BEFORE = 6
AFTER = 3
ARGUMENT = 60
"""Characters of an argument that are shown."""
LOOK = 4096


def escaped(text: str, limit: int = 200) -> str:
    """Text with everything unprintable escaped, shortened to `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def shown(value: Value, limit: int = 80, depth: int = 3) -> str:
    """A value as Python would write it, shortened."""
    match value:
        case Imported():
            return escaped(value.full, limit)
        case Made():
            return f"{shown(value.function, limit, depth - 1) if depth > 0 else '…'}(…)"
        case Persistent():
            return "<persistent>"
        case Computed():
            return "<computed>"
        case Run():
            return "…"
        case Opaque():
            size = f" of {value.length:,}" if value.length >= 0 else ""
            return f"<{value.kind}{size}>"
        case Box():
            return _box(value, limit, depth)
        case str() | bytes():
            text = repr(value[: limit + 1])
            return escaped(text[: limit - 2] + "…" + text[-1] if len(text) > limit else text, limit + 2)
    return repr(value)[:limit]


_ENDS = {"list": "[]", "tuple": "()", "set": "{}", "frozenset": "{}", "dict": "{}"}


def _box(value: Box, limit: int, depth: int) -> str:
    ends = _ENDS[value.kind]
    left, right = ends[0], ends[1]
    if depth <= 0:
        return f"{left}…{right}" if value.count else left + right
    items = value.items[:6]
    texts = [shown(item, max(16, limit // 2), depth - 1) for item in items]
    if value.kind == "dict":
        texts = [f"{key}: {item}" for key, item in zip(texts[::2], texts[1::2], strict=False)]
    if value.count > len(items):
        texts.append("…")
    tail = "," if value.kind == "tuple" and len(texts) == 1 else ""
    return escaped(left + ", ".join(texts) + tail + right, 2 * limit)


def span(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Begin and end of the argument of the opcode at `at`, and where the next opcode is; None if cut off."""
    form = FORMS.get(data[at])
    if form is None:
        return None
    begin = at + 1
    if form >= 0:
        return (begin, begin + form, begin + form) if begin + form <= len(data) else None
    if form in (Form.LINE, Form.TWO_LINES):
        end = data.find(b"\n", begin)
        if form == Form.TWO_LINES and end >= 0:
            end = data.find(b"\n", end + 1)
        return (begin, end, end + 1) if end >= 0 else None
    width = {Form.COUNT1: 1, Form.COUNT4: 4, Form.COUNT8: 8}[Form(form)]
    length = int.from_bytes(data[begin : begin + width], "little")
    end = begin + width + length
    return (begin + width, min(end, len(data)), end)


def around(blob: Blob, recent: Sequence[int], at: int) -> str:
    """The opcodes before `at`, whose offsets are `recent`, it and a few after it, one a line."""
    lines = [_line(blob, offset, offset == at)[0] for offset in [*recent][-BEFORE - 1 :] if offset <= at]
    following: int | None = _line(blob, at, False)[1]
    for _ in range(AFTER):
        if following is None or following >= blob.size:
            break
        text, following = _line(blob, following, False)
        lines.append(text)
    return "\n".join(lines)[:2000]


def _line(blob: Blob, offset: int, marked: bool) -> tuple[str, int | None]:
    data = blob.read(offset, LOOK)
    sign = ">" if marked else " "
    if not data:
        return f"{sign}{offset:>9}  (end)", None
    name = NAMES.get(data[0], f"0x{data[0]:02x}")
    found = span(data, 0)
    if found is None:
        return f"{sign}{offset:>9}  {name}", None
    begin, end, after = found
    return f"{sign}{offset:>9}  {name:<16} {_argument(data, begin, end)}".rstrip(), offset + after


def _argument(data: bytes, begin: int, end: int) -> str:
    argument = data[begin : min(end, begin + 2 * ARGUMENT)]
    form = FORMS[data[0]]
    if form == 0:
        return ""
    if form > 0 and data[0] != ord("G"):
        return str(int.from_bytes(argument, "little"))
    if data[0] in PUSHES_TEXT or form in (Form.LINE, Form.TWO_LINES):
        return escaped(argument.decode("utf-8", "replace").replace("\n", " "), ARGUMENT)
    return escaped(repr(argument), ARGUMENT)
