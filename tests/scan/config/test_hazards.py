"""Words from a file in a report."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.looked_at import looked_at

from assaymark.inspection import Level
from assaymark.scan.config.hazards import hazard, plain

EVIL = "a\x1b[2J\u202e\ud800\n--b.C"


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=50))
def test_everything_is_printable(text: str) -> None:
    """Control characters, direction marks and lone surrogates are escaped, the rest stays."""
    found = hazard("x", Level.NOTE, text, text, path=text, evidence=text)

    assert all(part.isprintable() for part in (found.subject, found.message, found.evidence))
    assert plain(text) == text or not text.isprintable()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (
            "config.json",
            {"architectures": [EVIL], "model_type": EVIL, "auto_map": {EVIL: EVIL}, "_target_": f"{EVIL}.x"},
        ),
        ("model_index.json", {"_class_name": [EVIL, EVIL], "x": [EVIL, EVIL]}),
        ("a.json", {"class_name": EVIL, "module": EVIL, "config": {EVIL: EVIL}}),
        ("schema.json", {"__class__": EVIL, "__module__": EVIL, "__loader__": EVIL, "_skops_version": EVIL}),
        ("x.json", {"learner": {"gradient_booster": {"name": EVIL}, "objective": {"name": EVIL}}}),
    ],
)
def test_reports_can_be_written(name: str, value: object) -> None:
    """Every inspection of hostile names is valid Unicode, and nothing in it moves a cursor."""
    found = looked_at(name, value)
    told = [t for h in found.hazards for t in (h.subject, h.message, h.evidence)]
    told += [fact for _, fact in found.header.metadata]

    assert msgspec.json.encode(found)
    assert all(t.isprintable() for t in told)
