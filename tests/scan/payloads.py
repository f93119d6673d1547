"""Small files for tests of the scanner as a whole; nothing here is ever loaded."""

import io
import os
import pickle
import zipfile

__all__ = ["CLEAN", "DANGEROUS", "LOCKED", "UNKNOWN"]


class _Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def _locked() -> bytes:
    """A zip whose one member says that it is encrypted, and is noise."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.bin", bytes(range(255, 0, -1)) * 4)
    data = bytearray(buffer.getvalue())
    central = data.index(b"PK\x01\x02")
    for flags, checksum in ((6, 14), (central + 8, central + 16)):
        data[flags] |= 1
        data[checksum] ^= 0xFF  # the checksum is that of the plain text, which is not here
    return bytes(data)


DANGEROUS = pickle.dumps(_Payload())
UNKNOWN = b"cacme.models\nScorer\n)R."
CLEAN = pickle.dumps({"weights": [1.5, 2.5], "words": "os.system"})
LOCKED = _locked()
