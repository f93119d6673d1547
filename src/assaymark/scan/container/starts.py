"""Beginnings of the formats that a loader acts on, for bytes that ought to be plain numbers."""

import re

__all__ = ["starts_like"]

_MAGIC = (
    b"PK\3\4", b"PK\5\6", b"\x89HDF\r\n\x1a\n", b"\x93NUMPY", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\7",
    b"\xfd7zXZ\0", b"\x7fELF", b"GGUF", b"#!/", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18",
)  # fmt: skip
_PICKLE = re.compile(
    rb"\x80[\x02-\x05](?:\x95.{6}\0\0|[\]})(]?[cq(\x8a\x8c\x94KXU]|[\]})(]\x94|c[A-Za-z_][\w.]*\n)", re.DOTALL
)
"""A protocol, then a frame, or opcodes that real pickles begin with."""
_TEXT_PICKLE = re.compile(rb"\(?c[A-Za-z_][\w.]{0,80}\n[A-Za-z_][\w.]{0,80}\n|\(i[A-Za-z_][\w.]{0,80}\n")


def starts_like(head: bytes) -> bool:
    """Whether bytes that should be numbers begin as an archive, a pickle or a program does."""
    if head.startswith(_MAGIC):
        return True
    if head[:2] == b"\x1f\x8b" and head[2:3] == b"\x08":
        return head[3:4] <= b"\x1f"
    if head[:3] == b"BZh" and head[4:10] == b"1AY&SY":
        return True
    if head[257:262] == b"ustar":
        return True
    return bool(_PICKLE.match(head) or _TEXT_PICKLE.match(head))
