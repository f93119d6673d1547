"""known_flaws_are_patched_in_time: what meets it, what does not, and near misses."""

from msgspec.structs import replace
from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.vulnerability.report import (
    Policy,
    Standing,
    Unknown,
    VulnerabilityMatch,
    VulnerabilityReport,
)

NAME = "known_flaws_are_patched_in_time"
PLACE = Location("requirements.txt", 3)
CLEAN = VulnerabilityReport(
    at=Location("."),
    today="2026-11-23",
    dependencies=3,
    looked_up=3,
    unknown=(),
    matches=(),
    databases=(),
    policy=Policy(),
)
FLAW = VulnerabilityMatch(
    ecosystem="pypi",
    name="engine",
    version="1.0",
    places=(PLACE,),
    id="CVE-2026-1",
    ids=("CVE-2026-1",),
    summary="A crafted file runs code.",
    severity="critical",
    score=9.8,
    basis="CVSS",
    published="2026-11-01",
    age_days=22,
    allowed_days=7,
    fixed_in=("1.1",),
    standing=Standing.AFFECTED,
)
MET: dict[str, str | bytes] = {"requirements.txt": "engine==1.1\n"}
NOT_MET: dict[str, str | bytes] = {"requirements.txt": "engine==1.0\n"}
EXTRA_MET = (CLEAN,)
EXTRA_NOT_MET = (replace(CLEAN, matches=(FLAW,)),)


def seen(report: VulnerabilityReport) -> set[Outcome]:
    """Outcomes for one report."""
    return outcomes(observe(NAME, MET, extra=(report,)))


def test_an_overdue_flaw_is_told_with_place_and_remedy() -> None:
    """Which release of what, how old, and what mends it."""
    (found,) = observe(NAME, NOT_MET, extra=EXTRA_NOT_MET)

    assert found.details[0].at == PLACE
    for word in ("engine 1.0", "CVE-2026-1", "critical", "22 days", "1.1"):
        assert word in found.details[0].message


def test_a_flaw_within_its_time_is_partly() -> None:
    """It is open, and nobody is late."""
    assert seen(replace(CLEAN, matches=(replace(FLAW, age_days=3),))) == {Outcome.PARTLY_MET}


def test_a_flaw_that_is_settled_counts_no_more() -> None:
    """A statement with a reason was accepted by whoever read it."""
    assert seen(replace(CLEAN, matches=(replace(FLAW, standing=Standing.NOT_AFFECTED),))) == {Outcome.MET}


def test_what_was_not_looked_up_is_no_proof() -> None:
    """No database, or a dependency without an exact version."""
    unknown = Unknown(ecosystem="pypi", name="x", asked=">=1", reason="no exact version", places=())

    assert seen(replace(CLEAN, holes=("no database was named",))) == {Outcome.NOT_OBSERVABLE}
    assert seen(replace(CLEAN, unknown=(unknown,), looked_up=2)) == {Outcome.PARTLY_MET}


def test_a_tree_without_dependencies_is_not_asked() -> None:
    """The question does not arise."""
    assert seen(replace(CLEAN, dependencies=0, looked_up=0)) == {Outcome.NOT_APPLICABLE}
