"""training_fits_roles: a register that covers each role in time, and gaps in it."""

from tests.trees import observe

from assaymark.observation import Outcome
from assaymark.system.system import System

NAME = "training_fits_roles"
MET: dict[str, str | bytes] = {
    "assurance/training/register.csv": """\
name,role,module,completed
Ada,developer,AI secure coding,2026-05-04
Bob,operator,AI incidents,2026-05-11
""",
}
NOT_MET: dict[str, str | bytes] = {
    "assurance/training/register.csv": """\
name,role,module,completed
Ada,developer,AI secure coding,2023-05-04
Cid,manager,AI basics,
""",
}
SYSTEM = System(name="s", staff_roles=("developer", "operator"))


def test_a_missing_role_and_late_people_are_named() -> None:
    """Nobody trained as operator, and two people not in time."""
    (seen,) = observe(NAME, NOT_MET, system=SYSTEM)

    told = " ".join(d.message for d in seen.details)
    assert "operator" in told
    assert "Ada" in told
    assert "Cid" in told


def test_a_renewed_course_is_in_time() -> None:
    """An old row beside a new one for the same person and module does not count against them."""
    renewed = str(MET["assurance/training/register.csv"]) + "Ada,developer,AI secure coding,2022-01-01\n"

    (seen,) = observe(NAME, {"assurance/training/register.csv": renewed}, system=SYSTEM)

    assert seen.outcome is Outcome.MET


def test_one_module_for_all_is_not_fitted_to_roles() -> None:
    """The same course for developers and operators is only partly met."""
    same = str(MET["assurance/training/register.csv"]).replace("AI incidents", "AI secure coding")

    (seen,) = observe(NAME, {"assurance/training/register.csv": same}, system=SYSTEM)

    assert seen.outcome is Outcome.PARTLY_MET
