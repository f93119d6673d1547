"""When evidence stops describing the system."""

import msgspec
import pytest
from tests.assess.samples import TODAY, seen

from assaymark.assess.assessment import Freshness
from assaymark.assess.freshness import freshness
from assaymark.observation import Observation, Subject

SUBJECTS = (Subject("a.txt", "1"), Subject("b.txt", "2"))
NOW = {"a.txt": "1", "b.txt": "2", "c.txt": "3"}


def _about(*subjects: Subject, by: str = "", until: str = "") -> Observation:
    made = seen(0, by=by).observation
    return msgspec.structs.replace(made, subjects=subjects, valid_until=until)


def test_what_has_not_changed_is_fresh() -> None:
    """Same subjects, same version of the check, no date passed."""
    found = freshness(_about(*SUBJECTS), digests=NOW, versions={"check_0": 1}, today=TODAY)
    assert found == (Freshness.FRESH, "")


@pytest.mark.parametrize(
    ("digests", "because"),
    [
        ({"a.txt": "1"}, "b.txt is gone."),
        ({"a.txt": "1", "b.txt": "9"}, "b.txt changed since."),
        ({"b.txt": "9"}, "a.txt is gone (and 1 more)."),
        ({}, "a.txt is gone (and 1 more)."),
    ],
)
def test_a_changed_or_missing_subject_makes_it_stale(digests: dict[str, str], because: str) -> None:
    """The first one is named."""
    found = freshness(_about(*SUBJECTS), digests=digests, versions={"check_0": 1}, today=TODAY)
    assert found == (Freshness.STALE, because)


@pytest.mark.parametrize(
    ("versions", "because"),
    [
        ({}, "The check check_0 no longer exists."),
        ({"check_0": 2}, "The check check_0 is now version 2."),
    ],
)
def test_another_version_of_the_check_makes_it_stale(versions: dict[str, int], because: str) -> None:
    """What an older check said is not what this one says."""
    assert freshness(_about(), digests=NOW, versions=versions, today=TODAY) == (Freshness.STALE, because)


@pytest.mark.parametrize(
    ("until", "fresh"),
    [
        ("", Freshness.FRESH),
        ("2026-11-23", Freshness.FRESH),
        ("2026-11-22", Freshness.EXPIRED),
        ("soon", Freshness.EXPIRED),
    ],
)
def test_a_date_that_passed_ends_it(until: str, fresh: Freshness) -> None:
    """The last day still counts; what is no date never does."""
    found, because = freshness(_about(by="Ada", until=until), digests={}, versions={}, today=TODAY)
    assert found is fresh
    assert bool(because) == (fresh is Freshness.EXPIRED)


def test_a_person_has_no_version() -> None:
    """Attestations depend on documents and dates alone."""
    assert freshness(_about(by="Ada"), digests={}, versions={}, today=TODAY) == (Freshness.FRESH, "")


def test_a_judged_finding_is_no_subject_to_look_for() -> None:
    """If the finding changed, the statement stands; it then judges nothing."""
    about = _about(Subject("finding of check_1", "7"), by="Ada")
    assert freshness(about, digests={}, versions={}, today=TODAY)[0] is Freshness.FRESH


@pytest.mark.parametrize(
    ("made_on", "fresh"), [("2026-11-23", Freshness.FRESH), ("2026-11-24", Freshness.EXPIRED)]
)
def test_a_statement_from_the_future_does_not_count(made_on: str, fresh: Freshness) -> None:
    """Not before its day."""
    about = msgspec.structs.replace(_about(by="Ada"), made_on=made_on)
    assert freshness(about, digests={}, versions={}, today=TODAY)[0] is fresh


def test_a_file_that_changed_without_changing_a_fact_leaves_a_check_fresh() -> None:
    """The whole of its inputs is what it rests on; a person's document is bound itself."""
    subjects = (Subject("all Document facts", "5"), Subject("a.txt", "1"))
    digests = {"all Document facts": "5", "a.txt": "9"}
    versions = {"check_0": 1}
    assert freshness(_about(*subjects), digests=digests, versions=versions, today=TODAY)[0] is Freshness.FRESH
    changed = digests | {"all Document facts": "6"}
    found = freshness(_about(*subjects), digests=changed, versions=versions, today=TODAY)
    assert found == (Freshness.STALE, "all Document facts changed since.")
    stated = freshness(_about(*subjects, by="Ada"), digests=digests, versions=versions, today=TODAY)
    assert stated == (Freshness.STALE, "a.txt changed since.")
