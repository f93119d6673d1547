"""Encoders: the guard's for texts, an ONNX file of the user's for images.

A record at a time is computed, so that no record's numbers depend on its neighbours.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.onnx_session import failures, opened
from assaymark.errors import AssaymarkError, UsageError
from assaymark.guard.detector.weights import load_weights
from assaymark.guard.detector.wordpiece import WordPiece
from assaymark.inspection import Hazard, Header, Hole, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import LIMITS
from assaymark.scan.weights.onnx_file import INSPECTOR

__all__ = ["GUARD", "LONGEST", "Embed", "digest_of", "embedder"]

GUARD = "guard"
"""The encoder that the guard ships, for texts."""
LONGEST = 600
"""Characters of a text that are read."""
_TOKENS = 96
_LAYERS = tuple(f"/layers.{k}/norm2/LayerNormalization_output_0" for k in (1, 2, 3))
"""The middle of six layers tells how a text is built; the last one mainly what it is about."""
_MOST_BYTES = 512 << 20
_MOST_SIDE = 1_024
_MOST_NUMBERS = 8_192
_FOLDED = 1_536
"""Longer embeddings are projected on so many random directions."""
_ADVICE = (
    "Name an image encoder as one ONNX file: one float32 input of form N x 3 x height x width or "
    "N x height x width x 3 with fixed height and width, the embedding as its first output."
)

Embed = Callable[[Any], NDArray[np.float32]]
"""A record's content → its embedding."""


def digest_of(encoder: str) -> str:
    """SHA-256 of an encoder's file, after a trial; that of the guard's manifest for `guard`.

    Raises:
        UsageError: it is no encoder that can be used.
        AssaymarkError: onnxruntime, or the guard's weights, are missing.
    """
    digest = load_weights().digest if encoder == GUARD else hashlib.sha256(_read(encoder)).hexdigest()
    embedder(encoder, digest)
    return digest


@lru_cache(maxsize=2)
def embedder(encoder: str, digest: str) -> Embed:
    """The encoder, opened once a process, if its digest still is the one that was looked at first."""
    if encoder == GUARD:
        return _texts(digest)
    content = _read(encoder)
    if hashlib.sha256(content).hexdigest() != digest:
        raise UsageError(f"{encoder} was changed during the scan.", "Scan again.")
    _inspected(encoder, content)
    session = opened(content, encoder, purpose="An encoder", advice=_ADVICE, threads=1)
    return _images(encoder, session)


def _read(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"The encoder {path} cannot be read: {error}.", _ADVICE) from error
    if len(content) > _MOST_BYTES:
        raise UsageError(f"The encoder {path} is over {_MOST_BYTES >> 20} MiB.", _ADVICE)
    return content


def _inspected(path: str, content: bytes) -> None:
    """Refuse what names other files, holds compiled code or cannot be read whole."""
    for part in INSPECTOR.inspect(BytesBlob(path, content), LIMITS):
        if isinstance(part, Header) and "external data" in dict(part.metadata):
            raise UsageError(f"The encoder {path} keeps weights in other files.", _ADVICE)
        if isinstance(part, Hazard) and (part.level is Level.DANGEROUS or part.rule == "onnx-compiled"):
            raise UsageError(f"The encoder {path} is refused: {part.message}", _ADVICE)
        if isinstance(part, Hole):
            raise UsageError(f"The encoder {path} cannot be read whole: {part.reason}.", _ADVICE)


def _field(number: int, content: bytes) -> bytes:
    """A field of a protocol buffers message, shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def _texts(digest: str) -> Embed:
    weights = load_weights()
    if weights.digest != digest:
        raise AssaymarkError("The guard's weights differ between workers.", "Install one version everywhere.")
    # Messages that follow one another are merged: the graph gains outputs, and nothing is rewritten.
    more = b"".join(_field(7, _field(12, _field(1, name.encode()))) for name in _LAYERS)
    session = opened(
        weights.encoder + more, "The guard's encoder", purpose="An encoder",
        advice="Reinstall the package.", threads=1,
    )  # fmt: skip
    tokens = WordPiece(weights.vocabulary)

    def embed(text: str) -> NDArray[np.float32]:
        ids = np.array([tokens.encode(text[:LONGEST], _TOKENS)], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        layers = session.run(list(_LAYERS), given)
        found: NDArray[np.float32] = np.concatenate([layer[0].mean(axis=0) for layer in layers])
        return np.nan_to_num(found)

    return embed


def _form(path: str, session: Any) -> tuple[str, int, int, int, bool]:
    """Name of the input, height, width, channels, whether channels come first."""
    inputs = session.get_inputs()
    shape = list(inputs[0].shape) if inputs else []
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(shape) != 4:
        told = ", ".join(f"{i.name}: {i.type} {i.shape}" for i in inputs)[:300]
        raise UsageError(f"The encoder {path} takes no images ({told}).", _ADVICE)
    first = shape[1] in (1, 3)
    channels, high, wide = (shape[1], shape[2], shape[3]) if first else (shape[3], shape[1], shape[2])
    fixed = all(isinstance(side, int) and 1 <= side <= _MOST_SIDE for side in (high, wide))
    if channels not in (1, 3) or not fixed or (isinstance(shape[0], int) and shape[0] != 1):
        raise UsageError(f"The encoder {path} takes no single images: its input is {shape}.", _ADVICE)
    return inputs[0].name, high, wide, channels, first


def _images(path: str, session: Any) -> Embed:
    from PIL import Image

    name, high, wide, channels, first = _form(path, session)
    failed, output = failures(), session.get_outputs()[0].name

    def embed(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        if image.shape[:2] != (high, wide):
            resized = Image.fromarray(image).resize((wide, high), Image.Resampling.BILINEAR)
            image = np.asarray(resized)
        values: NDArray[np.float32] = image.astype(np.float32) / np.float32(255)
        if channels == 1:
            values = values.mean(axis=2, keepdims=True, dtype=np.float32)
        values = values.transpose(2, 0, 1) if first else values
        try:
            found = np.asarray(session.run([output], {name: np.ascontiguousarray(values[None])})[0])
        except failed as error:
            raise UsageError(f"The encoder {path} fails: {str(error)[:300]}", _ADVICE) from error
        if found.dtype != np.float32 or not 2 <= prod(found.shape) <= _MOST_NUMBERS:
            raise UsageError(
                f"The encoder {path} gives {found.shape} of {found.dtype}, not 2 to {_MOST_NUMBERS} float32.",
                _ADVICE,
            )
        return _short(np.clip(np.nan_to_num(found.ravel()), -1e6, 1e6))

    embed(np.zeros((high, wide, 3), np.uint8))
    return embed


@lru_cache(maxsize=1)
def _directions(length: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).choice(np.array([-1, 1], np.float32), (length, _FOLDED))


def _short(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values if len(values) <= _FOLDED else values @ _directions(len(values))
