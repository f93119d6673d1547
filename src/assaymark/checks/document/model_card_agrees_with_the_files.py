"""The model card says what the model files say."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import filled, pick
from assaymark.observation import Detail
from assaymark.scan.facts import Document, ModelFile
from assaymark.scan.paths import is_test_path
from assaymark.system.system import System

_KEYS = {
    "license": "licence",
    "base_model": "base model",
    "architecture": "architecture",
    "context length": "context length",
}
_SETTINGS = {"hf-config", "lfs-pointer"}
"""Formats of files beside weights, which say nothing about the weights' own format."""
_FORMATS = {
    "safetensors": "safetensors",
    "gguf": "gguf",
    "onnx": "onnx",
    "pickle": "pickle",
    "joblib": "joblib",
    "pytorch": "torch",
    "torch": "torch",
    "keras": "keras",
    "tflite": "tflite",
}


@check(supports=("5.2.4-1.1",))
def model_card_agrees_with_the_files(
    documents: tuple[Document, ...], models: tuple[ModelFile, ...], system: System
) -> Iterator[Finding]:
    """The model card says what the model files say.

    Why: A card that names another base model, licence or format than the file describes another model,
    and what it says about risks may not hold for this one.

    Fix: Correct the card or replace the file: base model, licence, architecture, context length and
    format must agree with the headers of the weights beside it.

    Blind spots: Only what both card and header state is compared, by name; card and files belong
    together if the card lies in the same folder or above. A person has to judge each difference.
    """
    cards = filled(pick(documents, ("model-card",), system))
    files = [m for m in models if not is_test_path(m.at.path) and not m.problem]
    if not cards or not files:
        yield not_observable(
            f"{len(cards)} model cards and {len(files)} readable model files are in the tree; both are "
            "needed to compare them."
        )
        return
    compared, against = 0, []
    for card in cards:
        for file in _beside(card, files):
            for agrees, detail in _comparisons(card, file):
                compared += 1
                against += [] if agrees else [detail]
    if against:
        yield not_met(
            f"{len(against)} of {compared} statements in model cards differ from the files.",
            *capped(against),
            tentative=True,
        )
    elif compared:
        yield met(
            f"All {compared} statements that could be compared agree with the files.",
            *capped([at("Compared with the files beside it.", card) for card in cards]),
        )
    else:
        yield not_observable(
            "Card and files state nothing that can be compared.",
            fix="State `license`, `base_model`, architecture and format in the card.",
        )


def _beside(card: Document, files: list[ModelFile]) -> list[ModelFile]:
    folder = PurePosixPath(card.at.path).parent
    return [f for f in files if PurePosixPath(f.at.path).is_relative_to(folder)]


def _comparisons(card: Document, file: ModelFile) -> Iterator[tuple[bool, Detail]]:
    header = dict(file.metadata)
    for key, value in card.front_matter:
        name = _KEYS.get(key, "")
        other = header.get(name, "")
        if other and value and _comparable(name, value, other):
            text = f"The card says {name} {value[:60]}, {file.at.path} says {other[:60]}."
            yield _same(name, value, other), at(text, card)
        elif key == "format" and file.format not in _SETTINGS:
            wanted = [form for word, form in _FORMATS.items() if word in value.lower()]
            if wanted:
                text = f"The card says format {value[:60]}, {file.at.path} is {file.format}."
                yield any(file.format.startswith(form) for form in wanted), at(text, card)


def _comparable(name: str, value: str, other: str) -> bool:
    """Whether both are of a form that can be compared: hub ids, one word, numbers."""
    if name == "base model":
        return "," not in value and all("/" in v and not v.startswith(("/", ".")) for v in (value, other))
    if name == "architecture":
        return len(value.split()) == 1 and value.lower() not in ("transformer", "decoder", "encoder")
    return name != "context length" or bool(_digits(value) and _digits(other))


def _same(name: str, value: str, other: str) -> bool:
    if name == "context length":
        return _digits(value) == _digits(other)
    left, right = _plain(value), _plain(other)
    return left in right or right in left


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
