"""weights_are_kept_out_of_public_places: what meets it, what does not, and near misses."""

from tests.scan.artefact.samples import safetensors
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome
from assaymark.system.system import Condition, DeclaredAsset, Statement, System

SECRET = DeclaredAsset(kind="model", name="m", location="weights", classification="Confidential")
SYSTEM = System(name="x", assets=(SECRET,))
MET: dict[str, str | bytes] = {
    "public/m.safetensors": safetensors(),
    "public/p.safetensors": safetensors((9,)),
}
NOT_MET: dict[str, str | bytes] = {"weights/m.safetensors": safetensors()}
NAME = "weights_are_kept_out_of_public_places"


def test_an_ignored_file_is_not_in_the_repository() -> None:
    """`.gitignore` keeps it out."""
    files = {**NOT_MET, ".gitignore": "weights/\n"}
    assert outcomes(observe(NAME, files, system=SYSTEM)) == {Outcome.MET}


def test_without_a_declared_class_it_cannot_be_told() -> None:
    """Weights may be public on purpose."""
    assert outcomes(observe(NAME, NOT_MET)) == {Outcome.NOT_OBSERVABLE}


def test_the_condition_alone_covers_all_weights() -> None:
    """`confidential-assets` in the manifest, without a register."""
    system = System(name="x", conditions={Condition.CONFIDENTIAL_ASSETS: Statement(holds=True)})
    (seen,) = observe(NAME, NOT_MET, system=system)
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)
