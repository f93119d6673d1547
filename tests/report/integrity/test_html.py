"""The HTML report: a broken twin for each rule."""

import pytest

from tests.report.exports import exported
from tests.report.integrity.twins import FAILED, refused

HTML: dict[str, tuple[tuple[str, str], str]] = {
    "link to nothing": (('href="#fails"', 'href="#gone"'), "leads to `#gone`"),
    "id twice": (('id="fails-h"', 'id="fails"'), "id `fails` stands more than once"),
    "provision missing": ((f'id="p-{FAILED}"', 'id="p-x"'), f"provision {FAILED} is not on the page"),
    "something to fetch": (("<main", '<img src="https://example.com/x.png"><main'), "would fetch"),
}


@pytest.mark.parametrize("name", HTML)
def test_a_broken_page_is_refused(name: str) -> None:
    """A link that leads nowhere, an id that stands twice, a provision that is missing, something to fetch."""
    (before, after), reason = HTML[name]
    page = exported("html").decode()
    assert before in page

    assert refused("html", page.replace(before, after, 1), reason)
