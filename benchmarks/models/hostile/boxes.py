"""The files that a pickle travels in."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

from . import opcodes as op

_TIME = (2026, 1, 2, 3, 4, 6)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Put members into a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as bundle:
        for name, data in members.items():
            bundle.writestr(zipfile.ZipInfo(name, _TIME), data, method)
    return file.getvalue()


def torch_zip(pickle: bytes, folder: str = "archive", **more: bytes) -> bytes:
    """Put a pickle where `torch.load` looks for it."""
    members = {f"{folder}/data.pkl": pickle, f"{folder}/byteorder": b"little", f"{folder}/data/0": bytes(64)}
    members |= {f"{folder}/{name}": data for name, data in more.items()}
    return zipped(members | {f"{folder}/version": b"3\n"})


_MAGIC = 0x1950A86A20F9469CFC6C


def torch_legacy(pickle: bytes, magic: bytes | None = None) -> bytes:
    """Put a pickle into the format before PyTorch 1.6: five pickles one after the other."""
    head = magic or op.stream(op.integer(_MAGIC), 2)
    system = op.stream(op.value({"protocol_version": 1001, "little_endian": True}), 2)
    return head + op.stream(op.value(1001), 2) + system + pickle + op.stream(op.value([]), 2)


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    """Put members into a tar."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=tarfile.USTAR_FORMAT) as bundle:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            bundle.addfile(info, io.BytesIO(data))
    return file.getvalue()


def npy(pickle: bytes, version: int = 1, shape: str = "(1,)") -> bytes:
    """Put a pickle where `numpy.load` finds an array of objects."""
    header = f"{{'descr': '|O', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11 + (version > 1) * 2) % 64) + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + pickle


def legacy_joblib(pickle: bytes) -> bytes:
    """Put a pickle into joblib's format of before 0.10."""
    return b"ZF" + hex(len(pickle)).ljust(19).encode() + zlib.compress(pickle)


def zstd(data: bytes) -> bytes:
    """Make a Zstandard frame of uncompressed blocks."""
    blocks, step = [], 1 << 17
    for start in range(0, max(len(data), 1), step):
        part = data[start : start + step]
        head = len(part) << 3 | (start + step >= len(data))
        blocks.append(struct.pack("<I", head)[:3] + part)
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data)) + b"".join(blocks)


def _xxh32(data: bytes) -> int:
    """Checksum an input of fewer than sixteen bytes."""
    p2, p3, p4, p5, mask = 2246822519, 3266489917, 668265263, 374761393, 0xFFFFFFFF
    h = (p5 + len(data)) & mask
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        h = (h + struct.unpack_from("<I", data, i)[0] * p3) & mask
        h = ((h << 17 | h >> 15) & mask) * p4 & mask
    for byte in data[whole:]:
        h = (h + byte * p5) & mask
        h = ((h << 11 | h >> 21) & mask) * 2654435761 & mask
    h = (h ^ h >> 15) * p2 & mask
    h = (h ^ h >> 13) * p3 & mask
    return h ^ h >> 16


def lz4(data: bytes) -> bytes:
    """Make an LZ4 frame of uncompressed blocks."""
    settings = b"\x60\x70"
    blocks = b"".join(
        struct.pack("<I", len(part) | 0x80000000) + part
        for part in (data[i : i + (1 << 20)] for i in range(0, len(data), 1 << 20))
    )
    return b"\x04\x22\x4d\x18" + settings + bytes([_xxh32(settings) >> 8 & 255]) + blocks + bytes(4)


def _number(value: int) -> bytes:
    """Spell a number as 7z does, at its widest."""
    return b"\xff" + struct.pack("<Q", value)


def seven_zip(name: str, data: bytes) -> bytes:
    """Make a 7z archive that stores one file."""
    title = name.encode("utf-16-le") + b"\0\0"
    header = b"\x01\x04\x06" + _number(0) + _number(1) + b"\x09" + _number(len(data)) + b"\x00"
    header += b"\x07\x0b" + _number(1) + b"\x00" + _number(1) + b"\x01\x00\x0c" + _number(len(data))
    header += b"\x0a\x01" + struct.pack("<I", zlib.crc32(data)) + b"\x00\x00"
    header += b"\x05" + _number(1) + b"\x11" + _number(len(title) + 1) + b"\x00" + title + b"\x00\x00"
    start = struct.pack("<QQI", len(data), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + data + header


def safetensors(header: bytes, data: bytes = bytes(16)) -> bytes:
    """Put a header before data."""
    return struct.pack("<Q", len(header)) + header + data


PLAIN_SAFETENSORS = safetensors(b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}')

BOXES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "raw": ("model.pkl", lambda p: p),
    "torch-zip": ("model.pt", torch_zip),
    "torch-legacy": ("model.pth", torch_legacy),
    "bin": ("pytorch_model.bin", lambda p: p),
    "joblib": ("model.joblib", lambda p: p),
    "joblib-zlib": ("model.z.joblib", lambda p: zlib.compress(p, 3)),
    "gz": ("model.pkl.gz", lambda p: gzip.compress(p, mtime=0)),
    "bz2": ("model.pkl.bz2", bz2.compress),
    "xz": ("model.pkl.xz", lzma.compress),
    "npy": ("array.npy", npy),
    "npz": ("arrays.npz", lambda p: zipped({"a.npy": npy(p)})),
    "zip": ("models.zip", lambda p: zipped({"model.pkl": p}, zipfile.ZIP_DEFLATED)),
    "tar": ("models.tar.gz", lambda p: gzip.compress(tarred({"model.pkl": p}), mtime=0)),
}
"""Name of the file, and what puts a pickle into it."""

_LIKELY = ("raw", "raw", "raw", "torch-zip", "torch-zip", "torch-legacy", "bin", "joblib", *BOXES)


def boxed(pickle: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Choose a container, mostly a common one."""
    name, put = BOXES[rng.choice(_LIKELY)]
    return name, put(pickle)
