"""PyTorch's file before 1.6: five pickles (magic, protocol, system, object, keys), then the raw storages."""

from assaymark.scan.blob import Blob
from assaymark.scan.pickle.machine import Ended
from assaymark.scan.pickle.values import Box

__all__ = ["MAGIC", "TorchLegacy"]

MAGIC = 0x1950A86A20F9469CFC6C
"""What the first pickle is."""
_START = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."


class TorchLegacy:
    """Which of the five pickles has been read."""

    def __init__(self, blob: Blob) -> None:
        self.begins = _START in blob.read(0, 64)
        """Whether the blob looks like such a file from its first bytes."""
        self.format = "torch-legacy" if self.begins else ""
        self._blob = blob
        self._read = 0
        self._keys = 0

    def read(self, ended: Ended) -> None:
        """Take note of a pickle that was read."""
        self._read += 1
        if self._read == 1 and ended.value != MAGIC:
            self.begins = False
        if self._read == 5 and isinstance(ended.value, Box):
            self._keys = ended.value.count

    def after(self, offset: int) -> tuple[int, int]:
        """Where to go on after the pickle that ended at `offset`, and how much raw data lies between."""
        if not self.begins or self._read != 5:
            return offset, 0
        end = self._blob.size
        return end, end - offset
