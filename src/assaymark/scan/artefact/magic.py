"""Which model format a file is in, decided by its first bytes; the name only breaks ties."""

import zlib

from assaymark.scan.artefact.onnx_file import looks_like_onnx
from assaymark.scan.artefact.pickle_header import look
from assaymark.scan.artefact.tensors import looks_like_safetensors

__all__ = ["MODEL_SUFFIXES", "PICKLE_SUFFIXES", "base", "model_format"]

TORCH_LEGACY = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
"""The magic number that PyTorch before 1.6 pickled first."""

PICKLE_SUFFIXES = (".pkl", ".pickle", ".p", ".pk", ".joblib", ".sav", ".pt", ".pth", ".bin", ".ckpt", ".dill",
                   ".model", ".pkl.gz", ".pkl.xz", ".pkl.bz2", ".joblib.gz")  # fmt: skip
MODEL_SUFFIXES = (
    *PICKLE_SUFFIXES, ".safetensors", ".gguf", ".ggml", ".onnx", ".h5", ".hdf5", ".keras", ".tflite",
    ".mlmodel", ".cbm", ".pmml", ".skops", ".pb", ".npy", ".npz", ".mar", ".nemo", ".msgpack", ".ubj",
    ".engine", ".weights", ".t7", ".caffemodel", ".params", ".xgb", ".lgb", ".mlpackage", ".torchscript",
)  # fmt: skip

_STARTS = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"GGUF", "gguf"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x93NUMPY", "numpy"),
    (b"CBM1", "catboost"),
    (b"tree\nversion=", "lightgbm"),
    (b"version https://git-lfs.github.com/spec/", "lfs-pointer"),
    (b"ZF0x", "joblib"),
)
_COMPRESSED = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"), (b"\x5d\x00\x00", "lzma"),
               (b"x\x01", "zlib"), (b"x\x5e", "zlib"), (b"x\x9c", "zlib"), (b"x\xda", "zlib"))  # fmt: skip


def base(path: str) -> str:
    """The last component, in lower case."""
    return path.rpartition("/")[2].lower()


def model_format(path: str, head: bytes) -> str:
    """The format's name, or empty if `head` is not the beginning of a model file.

    `zip` and the compressors (`gzip`, `zlib` …) are containers that still have to be opened.
    """
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[4:8] == b"TFL3":
        return "tflite"
    return _pickled(path, head) or _compressed(path, head) or _structured(path, head)


def _pickled(path: str, head: bytes) -> str:
    """A pickle declares its protocol first; without that, only the name makes one worth trying."""
    framed = head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05" and len(head) > 3
    if not framed and not path.lower().endswith(PICKLE_SUFFIXES):
        return ""
    seen = look(head)
    if seen.opcodes < 2 or (seen.broken and seen.opcodes < 8) or (not framed and not _plausible(head)):
        return ""
    if head[2 : 2 + len(TORCH_LEGACY)] == TORCH_LEGACY:
        return "torch-legacy"
    return "joblib" if any(g.startswith("joblib.numpy_pickle") for g in seen.globals) else "pickle"


def _plausible(head: bytes) -> bool:
    """Protocols 0 and 1 have no marker: the look must end in STOP, or name something to import."""
    seen = look(head)
    return (seen.ended and not head[:1].isalnum()) or any("?" not in g for g in seen.globals)


def _compressed(path: str, head: bytes) -> str:
    """A compressor's name, where the file's name or what comes out first speaks of a pickle."""
    name = next((name for start, name in _COMPRESSED if head.startswith(start)), "")
    if name and (path.lower().endswith(PICKLE_SUFFIXES) or _opens_a_pickle(name, head)):
        return name
    return ""


def _opens_a_pickle(compressor: str, head: bytes) -> bool:
    """Joblib's usual compressors, opened for two bytes only: a pickle of protocol 2 to 5."""
    if compressor not in ("zlib", "gzip"):
        return False
    try:
        first = zlib.decompressobj(wbits=47).decompress(head, 2)
    except zlib.error:
        return False
    return first[:1] == b"\x80" and first[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")


def _structured(path: str, head: bytes) -> str:
    name = base(path)
    if looks_like_onnx(path, head):
        return "onnx"
    if name == "saved_model.pb" and head[:2] == b"\x08\x01":
        return "savedmodel"
    if name.endswith(".mlmodel") and head[:1] == b"\x08":
        return "coreml"
    if looks_like_safetensors(head) and (b'"dtype"' in head or b"__metadata__" in head):
        return "safetensors"
    if head[:1] == b"{":
        return _xgboost(head)
    return "pmml" if b"<PMML" in head[:2048] else ""


def _xgboost(head: bytes) -> str:
    if b"learner" not in head[:400]:
        return ""
    if head.lstrip()[:1] == b"{" and b'"learner"' in head[:64] and b"{" in head[10:64]:
        return "xgboost-json"
    return "xgboost-ubj" if head[1:2] in b"Li" else ""
