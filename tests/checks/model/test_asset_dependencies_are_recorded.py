"""asset_dependencies_are_recorded: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome
from assaymark.system.system import DeclaredAsset, System

NAME = "asset_dependencies_are_recorded"
MODEL = DeclaredAsset(kind="model", name="m")
SERVICE = DeclaredAsset(kind="service", name="s", depends_on=("m",))
RECORDED = System(name="x", assets=(MODEL, SERVICE))
MET: dict[str, str | bytes] = {"a.txt": ""}
NOT_MET: dict[str, str | bytes] = {"a.txt": ""}
MET_OUTCOME = NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_recorded_dependencies_meet_it() -> None:
    """A service that names its model."""
    assert outcomes(observe(NAME, {}, system=RECORDED)) == {Outcome.MET}


def test_a_dependency_that_leads_nowhere_is_a_fault() -> None:
    """A name that no entry has."""
    broken = DeclaredAsset(kind="service", name="s", depends_on=("gone",))
    (seen,) = observe(NAME, {}, system=System(name="x", assets=(MODEL, broken)))
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.FIRM)


def test_a_register_without_dependencies_is_a_tentative_fault() -> None:
    """Two assets and no relation: a person should look."""
    alone = DeclaredAsset(kind="service", name="s")
    (seen,) = observe(NAME, {}, system=System(name="x", assets=(MODEL, alone)))
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_no_register_is_not_observable() -> None:
    """It may be kept elsewhere."""
    assert outcomes(observe(NAME, {})) == {Outcome.NOT_OBSERVABLE}
