"""releases_are_announced: what meets it, what does not, and near misses."""

from tests.checks.history.changes import history
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "releases_are_announced"
LOG = "# Changelog\n\n## 1.2.0 - 2026-02-01\n\n- New model.\n\n## 1.1.0 - 2026-01-01\n\n- First.\n"
MET: dict[str, str | bytes] = {"CHANGELOG.md": LOG}
NOT_MET: dict[str, str | bytes] = {"CHANGELOG.md": LOG.replace("1.2.0", "0.2.0").replace("1.1.0", "0.1.0")}
EXTRA_MET = EXTRA_NOT_MET = (history(tags=(("v1.2.0", "2026-02-01"), ("v1.1.0", "2026-01-01"))),)


def test_a_gap_is_partly() -> None:
    """One of two releases is announced."""
    files = {"CHANGELOG.md": LOG.replace("1.2.0", "1.3.0")}
    assert outcomes(observe(NAME, files, extra=EXTRA_MET)) == {Outcome.PARTLY_MET}


def test_no_change_log_is_not_observable() -> None:
    """Releases may be announced elsewhere."""
    assert outcomes(observe(NAME, {}, extra=EXTRA_MET)) == {Outcome.NOT_OBSERVABLE}


def test_tags_that_are_no_versions_do_not_count() -> None:
    """`nightly` needs no entry."""
    found = observe(NAME, MET, extra=(history(tags=(("nightly", "2026-02-01"),)),))
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}
