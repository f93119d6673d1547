"""A reconciliation as text: one line a difference, with its place."""

from assaymark.observation import Location
from assaymark.reconciliation import Difference, Reconciliation
from assaymark.report.bom.reconciled import reconciliation_text
from assaymark.system.system import DeclaredAsset


def test_each_difference_has_its_line_and_place() -> None:
    """Missing, changed, extra in this order; then what could not be compared; then the count."""
    extra = Difference("extra", "b", "Model `b` is in use and not in the register.", Location("b.bin"))
    changed = Difference("changed", "a", "`a` (a.bin) has changed.", Location("assaymark.yaml", 4))
    missing = Difference(
        "missing", "c", "`c` is listed at c, where nothing is.", Location("assaymark.yaml", 9)
    )
    line = DeclaredAsset(kind="service", name="judge\x1b")
    found = Reconciliation(3, (), (changed, missing), (extra,), (line,), (line,))

    assert reconciliation_text(found).splitlines() == [
        "missing   assaymark.yaml:9: `c` is listed at c, where nothing is.",
        "changed   assaymark.yaml:4: `a` (a.bin) has changed.",
        "extra     b.bin: Model `b` is in use and not in the register.",
        "not seen  judge\\x1b: listed without a place in the tree, and nothing found here is it.",
        "no digest judge\\x1b: listed without sha256, so a change of it would go unseen.",
        "3 listed assets, 0 found: 1 missing, 1 changed, 1 extra.",
    ]


def test_without_a_register_there_is_advice() -> None:
    """Nothing is called missing where nothing was listed."""
    assert reconciliation_text(Reconciliation(0, ())).splitlines() == [
        "There is no register to compare with; found: 0 assets.",
        "Keep `assets:` in assaymark.yaml; `assaymark init` writes it from what is found.",
    ]
