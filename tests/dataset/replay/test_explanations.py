"""What persons say of patterns: without a name it does not count, and what changed is asked again."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from assaymark.dataset.explanations import (
    Explanation,
    Explanations,
    Standing,
    added,
    parse,
    pattern_digest,
    render,
    standing,
)
from assaymark.dataset.finding import Finding, Level
from assaymark.errors import UsageError

RULE = Finding(
    engine="tables", level=Level.EXPLAIN, pattern="gain = 9", where="gain", label="rich", count=40, score=3,
    threshold=2, false_alarms=0, summary="40 of 40.", rows=(1, 2),
)  # fmt: skip
SAID = Explanation(
    pattern="gain = 9", digest=pattern_digest(RULE), level="to explain", owner="Ann",
    reason="The tax code says so.", on="2026-11-20", data="a" * 64, count=40, records=1_000,
)  # fmt: skip
TODAY = date(2026, 11, 27)


def stands(said: Explanation, found: Finding = RULE, data: str = "a" * 64, records: int = 1_000) -> Standing:
    """What `said` is worth for a finding today."""
    result = standing([said], found, data=data, records=records, today=TODAY)
    assert result is not None
    return result


def test_an_explanation_counts_for_its_pattern_and_no_other() -> None:
    """Other words, another place, label or engine make another pattern; how often it occurs does not."""
    assert stands(SAID) == Standing(SAID, True, "")
    assert stands(SAID, replace(RULE, count=41, score=9.0, rows=())).counts
    for other in ({"pattern": "gain = 8"}, {"where": "loss"}, {"label": "poor"}, {"engine": "text"}):
        changed = replace(RULE, **other)
        assert standing([SAID], changed, data="a" * 64, records=1_000, today=TODAY) is None


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("owner", " ", "it has no owner."),
        ("reason", "", "it has no reason."),
        ("on", "", "it has no date."),
        ("on", "yesterday", "a date of it is no date."),
        ("until", "some day", "a date of it is no date."),
        ("until", "2026-11-26", "it ended on 2026-11-26."),
        ("on", "2026-12-24", "its date lies in the future."),
        ("owner", "A" * 4_001, "its owner is longer than 4,000 characters."),
    ],
)
def test_no_explanation_without_owner_reason_and_date_counts(field: str, value: str, why: str) -> None:
    """However it came into the file."""
    assert stands(replace(SAID, **{field: value})).note == why
    assert not stands(replace(SAID, **{field: value})).counts


def test_a_suspect_is_answered_for_up_to_a_date_only() -> None:
    """Also where the file calls it something less."""
    suspect = replace(RULE, level=Level.SUSPECT)

    assert not stands(SAID, suspect).counts
    assert stands(replace(SAID, until="2026-12-31"), suspect).counts


def test_a_pattern_that_spread_is_asked_about_again() -> None:
    """In the same data it cannot; in others it may have grown by half."""
    assert stands(SAID, replace(RULE, count=60), "b" * 64).note.startswith("It was given about an earlier")
    spread = stands(SAID, replace(RULE, count=61), "b" * 64)
    assert not spread.counts
    assert "from 4.00% to 6.10%" in spread.note


def test_a_new_explanation_takes_the_place_of_the_old() -> None:
    """There is one for each pattern, in an order that does not depend on time."""
    other = replace(SAID, digest="0" * 64, pattern="other")
    file = added(added(added(Explanations(), SAID), other), replace(SAID, owner="Bob"))

    assert [(e.digest[:1], e.owner) for e in parse(render(file), "x").explanations] == [
        ("0", "Ann"),
        (SAID.digest[:1], "Bob"),
    ]
    with pytest.raises(UsageError, match="it has no owner"):
        added(file, replace(SAID, owner=""))


@pytest.mark.parametrize("data", [b"", b"[]", b'{"format": "x"}', b"\xff", b"[" * 9_999, b" " * (5 << 20)])
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    """With its name."""
    with pytest.raises(UsageError, match=r"^said\.json"):
        parse(data, "said.json")


@given(st.text(), st.text(), st.text())
def test_every_pattern_has_a_digest(pattern: str, where: str, label: str) -> None:
    """Lone surrogates and all; alike for alike text only."""
    one = pattern_digest(replace(RULE, pattern=pattern, where=where, label=label))

    assert one == pattern_digest(replace(RULE, pattern=pattern, where=where, label=label))
    assert one != pattern_digest(replace(RULE, pattern=pattern + "\ud800", where=where, label=label))
