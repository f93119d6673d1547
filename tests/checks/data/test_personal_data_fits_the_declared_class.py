"""personal_data_fits_the_declared_class: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome
from assaymark.system.system import DeclaredAsset, System

PEOPLE = "email,score\nann@acme.io,1\nbob@acme.io,2\neve@acme.io,3\n"
PLAIN = "amount,score\n5,1\n6,2\n7,3\n"
SYSTEM = System(
    name="x",
    assets=(DeclaredAsset(kind="dataset", name="d", location="data/public", classification="public"),),
)
MET: dict[str, str | bytes] = {"data/public/d.csv": PLAIN}
NOT_MET: dict[str, str | bytes] = {"data/public/d.csv": PEOPLE}
NAME = "personal_data_fits_the_declared_class"


def test_declared_as_personal_it_fits() -> None:
    """The class says what the columns say."""
    entry = DeclaredAsset(kind="dataset", name="d", location="data", classification="personal")
    assert outcomes(observe(NAME, NOT_MET, system=System(name="x", assets=(entry,)))) == {Outcome.MET}


def test_without_a_class_it_is_not_observable() -> None:
    """Nobody said what it is."""
    assert outcomes(observe(NAME, NOT_MET)) == {Outcome.NOT_OBSERVABLE}


def test_its_fault_is_tentative() -> None:
    """Columns are hints; a person decides."""
    (seen,) = observe(NAME, NOT_MET, system=SYSTEM)
    assert seen.certainty is Certainty.TENTATIVE
