"""Each attack in every form that the front end claims to undo: is what is caught in clear caught wrapped?"""

from collections.abc import Iterator

from msgspec.structs import replace

from assaymark.guard.front import DISGUISES
from assaymark.guard.measure.rows import Row

__all__ = ["wrapped"]


def wrapped(row: Row) -> Iterator[Row]:
    """The row as it came, then, if it is an attack, in each disguise."""
    yield row
    if row.label is not True:
        return
    text = row.text.encode("utf-8", "replace").decode()  # a lone surrogate has no base64
    for name, disguise in DISGUISES.items():
        yield replace(row, text=disguise(text), disguise=name)
