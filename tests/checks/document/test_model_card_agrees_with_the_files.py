"""model_card_agrees_with_the_files: base model, licence, context length and format, card against header."""

from tests.trees import observe

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import ModelFile

CARD = """\
---
license: apache-2.0
base_model: meta-llama/Llama-3-8B
---
# Model card

A sorter of tickets in two languages.

Context length: {}

Format: {}
"""
MET: dict[str, str | bytes] = {"model/README.md": CARD.format("8,192 tokens", "GGUF")}
NOT_MET: dict[str, str | bytes] = {"model/README.md": CARD.format("32768", "safetensors")}
FILE = ModelFile(
    at=Location("model/a.gguf"),
    format="gguf",
    sha256="0" * 64,
    size=10,
    runs_code=False,
    metadata=(
        ("architecture", "llama"),
        ("context length", "8192"),
        ("licence", "Apache 2.0"),
        ("base model", "meta-llama/Llama-3-8B"),
    ),
)
EXTRA_MET = (FILE,)
EXTRA_NOT_MET = (FILE,)


def test_each_difference_is_shown() -> None:
    """Length and format differ; licence and base model agree in other words."""
    (seen,) = observe("model_card_agrees_with_the_files", NOT_MET, extra=EXTRA_NOT_MET)

    assert seen.certainty is Certainty.TENTATIVE
    assert seen.summary.startswith("2 of 4 ")


def test_a_file_elsewhere_is_another_model() -> None:
    """A card speaks for its own folder and what lies below it."""
    other = ModelFile(
        at=Location("other/b.gguf"), format="gguf", sha256="", size=1, runs_code=False, metadata=FILE.metadata
    )

    (seen,) = observe("model_card_agrees_with_the_files", NOT_MET, extra=(other,))

    assert seen.outcome is Outcome.NOT_OBSERVABLE


def test_a_path_is_no_base_model() -> None:
    """Training scripts leave local paths in configurations; they contradict nothing."""
    local = ModelFile(
        at=Location("model/config.json"),
        format="hf-config",
        sha256="",
        size=1,
        runs_code=False,
        metadata=(("base model", "/home/ada/checkpoints/7"),),
    )

    (seen,) = observe("model_card_agrees_with_the_files", MET, extra=(local,))

    assert seen.outcome is Outcome.NOT_OBSERVABLE
