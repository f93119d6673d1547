"""A real Ray cluster on this machine: several workers, one killed in the middle of its work."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.dataset.executing import made
from tests.dataset.executing.test_passes import fingerprint

from assaymark.dataset.executing.executor import Serial, workers_of
from assaymark.dataset.executing.passes import run
from assaymark.errors import AssaymarkError

pytest.importorskip("ray", reason="the extra `ray` is not installed")
pytest.importorskip("sklearn")  # which sets a variable of its own when it is first imported


def children() -> set[int]:
    """Processes that descend from this one."""
    found = {os.getpid()}
    while True:
        more = {p for p, parent in _parents() if parent in found} - found
        if not more:
            return found - {os.getpid()}
        found |= more


def _parents() -> Iterator[tuple[int, int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        yield int(stat.parent.name), int(text.rpartition(")")[2].split()[1])


def test_a_cluster_gives_the_same_though_a_worker_is_killed(tmp_path: Path) -> None:
    """Three workers give what this process gives; a killed one changes nothing; no process stays."""
    parts = made.shards(16)
    before = children()
    environment, printing = dict(os.environ), print
    with workers_of("ray", 3) as cluster:
        outcome = run(made.plan(16, read=made.Killing(parts[5].first, str(tmp_path))), cluster)
        assert children() > before

    assert len(list(tmp_path.iterdir())) == 1
    assert fingerprint(outcome) == fingerprint(run(made.plan(16), Serial()))
    assert children() <= before
    assert dict(os.environ) == environment
    assert print is printing


def test_a_cluster_that_is_not_there_is_told() -> None:
    """An address where nothing answers is an error with advice, within seconds."""
    with workers_of("ray", None, "nonsense://x") as cluster, pytest.raises(AssaymarkError, match="nonsense"):
        run(made.quick(), cluster)
