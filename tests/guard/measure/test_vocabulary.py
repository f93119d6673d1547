"""Names of channels are those that the documentation lists."""

import re
from pathlib import Path

from assaymark.guard.event import Channel
from assaymark.guard.measure.vocabulary import CHANNELS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "guard" / "measuring.md"


def test_the_page_lists_each_name_and_no_other() -> None:
    """A reader finds every alias, and each does what the page says."""
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \| ([a-z_, ]+) \|$", PAGE.read_text(encoding="utf-8"))
    listed = {alias: Channel(channel) for channel, names in rows for alias in names.split(", ")}

    assert listed == {name: c for name, c in CHANNELS.items() if name not in set(Channel)}
