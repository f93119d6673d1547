"""The model-file parser: every format's header facts, whatever the file is called."""

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator

from assaymark.observation import Location
from assaymark.scan.artefact.archive import scan_zip
from assaymark.scan.artefact.magic import MODEL_SUFFIXES, model_format
from assaymark.scan.artefact.numpy_file import parse_npy_header
from assaymark.scan.artefact.onnx_file import scan_onnx
from assaymark.scan.artefact.pickle_header import look
from assaymark.scan.artefact.tensors import scan_gguf, scan_safetensors
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, ModelFile, ScanProblem

__all__ = ["accepts_model", "scan_model"]

LOOK = 64 << 10
"""Bytes of a pickle's beginning that are read for the names it imports."""
SEARCH = 1 << 20
"""Bytes of an HDF5 or SavedModel file that are searched for telling attributes."""
_DATA_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".zip", ".tar", ".gz", ".txt")
_SUFFIXES = {
    "tflite": (".tflite", ".lite"), "coreml": (".mlmodel",), "catboost": (".cbm",), "pmml": (".pmml", ".xml"),
    "lightgbm": (".txt", ".lgb", ".model"), "xgboost-json": (".json",), "xgboost-ubj": (".ubj",),
    "savedmodel": (".pb",),
}  # fmt: skip
_OID = re.compile(rb"oid sha256:([0-9a-f]{64})\nsize (\d{1,18})")


def accepts_model(path: str, head: bytes) -> bool:
    """Whether the beginning, or a name that promises weights, makes it a model file."""
    if model_format(path, head):
        return True
    if path.lower().endswith((".safetensors", ".gguf", ".onnx", ".keras")):
        return True
    return path.lower().endswith((".pkl", ".pt", ".pth")) and not _is_text(head)


def _is_text(head: bytes) -> bool:
    """Python's own `.pth` files and other text that shares a suffix with weights."""
    return b"\0" not in head and head.decode("utf-8", "replace").count("\ufffd") < 2


def scan_model(blob: Blob) -> Iterator[Fact]:
    """The header facts of a model file."""
    head = blob.read(0, 4096)
    form = model_format(blob.path, head)
    if form == "zip":
        yield from scan_zip(blob)
    elif form in _READERS:
        found = _READERS[form](blob, form)
        if found is not None:
            yield found
    elif blob.size:
        reason = "its name says model file, but its content is in no format that is known"
        yield ScanProblem(at=Location(blob.path), scanner="model-file", reason=reason)


def _pickle(blob: Blob, form: str) -> ModelFile:
    seen = look(blob.read(0, LOOK))
    metadata = (("protocol", str(seen.protocol)), ("globals", ", ".join(seen.globals)[:300]))
    suffixes = tuple(s for s in MODEL_SUFFIXES if s not in (".safetensors", ".gguf", ".onnx", ".npy"))
    return _plain(blob, form, runs_code=True, metadata=metadata, suffixes=suffixes)


def _plain(
    blob: Blob, form: str, *, runs_code: bool | None, metadata: tuple[tuple[str, str], ...] = (),
    suffixes: tuple[str, ...] = (), problem: str = "",
) -> ModelFile:  # fmt: skip
    known = suffixes or _SUFFIXES.get(form, ())
    return ModelFile(
        at=Location(blob.path), format=form, sha256=blob.sha256, size=blob.size, runs_code=runs_code,
        metadata=metadata, problem=problem, extension_matches=not known or blob.path.lower().endswith(known),
    )  # fmt: skip


def _inflate(blob: Blob, form: str) -> bytes:
    """The first 64 KB of what a compressor hides; never more, whatever it would expand to."""
    data = blob.read(0, LOOK)
    if form == "bz2":
        return bz2.BZ2Decompressor().decompress(data, LOOK)
    if form in ("xz", "lzma"):
        return lzma.LZMADecompressor(memlimit=128 << 20).decompress(data, LOOK)
    return zlib.decompressobj(31 if form == "gzip" else 15).decompress(data, LOOK)


