"""The summary counts what is unknown out of what there is."""

import msgspec
from tests.report.bom.sample import bom_of, full

from assaymark.asset import NotLookedAt
from assaymark.report.bom.summary import summary_text


def test_unknowns_stand_with_their_denominator() -> None:
    """Licence, hash and version for each kind that has them."""
    lines = summary_text(full()).splitlines()

    assert lines[0] == "3 models: 2 of 3 without licence, 2 of 3 without hash, 3 of 3 without version"
    assert lines[1] == "2 data sets: 0 of 2 without licence, 1 of 2 without hash"
    assert lines[3] == "6 packages: 3 of 6 without licence, 4 of 6 without hash, 1 of 6 without version"
    assert lines[-1].endswith("0 of 13 without digest")


def test_an_empty_project_is_told_plainly() -> None:
    """No line for kinds of which there is nothing."""
    assert summary_text(bom_of({"a.py": "x = 1\n"})) == "0 services\n1 file, 0 of 1 without digest\n"


def test_what_was_not_read_is_listed_up_to_a_bound() -> None:
    """With escapes, and how many more there are."""
    holes = tuple(NotLookedAt(path=f"{n}\x1b", reason="too long") for n in range(25))
    lines = summary_text(msgspec.structs.replace(full(), holes=holes)).splitlines()

    assert "not read: 0\\x1b: too long" in lines
    assert lines[-1] == "not read: 5 more, listed in the bill"
