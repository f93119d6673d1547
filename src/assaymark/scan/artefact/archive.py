"""Model formats that are zip archives: PyTorch, Keras 3, skops, TorchServe, NumPy's npz.

Only the central directory and the first bytes of named members are read, and only stored or
deflated ones, whose expansion can be bounded.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence

from assaymark.observation import Location
from assaymark.scan.artefact.json_text import parse_json
from assaymark.scan.artefact.numpy_file import parse_npy_header
from assaymark.scan.artefact.pickle_header import look
from assaymark.scan.artefact.ranges import BlobFile, BoundHitError
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Column, DataFile, Fact, ModelFile, ScanProblem

__all__ = ["scan_zip"]

MAX_DIRECTORY = 8 << 20
"""Bytes of a zip that may be read altogether: its directory and a few members' beginnings."""
MAX_MEMBER = 64 << 10
_BROKEN = (
    zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, RuntimeError, zlib.error,
    KeyError, OverflowError,
)  # fmt: skip
_MODEL_SUFFIXES = (".pt", ".pth", ".ckpt", ".keras", ".skops", ".mar", ".npz", ".bin")


def scan_zip(blob: Blob) -> Iterator[Fact]:
    """The model or array file that a zip is, if it is one."""
    try:
        with zipfile.ZipFile(BlobFile(blob, limit=MAX_DIRECTORY)) as archive:
            names = archive.namelist()
            yield from _model(blob, archive, names)
    except BoundHitError as problem:
        yield _problem(blob, str(problem))
    except _BROKEN as problem:
        if blob.path.lower().endswith(_MODEL_SUFFIXES):
            yield _problem(
                blob, f"the zip archive is broken or uses an unsupported feature ({problem})"[:200]
            )


def _problem(blob: Blob, reason: str) -> ScanProblem:
    return ScanProblem(at=Location(blob.path), scanner="model-file", reason=reason)


def _model(blob: Blob, archive: zipfile.ZipFile, names: Sequence[str]) -> Iterator[Fact]:
    lowered = {n.lower(): n for n in names}
    pickled = next((n for n in names if n.lower().rpartition("/")[2] == "data.pkl"), None)
    if pickled is not None:
        yield _torch(blob, archive, names, pickled)
    elif "config.json" in lowered and any(n.endswith(".weights.h5") for n in lowered):
        yield _keras(blob, archive, lowered["config.json"])
    elif "schema.json" in lowered and _is_skops(archive, lowered["schema.json"]):
        yield _file(blob, "skops", runs_code=False, suffixes=(".skops",))
    elif "mar-inf/manifest.json" in lowered:
        yield _file(blob, "torchserve", runs_code=True, suffixes=(".mar",))
    elif names and all(n.endswith(".npy") for n in names):
        yield from _npz(blob, archive, names)


def _file(
    blob: Blob, form: str, *, runs_code: bool | None, suffixes: tuple[str, ...],
    tensors: int = 0, metadata: tuple[tuple[str, str], ...] = (), problem: str = "",
) -> ModelFile:  # fmt: skip
    return ModelFile(
        at=Location(blob.path), format=form, sha256=blob.sha256, size=blob.size, runs_code=runs_code,
        tensors=tensors, metadata=metadata, problem=problem,
        extension_matches=blob.path.lower().endswith(suffixes),
    )  # fmt: skip


def _start(archive: zipfile.ZipFile, name: str, limit: int = MAX_MEMBER) -> bytes:
    info = archive.getinfo(name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
        raise ValueError(f"member {name[:60]!r} is encrypted or compressed in a way that cannot be bounded")
    with archive.open(info) as member:
        return member.read(limit)


def _torch(blob: Blob, archive: zipfile.ZipFile, names: Sequence[str], pickled: str) -> ModelFile:
    found: tuple[str, ...] = ()
    problem = ""
    try:
        found = look(_start(archive, pickled)).globals
    except _BROKEN as error:
        problem = f"its pickle cannot be read ({error})"[:200]
    script = any("/code/" in n or n.startswith("code/") for n in names)
    metadata = (("kind", "TorchScript" if script else "state"), ("globals", ", ".join(found)[:300]))
    suffixes = (".pt", ".pth", ".bin", ".ckpt", ".zip", ".ptl")
    tensors = sum("/data/" in n for n in names)
    return _file(
        blob, "torch-zip", runs_code=True, suffixes=suffixes, tensors=tensors, metadata=metadata,
        problem=problem,
    )  # fmt: skip


def _keras(blob: Blob, archive: zipfile.ZipFile, config: str) -> ModelFile:
    try:
        text = _start(archive, config, 1 << 20)
    except _BROKEN as error:
        return _file(
            blob, "keras-v3", runs_code=None, suffixes=(".keras",),
            problem=f"its configuration cannot be read ({error})"[:200],
        )  # fmt: skip
    return _file(blob, "keras-v3", runs_code=b'"Lambda"' in text, suffixes=(".keras",))


def _is_skops(archive: zipfile.ZipFile, schema: str) -> bool:
    parsed = parse_json(_start(archive, schema, 1 << 20))
    return isinstance(parsed, dict) and "__class__" in parsed


def _npz(blob: Blob, archive: zipfile.ZipFile, names: Sequence[str]) -> Iterator[Fact]:
    headers = [(n, parse_npy_header(_start(archive, n, 4096))) for n in names[:200]]
    objects = [n for n, h in headers if h is None or h.has_objects]
    columns = tuple(Column(n.removesuffix(".npy")[:80], h.dtype if h else "unknown") for n, h in headers)
    rows = next((h.shape[0] for _, h in headers if h and h.shape), 0)
    yield DataFile(
        at=Location(blob.path), format="npz", sha256=blob.sha256, size=blob.size, rows=rows, columns=columns
    )
    if objects:
        note = (("object arrays", ", ".join(objects)[:200]),)
        yield _file(blob, "numpy", runs_code=True, suffixes=(".npz",), tensors=len(names), metadata=note)
