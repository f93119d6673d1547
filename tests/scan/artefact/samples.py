"""Small real files in many formats, written by hand so that no model library is needed."""

import io
import json
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Mapping

__all__ = ["gguf", "onnx", "parquet", "safetensors", "torch_zip", "zipped"]


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive of `members`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def torch_zip() -> bytes:
    """A checkpoint in the layout that PyTorch has written since 1.6."""
    state = pickle.dumps(OrderedDict(weight=[1.0]), protocol=2)
    return zipped({"archive/data.pkl": state, "archive/data/0": b"\0" * 16, "archive/version": b"3\n"})


def safetensors(
    shape: tuple[int, ...] = (2, 3), metadata: Mapping[str, str] | None = None, tail: bytes = b""
) -> bytes:
    """One float32 tensor called `w`."""
    size = 4
    for dimension in shape:
        size *= dimension
    header: dict[str, object] = {"w": {"dtype": "F32", "shape": list(shape), "data_offsets": [0, size]}}
    if metadata:
        header["__metadata__"] = dict(metadata)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"\0" * size + tail


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(*, template: str = "{{ messages }}", tokens: int = 3) -> bytes:
    """Version 3 with architecture, licence, a token list, a chat template and one tensor of 4 x 8."""
    pairs = [
        _text("general.architecture") + struct.pack("<I", 8) + _text("llama"),
        _text("general.license") + struct.pack("<I", 8) + _text("apache-2.0"),
        _text("llama.context_length") + struct.pack("<II", 4, 4096),
        _text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, tokens) + _text("ab") * tokens,
        _text("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, tokens) + b"\0\0\0\0" * tokens,
        _text("tokenizer.chat_template") + struct.pack("<I", 8) + _text(template),
    ]
    tensor = _text("w") + struct.pack("<IQQIQ", 2, 4, 8, 0, 0)
    return b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs)) + b"".join(pairs) + tensor


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def onnx(*, external: str = "", weights: int = 24) -> bytes:
    """A graph of one node with one initializer of 2 x 3, inside the file or beside it."""
    dims = b"\x08\x02\x08\x03\x10\x01"
    if external:
        entry = _message(1, b"location") + _message(2, external.encode())
        tensor = dims + _message(8, b"w") + _message(13, entry) + b"\x70\x01"
    else:
        tensor = dims + _message(8, b"w") + _message(9, b"\0" * weights)
    graph = _message(1, _message(4, b"Relu")) + _message(2, b"main_graph") + _message(5, tensor)
    return b"\x08\x09" + _message(2, b"pytorch") + _message(7, graph) + _message(8, b"\x10\x11")


def parquet(columns: Mapping[str, int], rows: int) -> bytes:
    """An empty body and a footer with `columns` (name to physical type) and a row count."""

    def element(name: str, physical: int | None, children: int = 0) -> bytes:
        out = b"" if physical is None else b"\x15" + _varint(physical << 1)
        text = (b"\x38" if physical is not None else b"\x48") + _varint(len(name)) + name.encode()
        return out + text + (b"\x15" + _varint(children << 1) if children else b"") + b"\0"

    schema = element("schema", None, len(columns)) + b"".join(element(n, t) for n, t in columns.items())
    head = bytes([(len(columns) + 1) << 4 | 0x0C])
    footer = b"\x15\x02" + b"\x19" + head + schema + b"\x16" + _varint(rows << 1) + b"\0"
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"
