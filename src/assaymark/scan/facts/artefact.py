"""Model files and data files: what their headers say."""

from msgspec import Struct

from assaymark.inspection import Hazard, Hole
from assaymark.scan.facts._base import Fact

__all__ = [
    "Column",
    "DataFile",
    "HashManifest",
    "InspectedFile",
    "ModelFile",
    "ProvenanceRecord",
    "RestoreDrill",
]


class ModelFile(Fact, frozen=True, kw_only=True):
    """A model file, recognised by content."""

    format: str
    """pickle, torch-zip, torch-legacy, joblib, numpy, safetensors, gguf, onnx, keras-v3, hdf5,
    savedmodel, tflite, coreml, xgboost-json, lightgbm, catboost, skops, pmml, lfs-pointer, …"""
    sha256: str
    size: int
    runs_code: bool | None
    """The format's usual loader can run code from the file; None if the file could not be read."""
    tensors: int = 0
    parameters: int = 0
    """Sum of tensor sizes, where the header gives them."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Header facts as key and shortened value: architecture, licence, base model, producer, opset."""
    modalities: tuple[str, ...] = ()
    """text, image, audio, video, tools, as far as the header or config says."""
    problem: str = ""
    """Why it could not be read to the end, if so."""
    extension_matches: bool = True


class InspectedFile(Fact, frozen=True, kw_only=True):
    """A file that travels with a model, and what the scanner saw in it: weights, configuration, template."""

    format: str
    """As in `ModelFile.format`, or `hf-config`, `jinja` …; empty if no format is known."""
    weights: bool
    """Whether it holds weights, so that a `ModelFile` stands beside this fact."""
    hazards: tuple[Hazard, ...] = ()
    holes: tuple[Hole, ...] = ()


class Column(Struct, frozen=True):
    """A column or field of a data file."""

    name: str
    type: str
    """string, integer, number, boolean, timestamp, list, object, bytes, unknown."""
    personal: str = ""
    """Kind of personal or sensitive data that name or sampled values suggest: email, phone, name,
    address, card, health, national-id; empty if none."""


class DataFile(Fact, frozen=True, kw_only=True):
    """A data file or image folder."""

    format: str
    """csv, tsv, parquet, jsonl, json, arrow, image-folder, npz, sqlite."""
    sha256: str
    size: int
    rows: int = 0
    rows_exact: bool = True
    """False if estimated from a sample."""
    columns: tuple[Column, ...] = ()
    labels: tuple[str, ...] = ()
    """Columns that look like labels."""
    sources: bool | None = None
    """A column says where each record came from."""
    times: bool | None = None
    """A column says when each record was obtained."""
    hidden_characters: int = 0
    """Records in the sample with invisible or bidirectional control characters."""
    instruction_like: int = 0
    """Records in the sample whose text addresses an assistant."""
    problem: str = ""
    role: str = ""
    """train, test, validation, feedback, retrieval, by path; empty if unclear."""


class HashManifest(Fact, frozen=True, kw_only=True):
    """A file that lists digests of other files (SHA256SUMS, model.sig, dvc.lock, *.dvc, lfs)."""

    algorithm: str
    entries: tuple[tuple[str, str], ...]
    """Relative path and hexadecimal digest."""
    signed: bool = False


class ProvenanceRecord(Fact, frozen=True, kw_only=True):
    """A record that says where data or a model came from (Croissant, datasheet table, dvc, MLflow, json)."""

    subject: str
    """Data set or model it speaks of."""
    source: str = ""
    retrieved_at: str = ""
    licence: str = ""
    use: str = ""


class RestoreDrill(Fact, frozen=True, kw_only=True):
    """The record of a restore drill: a backup was read and compared with a manifest."""

    day: str
    """ISO date on which it began."""
    restorable: bool | None
    """Its result; None if the record does not say."""
    listed: int
    """Files that should be in the backup."""
    files: int
    """Files that are there as listed."""
    restored: bool
    """Whether a copy was written and read back, too."""
    manifest_sha256: str
    """Digest of the manifest, so that the record can be tied to it."""
