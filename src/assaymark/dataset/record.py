"""What a data set is made of: its kind, the roles of its columns, batches of its records. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Batch", "Column", "Hole", "Kind", "Layout", "Place", "Roles"]


class Kind(StrEnum):
    """What kind of data set it is; it decides which engines look at it."""

    IMAGES = "images"
    TABLE = "table"
    TEXT = "text"
    """Texts, with or without a label."""
    CHAT = "chat"
    """Prompts and the responses to be learnt."""
    PREFERENCE = "preference"
    """A prompt with a chosen and a rejected response."""
    RAG = "rag"
    """Documents to be retrieved."""


class Column(Struct, frozen=True):
    """One column of a table."""

    name: str
    type: str
    """`number`, `integer`, `category`, `text`, `time`, `boolean` or `other`."""


class Roles(Struct, frozen=True, kw_only=True):
    """Which columns play which role; empty where none does."""

    label: str = ""
    text: str = ""
    prompt: str = ""
    response: str = ""
    chosen: str = ""
    rejected: str = ""
    image: str = ""
    document: str = ""
    split: str = ""
    """Column, or folder level, that tells train from test."""
    id: str = ""
    found: bool = True
    """Whether the roles were found by content; False if the user named them."""


class Layout(Struct, frozen=True, kw_only=True):
    """How a data set is laid out."""

    kind: Kind
    roles: Roles
    columns: tuple[Column, ...] = ()
    format: str
    """`csv`, `parquet`, `jsonl`, `json`, `arrow`, `images`, `webdataset`, `text folder`."""


class Place(Struct, frozen=True, order=True):
    """Where a record stands."""

    file: str
    """Path relative to the data set's root, or its URL; a member of an archive as `shard.tar/name.png`."""
    row: int = 0
    """Row within the file, from 1; 0 where the file is the record."""


class Hole(Struct, frozen=True):
    """Something that could not be read. It stays in the denominator."""

    place: Place
    reason: str
    """One sentence: what was wrong."""
    records: int = 1
    """How many records it cost; an estimate where the file could not be opened."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some records, in the normal form that engines take. Arrays run along records."""

    rows: NDArray[np.int64]
    """Number of each record in the whole data set, from 0; decided by the order of files, not of arrival."""
    label: Sequence[str | None] = ()
    """Label as text, stripped of nothing; empty sequence if the data set has none."""
    text: Sequence[str] = ()
    """Text to be classified, or the document of a RAG corpus."""
    prompt: Sequence[str] = ()
    """Everything before the response to be learnt: system text and earlier turns included."""
    response: Sequence[str] = ()
    """The response to be learnt; the chosen one of a preference pair."""
    rejected: Sequence[str] = ()
    image: Sequence[NDArray[np.uint8] | None] = ()
    """Decoded images, height × width × 3; None where it could not be decoded (a hole)."""
    table: Any = None
    """A `pyarrow.RecordBatch` with the columns of a table, label included."""
    split: Sequence[str] = ()
    """`train`, `test` or whatever the data set calls its parts; empty sequence if it has none."""

    def __len__(self) -> int:
        return len(self.rows)