def _compressed(blob: Blob, form: str) -> ModelFile | None:
    try:
        data = _inflate(blob, form)
    except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError) as error:
        problem = f"its {form} stream cannot be read ({error})"[:200]
        return _plain(blob, "joblib", runs_code=None, problem=problem)
    seen = look(data)
    if seen.opcodes < 2:
        return None
    metadata = (("compressor", form), ("globals", ", ".join(seen.globals)[:300]))
    joblib = any(g.startswith("joblib.") for g in seen.globals)
    return _plain(blob, "joblib" if joblib else "pickle", runs_code=True, metadata=metadata)


def _numpy(blob: Blob, form: str) -> ModelFile:
    header = parse_npy_header(blob.read(0, 8192))
    if header is None:
        return _plain(blob, form, runs_code=None, problem="its header cannot be read", suffixes=(".npy",))
    found = _plain(
        blob, form, runs_code=header.has_objects, suffixes=(".npy",),
        metadata=(("type", header.dtype), ("shape", str(header.shape)[:80])),
    )  # fmt: skip
    return found if header.has_objects else _sized(found, header.elements)


def _sized(found: ModelFile, parameters: int) -> ModelFile:
    import msgspec

    return msgspec.structs.replace(found, tensors=1, parameters=min(parameters, 1 << 62))


def _hdf5(blob: Blob, form: str) -> ModelFile:
    text = blob.read(0, SEARCH)
    found = re.search(rb"keras_version.{0,400}?(\d+\.\d+\.\d+)", text, re.DOTALL)
    metadata = (("keras", found[1].decode()),) if found else ()
    whole = b'"class_name"' in text or b"model_config" in text
    lambdas = b'"class_name": "Lambda"' in text or b'"class_name":"Lambda"' in text
    unsure = whole and not lambdas and blob.size > SEARCH
    kind = (("kind", "whole model" if whole else "weights or data"),)
    return _plain(
        blob, form, runs_code=None if unsure else lambdas, metadata=(*metadata, *kind),
        suffixes=(".h5", ".hdf5", ".keras", ".hdf", ".he5"),
        problem=f"only its first {SEARCH:,} bytes were searched for Lambda layers" if unsure else "",
    )  # fmt: skip


def _savedmodel(blob: Blob, form: str) -> ModelFile:
    text = blob.read(0, SEARCH)
    risky = [op.decode() for op in (b"PyFunc", b"ReadFile", b"WriteFile") if op in text]
    return _plain(blob, form, runs_code=bool(risky), metadata=(("operations", ", ".join(risky)),))


def _pointer(blob: Blob, form: str) -> ModelFile | None:
    """A pointer to weights in git-lfs; pointers to data files are read with the data."""
    if blob.path.lower().endswith(_DATA_SUFFIXES):
        return None
    found = _OID.search(blob.read(0, 1024))
    metadata = (("oid", found[1].decode()), ("size", found[2].decode())) if found else ()
    problem = "a git-lfs pointer: the content is not here"
    return _plain(blob, form, runs_code=None, metadata=metadata, problem=problem)


def _xgboost(blob: Blob, form: str) -> ModelFile:
    head = blob.read(0, 4096)
    found = re.search(rb'"objective"\s*:\s*\{\s*"name"\s*:\s*"([\w:]{1,60})"', blob.read(0, LOOK) or head)
    metadata = (("objective", found[1].decode()),) if found else ()
    return _plain(blob, form, runs_code=False, metadata=metadata)


def _inert(blob: Blob, form: str) -> ModelFile:
    return _plain(blob, form, runs_code=False)


_READERS: dict[str, Callable[[Blob, str], ModelFile | None]] = {
    "pickle": _pickle,
    "torch-legacy": _pickle,
    "joblib": _pickle,
    **dict.fromkeys(("gzip", "bz2", "xz", "lzma", "zlib"), _compressed),
    "numpy": _numpy,
    "safetensors": lambda blob, _: scan_safetensors(blob),
    "gguf": lambda blob, _: scan_gguf(blob),
    "onnx": lambda blob, _: scan_onnx(blob),
    "hdf5": _hdf5,
    "savedmodel": _savedmodel,
    "lfs-pointer": _pointer,
    "xgboost-json": _xgboost,
    "xgboost-ubj": _xgboost,
    **dict.fromkeys(("tflite", "coreml", "catboost", "lightgbm", "pmml"), _inert),
}
