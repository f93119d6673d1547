"""Threads of the libraries beneath: one within a scan, and afterwards as before."""

import subprocess
import sys

PROGRAM = """
import os
from assaymark.dataset.executing.executor import cores, single_threaded
import numpy, threadpoolctl

def threads():
    return sorted((x["filepath"], x["num_threads"]) for x in threadpoolctl.threadpool_info())

NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
before, environment = threads(), [os.environ.get(n) for n in NAMES]
with single_threaded():
    with single_threaded():
        import sklearn.ensemble
    within = threads()
after = threads()
assert len(within) > len(before), "scikit-learn brings libraries of its own"
assert {n for _, n in within} == {1}, within
assert [x for x in after if x in before] == before, (before, after)
assert {n for _, n in after} == {cores()}, after
assert [os.environ.get(n) for n in NAMES] == environment
"""


def test_libraries_that_a_scan_loads_keep_to_one_thread_and_get_theirs_back() -> None:
    """In a program of its own, since what is loaded stays loaded."""
    clean = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=clean, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
