"""PyTorch's file before 1.6: five pickles (magic, protocol, system, object, keys), then the raw storages."""

from assaymark.scan.blob import Blob
from assaymark.scan.pickle.machine import Ended
from assaymark.scan.pickle.storages import storage_size
from assaymark.scan.pickle.values import Persistent

__all__ = ["MAGIC", "TorchLegacy"]

MAGIC = 0x1950A86A20F9469CFC6C
"""What the first pickle is."""
_START = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
STORAGES = 1_000_000


class TorchLegacy:
    """Which of the five pickles has been read, and how large the storages are."""

    def __init__(self, blob: Blob) -> None:
        self.begins = _START in blob.read(0, 64)
        """Whether the blob looks like such a file."""
        self.format = "torch-legacy" if self.begins else ""
        self._blob = blob
        self._read = 0
        self._sizes: dict[str | int, int] = {}

    def read(self, ended: Ended) -> None:
        """Take note of a pickle that was read."""
        self._read += 1
        if self._read == 1 and ended.value != MAGIC:
            self.begins = False

    def storage(self, found: Persistent) -> None:
        """Take note of a storage that the object names."""
        size = storage_size(found.id) if self.begins else None
        if size is not None and len(self._sizes) < STORAGES:
            self._sizes[size[0]] = size[1]

    def after(self, offset: int) -> tuple[int, int]:
        """Where to go on after the pickle that ended at `offset`, and how much raw data lies between."""
        if not self.begins or self._read != 5:
            return offset, 0
        raw = min(sum(8 + size for size in self._sizes.values()), self._blob.size - offset)
        return offset + raw, raw
