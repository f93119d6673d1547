"""The entrance to our own check: what is whole passes, what is anything else is refused in words."""

import pytest

from assaymark.report.formats import FORMATS
from assaymark.report.integrity.check import CHECKED, problems_of
from tests.report.exports import exported
from tests.report.integrity.twins import KNOWN


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_whole_has_no_problems(form: str) -> None:
    """No rule speaks against an export of ours, hostile names and all."""
    assert problems_of(form, exported(form), KNOWN) == ()


HOSTILE = [b"", b"{}", b"[]", b"<a>", b"null", b'{"runs": [{}]}', b"\xff" * 9, b"[" * 100_000]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("form", CHECKED)
def test_what_is_no_such_document_is_refused_without_a_crash(form: str, data: bytes) -> None:
    """Anything else is refused in words."""
    assert problems_of(form, data, KNOWN)
