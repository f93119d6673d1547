"""model_changes_are_previewed: previews in words, versions in routes, both, neither."""

from tests.trees import observe

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import Endpoint

GUIDE = "# Maintenance\n\nEach model change is offered as a preview for a month before.\n"
MET: dict[str, str | bytes] = {"docs/maintenance.md": GUIDE}
NOT_MET: dict[str, str | bytes] = {"docs/maintenance.md": GUIDE}
NOT_MET_OUTCOME = Outcome.PARTLY_MET
ROUTE = Endpoint(
    at=Location("app.py", 3), framework="fastapi", method="POST", route="/v1/sort", handler="sort"
)
EXTRA_MET = (ROUTE,)


def test_versioned_routes_alone_count_partly() -> None:
    """A version in the route lets operators stay, but not look ahead."""
    (seen,) = observe("model_changes_are_previewed", {"a.txt": ""}, extra=EXTRA_MET)

    assert seen.outcome is Outcome.PARTLY_MET


def test_a_word_that_starts_with_v_is_no_version() -> None:
    """`/videos` and `/vip` carry no version."""
    route = Endpoint(at=Location("app.py", 3), framework="x", method="GET", route="/vip/videos", handler="h")

    (seen,) = observe("model_changes_are_previewed", {"a.txt": ""}, extra=(route,))

    assert seen.outcome is Outcome.NOT_OBSERVABLE
