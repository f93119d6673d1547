"""The product assesses its own repository: no check breaks on it, and nothing of it fails."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assaymark.assess.assessment import Assessment, Verdict
from assaymark.observation import Outcome
from assaymark.pipeline import Places, assess_folder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def assessment(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """This repository, assessed as anybody would."""
    place = tmp_path_factory.mktemp("self")
    places = Places(ledger=place / "ledger.db", key=place / "keys" / "key.pem")
    return assess_folder(ROOT, places, now=datetime(2026, 11, 23, tzinfo=UTC))


def test_no_check_breaks_on_its_own_repository(assessment: Assessment) -> None:
    """Every check has something to say about this code."""
    broken = [e.observation for e in assessment.evidence if e.observation.outcome is Outcome.ERROR]

    assert [(o.check, o.summary) for o in broken] == []


def test_nothing_fails(assessment: Assessment) -> None:
    """What we ask of others we keep ourselves."""
    failed = [(r.id, r.reason) for r in assessment.results if r.verdict is Verdict.FAIL]

    assert failed == []
    assert len(assessment.results) == 72


def test_no_parser_broke(assessment: Assessment) -> None:
    """No file of ours is beyond our own parsers."""
    assert [m for m in assessment.not_looked_at if "broke" in m.reason] == []


def test_exclusions_are_signed(assessment: Assessment) -> None:
    """Whatever we declare out of scope names who decided, and is not contradicted by the code."""
    for result in assessment.results:
        assert result.applicability.decided_by
        assert not result.applicability.contradicted, result.id
