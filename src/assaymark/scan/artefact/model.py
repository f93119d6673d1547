"""Model files for `assess`: what the scanner sees in them, as facts."""

import re
from collections.abc import Iterator

from assaymark.inspection import Header
from assaymark.observation import Location
from assaymark.scan.artefact.inspected import facts_of
from assaymark.scan.artefact.names import MODEL_SUFFIXES, base
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Column, DataFile, Fact, ModelFile, ScanProblem
from assaymark.scan.inspect import inspect_blob

__all__ = ["accepts_model", "scan_model"]

_DATA_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".zip", ".tar", ".gz", ".txt")
_PROMISE = (".safetensors", ".gguf", ".onnx", ".keras", ".pkl", ".pt", ".pth", ".ckpt", ".npz")
_POINTER = b"version https://git-lfs.github.com/spec/"
_OID = re.compile(rb"oid sha256:([0-9a-f]{64})\nsize (\d{1,18})")
_WEIGHTS = frozenset({
    "catboost", "cloudpickle", "coreml", "coreml-package", "dill", "executorch", "gguf", "ggml",
    "graphdef", "hdf5", "joblib", "joblib-zf", "keras-h5", "keras-json", "keras-v3", "lightgbm", "metagraph",
    "mxnet", "nemo", "npz", "numpy", "onnx", "openvino", "paddle", "pickle", "pmml", "safetensors",
    "savedmodel", "skops", "stable-baselines3", "tensorrt", "tflite", "torch-export", "torch-legacy",
    "torch-tar", "torch-zip", "torch7", "torchserve", "xgboost-json", "xgboost-ubj",
})  # fmt: skip
"""Formats that hold weights or a model; the others stand beside them, or carry other files."""


def accepts_model(path: str, head: bytes) -> bool:
    """Any file may be one: its content decides, which its inspectors know best."""
    return bool(head)


def scan_model(blob: Blob) -> Iterator[Fact]:
    """The facts of a model file, or of a configuration or template beside one."""
    head = blob.read(0, 4096)
    if head.startswith(_POINTER):
        yield from _pointer(blob)
        return
    found = inspect_blob(blob)
    if found is None:
        if blob.path.lower().endswith(_PROMISE) and not (
            blob.path.lower().endswith(".pth") and _is_text(head)
        ):
            reason = "its name says model file, but its content is in no format that is known"
            yield ScanProblem(at=Location(blob.path), scanner="model-file", reason=reason)
        return
    form = found.header.format if found.header else ""
    if form == "npz" and found.header is not None:
        yield _arrays(blob, found.header)
    promises = base(blob.path).endswith(MODEL_SUFFIXES)
    weights = form in _WEIGHTS or (not form and promises)
    yield from facts_of(found, blob.sha256, weights=weights)


def _is_text(head: bytes) -> bool:
    """Python's own `.pth` files and other text that shares a suffix with weights."""
    return b"\0" not in head and head.decode("utf-8", "replace").count("\ufffd") < 2


def _arrays(blob: Blob, header: Header) -> DataFile:
    """An archive of arrays is data as well: an array a column."""
    arrays = header.metadata[: header.tensors]  # what is told of the file as a whole comes after them
    columns = [(name, *told.partition(" ")[::2]) for name, told in arrays]
    shapes = [shape.strip("()").partition(",")[0] for _, _, shape in columns]
    return DataFile(
        at=Location(blob.path),
        format="npz",
        sha256=blob.sha256,
        size=blob.size,
        rows=next((int(s) for s in shapes if s.isdigit()), 0),
        columns=tuple(Column(name, kind) for name, kind, _ in columns),
    )


def _pointer(blob: Blob) -> Iterator[ModelFile]:
    """A pointer to weights in git-lfs; pointers to data files are read with the data."""
    if blob.path.lower().endswith(_DATA_SUFFIXES):
        return
    found = _OID.search(blob.read(0, 1024))
    yield ModelFile(
        at=Location(blob.path),
        format="lfs-pointer",
        sha256=blob.sha256,
        size=blob.size,
        runs_code=None,
        metadata=(("oid", found[1].decode()), ("size", found[2].decode())) if found else (),
        problem="a git-lfs pointer: the content is not here",
    )
