"""The line that tells how much was read."""

import sys

import pytest

from assaymark._cli import bytes_read
from assaymark._cli.bytes_read import BytesRead, count, counted, told_bytes


def test_sizes_are_told_in_their_unit() -> None:
    """As one would say them."""
    told = [told_bytes(n) for n in (0, 1, 999, 1000, 1_500_000, 2 * 10**9)]
    assert told == ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "1.5 MB", "2.0 GB"]
    assert count(1, "file") == "1 file"
    assert count(1200, "file") == "1,200 files"


def test_the_line_is_shown_now_and_then_and_cleared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only to somebody who watches."""
    monkeypatch.setattr(bytes_read, "_EVERY_S", 0)
    for show, expected in ((True, "\r3 bytes read …\r7 bytes read …\r"), (False, "")):
        line = BytesRead(show=show)
        line(3)
        line(4)
        line.close()
        assert capsys.readouterr().err.rstrip(" ").replace(" " * 40 + "\r", "") == expected


def test_nothing_is_shown_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """In CI, in a pipe."""
    assert not sys.stderr.isatty()
    with counted() as told:
        told(5)
    assert capsys.readouterr().err == ""
