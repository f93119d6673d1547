"""Is a blob a pickle? By content: a protocol marker, or an older pickle that holds together."""

from assaymark.scan.blob import Blob
from assaymark.scan.part import Look
from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.opcodes import FORMS
from assaymark.scan.pickle.stream import Stream
from assaymark.scan.pickle.trailing import Probe

__all__ = ["claims_pickle"]

_SUFFIXES = (".pkl", ".pickle", ".pk", ".pck", ".joblib", ".sav", ".dill", ".cloudpickle")
"""Names that promise a pickle, so that other content is a hole."""
_PERHAPS = (".pt", ".pth", ".bin", ".ckpt", ".p", ".dat", ".model", ".data", ".th", ".tar")
_TAKEN = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x89HDF", b"GGUF", b"\x93NUMPY",
          b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda",
          b"\x5d\x00\x00", b"ZF0x",
          b"version https://git-lfs", b"Rar!", b"\x7fELF", b"%PDF", b"\x89PNG")  # fmt: skip
"""First bytes of other formats that travel under a pickle's name."""


def claims_pickle(look: Look) -> bool:
    """Whether the blob is of the pickle family, or its name says so and no other format explains it."""
    head = look.head
    if head[:1] == b"\x80" and head[1:2] in (b"\x00", b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"):
        return len(head) > 2 and (head[2] in FORMS or look.name.endswith(_SUFFIXES + _PERHAPS))
    if not head or head.startswith(_TAKEN):
        return False
    if look.name.endswith(_SUFFIXES):
        return True
    return head[0] in FORMS and _holds_together(look.blob)


def _holds_together(blob: Blob) -> bool:
    """An older pickle without a marker: it stops at the end, or imports a plausible name."""
    probe = Probe()
    machine = Machine(Stream(blob), probe)
    machine.limit = 20_000
    ended = machine.run()
    if probe.calls or probe.known:
        return True
    if machine.steps < 2:
        return False
    if ended.how == "bound":
        return True
    return ended.how == "stop" and ended.offset >= min(blob.size, 1 << 20) - 1 and not machine.stack
