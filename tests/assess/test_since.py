"""What changed since an earlier assessment."""

import pytest
from msgspec.structs import replace
from tests.assess.samples import EXCLUDED, judged, seen

from assaymark.assess.assessment import Freshness, ProvisionResult
from assaymark.assess.since import changes
from assaymark.observation import Outcome

PASS = judged(seen(0))
FAIL = judged(seen(0, Outcome.NOT_MET))
OPEN = judged()
STALE = judged(seen(0, freshness=Freshness.STALE))
EXPIRED = judged(seen(0, by="Ada", freshness=Freshness.EXPIRED))
OUT = judged(whole=EXCLUDED)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (FAIL, OPEN, "better"),
        (FAIL, PASS, "better"),
        (OPEN, PASS, "better"),
        (STALE, PASS, "better"),
        (PASS, OPEN, "worse"),
        (OPEN, FAIL, "worse"),
        (STALE, FAIL, "worse"),
        (PASS, STALE, "stale"),
        (PASS, EXPIRED, "stale"),
        (OPEN, STALE, "stale"),
        (OUT, PASS, "new"),
        (FAIL, OUT, "new"),
    ],
)
def test_each_difference_has_its_kind(before: ProvisionResult, after: ProvisionResult, kind: str) -> None:
    """With the new reason as the cause."""
    (change,) = changes([before], [after])
    assert (change.provision, change.kind, change.because) == ("5.1.1-1", kind, after.reason)


def test_what_stayed_is_not_mentioned() -> None:
    """Not even if its reason reads differently now."""
    for result in (PASS, FAIL, OPEN, STALE, OUT):
        assert changes([result], [replace(result, reason="other words")]) == ()


def test_a_provision_without_an_earlier_verdict_is_new() -> None:
    """As in a newer edition."""
    (change,) = changes([], [PASS])
    assert (change.kind, change.before, change.after) == ("new", "none", "pass")


def test_freshness_is_told_with_the_verdict() -> None:
    """Only where it is not as it should be."""
    (change,) = changes([PASS], [STALE])
    assert (change.before, change.after) == ("pass", "inconclusive (stale)")
