"""The log of what was said: asked for, bounded, for its owner's eyes."""

import os
from pathlib import Path

import pytest

from assaymark.errors import UsageError
from assaymark.guard.evidence.traffic_log import Several, TrafficLog
from tests.guard.core.small import Kept
from tests.guard.evidence.samples import CONTEXT, SEGMENTS, decision


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """Whatever the umask; a file that others may read is refused."""
    path = tmp_path / "t.jsonl"
    with TrafficLog(path) as log:
        log.record(decision(), SEGMENTS, CONTEXT)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)

    with pytest.raises(UsageError, match="Others may read"):
        TrafficLog(path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Text is not written where somebody else pointed to."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UsageError, match="cannot be opened"):
        TrafficLog(tmp_path / "link")


def test_it_stops_at_its_limit(tmp_path: Path) -> None:
    """A line that does not fit is not begun, also over several runs."""
    path = tmp_path / "t.jsonl"
    with TrafficLog(path) as log:
        log.record(decision(), SEGMENTS, CONTEXT)
    size = path.stat().st_size
    with TrafficLog(path, most_bytes=2 * size) as log:
        log.record(decision(), SEGMENTS, CONTEXT)
        with pytest.raises(OSError, match="has reached"):
            log.record(decision(), SEGMENTS, CONTEXT)

    assert path.stat().st_size == 2 * size


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    """The message is not passed as recorded."""
    log = TrafficLog(tmp_path / "t.jsonl")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, log._file.fileno())
    os.close(full)

    with pytest.raises(OSError, match="No space"):
        log.record(decision(), SEGMENTS, CONTEXT)
    log.close()


def test_a_decision_that_is_tried_again_is_kept_once() -> None:
    """The recorder that failed is asked again, the others are not."""

    class Once(Kept):
        def record(self, *args: object) -> None:
            super().record(*args)  # type: ignore[arg-type]
            if len(self.decisions) == 1:
                raise OSError("full")

    one, other = Kept(), Once()
    both = Several(one, other)
    with pytest.raises(OSError, match="full"):
        both.record(decision(), SEGMENTS, CONTEXT)
    both.record(decision(), SEGMENTS, CONTEXT)
    both.record(decision("d2"), SEGMENTS, CONTEXT)

    assert [d.id for d, _, _ in one.decisions] == ["d1", "d2"]


def test_several_recorders_each_get_the_decision() -> None:
    """In order."""
    one, other = Kept(), Kept()
    both = Several(one, other)
    both.record(decision(), SEGMENTS, CONTEXT)

    assert both.healthy
    assert one.decisions == other.decisions != []
