"""The detector's files, each checked against the manifest's digest before anything reads it."""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.guard.detector.linear import LinearModel

__all__ = ["Combine", "Manifest", "Weights", "load_weights"]

_FOLDER = Path(__file__).parent / "weights"
_MOST = {
    "manifest.json": 1 << 20,
    "linear.safetensors": 8 << 20,
    "encoder.onnx": 64 << 20,
    "vocab.txt": 4 << 20,
}
_ADVICE = "Reinstall the package, or name a folder with a complete set of weights."


class Combine(Struct, frozen=True, forbid_unknown_fields=True):
    """Log-odds of a window: `linear` * linear logit + `encoder` * encoder logit + `bias`."""

    linear: float
    encoder: float
    bias: float
    unencoded: float = 0.0
    """Encoder logit assumed for a text of which no window could be encoded within the budget."""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What the weights are and how to use them."""

    version: str
    heads: tuple[str, ...]
    """In the order of the columns of both models."""
    threshold: dict[str, float]
    """Shipped operating point of each head, a probability."""
    combine: dict[str, Combine]
    files: dict[str, str]
    """File name → SHA-256, for all but the manifest."""
    window_words: dict[str, int]
    """Words of a window, for each head."""
    max_tokens: int
    """Longest row for the encoder, `[CLS]` and `[SEP]` included."""
    training_data: tuple[str, ...] = ()
    """Names of the sets that the weights were trained on."""
    notes: dict[str, str] = {}
    """Licences, dates, commands; for people."""


class Weights(Struct, frozen=True):
    """All that is needed to score, read and checked."""

    manifest: Manifest
    digest: str
    """SHA-256 of the manifest, and so of all files."""
    linear: LinearModel
    encoder: bytes
    """ONNX."""
    vocabulary: str


def load_weights(folder: Path | None = None) -> Weights:
    """Read the weights in `folder`, or those of the package.

    Raises:
        AssaymarkError: a file is missing, too large, not the one the manifest names, or not understood.
    """
    folder = folder or _FOLDER
    content = _read(folder / "manifest.json")
    manifest = _manifest(content, folder)
    files = {name: _checked(folder / name, manifest) for name in _MOST if name != "manifest.json"}
    linear = LinearModel.from_bytes(files["linear.safetensors"])
    if linear.heads != len(manifest.heads):
        raise _unusable(folder, f"{linear.heads} rows of weights for {len(manifest.heads)} heads")
    return Weights(
        manifest,
        hashlib.sha256(content).hexdigest(),
        linear,
        files["encoder.onnx"],
        files["vocab.txt"].decode("utf-8"),
    )


def _read(path: Path) -> bytes:
    """The file's bytes, within its bound."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST[path.name] + 1)
    except OSError as error:
        raise AssaymarkError(
            f"The detector's file {path} cannot be read: {error.strerror}.", _ADVICE
        ) from error
    if len(content) > _MOST[path.name]:
        raise AssaymarkError(f"The detector's file {path} is over {_MOST[path.name]:,} bytes.", _ADVICE)
    return content


def _checked(path: Path, manifest: Manifest) -> bytes:
    """The file's bytes, if their digest is the manifest's."""
    content = _read(path)
    wanted, found = manifest.files.get(path.name, "none"), hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise AssaymarkError(
            f"The detector's file {path} has SHA-256 {found}, the manifest names {wanted}.", _ADVICE
        )
    return content


def _manifest(content: bytes, folder: Path) -> Manifest:
    """The manifest, if it names every head's operating point and uses sane sizes."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unusable(folder, f"manifest.json: {error}") from error
    if not manifest.heads or not all(
        head in manifest.combine and 0 < manifest.threshold.get(head, 0) < 1 for head in manifest.heads
    ):
        raise _unusable(folder, "manifest.json: a head without threshold or coefficients")
    sizes = [manifest.window_words.get(head, 0) for head in manifest.heads]
    if not (8 <= manifest.max_tokens <= 512 and all(8 <= words <= 1000 for words in sizes)):
        raise _unusable(folder, "manifest.json: window or token sizes out of range")
    return manifest


def _unusable(folder: Path, what: str) -> AssaymarkError:
    return AssaymarkError(f"The detector's weights in {folder} cannot be used: {what}.", _ADVICE)
