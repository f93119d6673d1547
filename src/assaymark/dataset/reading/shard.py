"""Parts of a data set that can be read apart, here or on another machine. Pure."""

from msgspec import Struct

__all__ = ["Form", "Shard", "Source"]


class Source(Struct, frozen=True, order=True):
    """One file, and how to reach it from anywhere."""

    name: str
    """Path relative to the data set's root, in valid Unicode."""
    at: str
    """Absolute path on this machine, or the place within the store of `url`."""
    size: int
    url: str = ""
    """Address that names the store; empty for a local file."""


class Form(Struct, frozen=True, kw_only=True):
    """How a file's bytes are to be understood."""

    format: str
    """`csv`, `jsonl`, `json`, `parquet`, `arrow`, `image`, `tar`, `npy`, `npz`, `text` or `other`."""
    compression: str = ""
    """`gz`, `zst`, `bz2`, `xz` or empty."""
    encoding: str = ""
    """Empty for UTF-8, otherwise `utf-16-le`, `utf-16-be`, ..."""
    delimiter: str = ""
    names: tuple[str, ...] = ()
    """Columns of a CSV."""
    quoted: bool = True
    """Whether quotes mean anything in a CSV; often not in tab-separated text."""
    header: bool = False
    """Whether the first record of a CSV names the columns."""
    stream: bool = False
    """Arrow: the streaming format rather than the file format."""
    classes: dict[str, tuple[str, ...]] = {}
    """Names of classes by column of class numbers, where the file's metadata tells them."""
    array: str = ""
    """JSON: key of the array of records; `.` if the file is the array, `*` if it holds columns."""


class Shard(Struct, frozen=True, kw_only=True):
    """Some records in a row; picklable, and enough to read them."""

    sources: tuple[Source, ...]
    """One file; or several where each file is a record."""
    form: Form
    first: int
    """Number of its first record in the data set."""
    records: int
    """How many, those that cannot be read included."""
    row: int = 1
    """Row of its first record within its file, from 1; 0 where each file is a record."""
    start: int = 0
    """First byte, row group or batch."""
    stop: int = 0
    """Byte, row group or batch after the last."""
    skip: int = 0
    """Records of the first row group that belong to the shard before."""
    quotes: bool = True
    """Whether quotes mean anything; not in what follows many that were never closed."""
    split: str = ""
    """The part of the data set that its place names: `train`, `test`."""
    labels: tuple[str, ...] = ()
    """Labels that the places of `sources` give, one for each."""
    texts: tuple[str, ...] = ()
    """Captions that a table beside images gives, one for each."""
