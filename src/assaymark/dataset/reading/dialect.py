"""The first bytes of a text → the delimiter and the columns of a CSV, or that it is none. Pure."""

import io
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from assaymark.dataset.reading.csv_file import as_utf8, parsed_line
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.lines import quotes_are_regular, whole_records
from assaymark.dataset.reading.shard import Form
from assaymark.dataset.reading.text_file import records_of

__all__ = ["csv_form"]

_LINES = 300
_LEAST = {",": 20, "\t": 5, ";": 8, "|": 8}
"""Lines that a file not named as a CSV must have to be one."""
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?\s*")
_NAME = re.compile(r"\s*[^\d\W][\w .:/()#%\-\[\]&]{0,80}\s*")


def csv_form(text: bytes, form: Form, name: str, *, complete: bool, limits: Limits) -> Form | None:
    """The form with delimiter and names; None if the text has no columns."""
    named = name.lower().endswith((".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.zst", ".csv.bz2", ".csv.xz"))
    best: tuple[float, int, str, list[list[str]]] | None = None
    for delimiter in ",\t;|":
        rows = _rows(text, delimiter, limits, complete)
        counts = Counter(map(len, rows))
        if not counts:
            continue
        width, often = max(counts.items(), key=lambda item: (item[1], item[0]))
        share = often / len(rows)
        if width > 1 and (best is None or (share, width) > (best[0], best[1])):
            best = (share, width, delimiter, rows)
    least = 0.6 if named else 0.9
    if best is None or best[0] < least or (not named and len(best[3]) < _LEAST[best[2]]):
        if not named:
            return None
        rows = _rows(text, "," if best is None else best[2], limits, complete)
        best = (1.0, max(1, len(rows[0]) if rows else 1), "," if best is None else best[2], rows)
    _, width, delimiter, rows = best
    if width > limits.columns:
        return None
    header = bool(rows) and _is_header(rows, width)
    quoted = delimiter != "\t" or quotes_are_regular(as_utf8(text), delimiter)
    if not quoted:
        rows = [r.decode("utf-8", "replace").split(delimiter) for r in as_utf8(text).splitlines()[:_LINES]]
        header = bool(rows) and _is_header(rows, width)
    names = _names(rows[0] if header else [], width)
    return msgspec.structs.replace(
        form, format="csv", delimiter=delimiter, names=names, header=header, quoted=quoted
    )


def _rows(text: bytes, delimiter: str, limits: Limits, complete: bool) -> list[list[str]]:
    rows: list[list[str]] = []
    for block in whole_records(io.BytesIO(as_utf8(text)), limits, delimiter=delimiter):
        for record in records_of(block):
            rows.append(parsed_line(record, delimiter, quotes=not block.stray))
            if len(rows) >= _LINES:
                return rows
    return rows if complete or len(rows) < 2 else rows[:-1]  # the last may be cut


def _is_header(rows: Sequence[Sequence[str]], width: int) -> bool:
    first, full = list(rows[0]), len(rows[0])
    while len(first) > 2 and not first[-1].strip():  # columns without a name at the end
        first.pop()
    if full != width or any(_NUMBER.fullmatch(c[:80]) for c in first):
        return False
    rest = [r for r in rows[1:] if len(r) == full]
    width = len(first)
    if sum(not c.strip() for c in first) > 1:
        return False
    if not rest:
        return True
    numeric = [
        i for i in range(width) if sum(bool(_NUMBER.fullmatch(r[i][:80])) for r in rest) > 0.9 * len(rest)
    ]
    if numeric:
        return True
    if len({c.strip() for c in first}) < width:
        return False
    if any(sum(r[i] == first[i] for r in rest) for i in range(width) if first[i].strip()):
        return False  # what stands in the first row is a value like others
    return all(_NAME.fullmatch(c) or not c.strip() for c in first) and max(map(len, first)) <= 60


def _names(first: Sequence[str], width: int) -> tuple[str, ...]:
    names: list[str] = []
    seen: set[str] = set()
    for i in range(width):
        name = first[i].strip() if i < len(first) else ""
        name = name[:200] or f"column {i + 1}"
        while name in seen:
            name = f"{name} ({i + 1})"
        seen.add(name)
        names.append(name)
    return tuple(names)
