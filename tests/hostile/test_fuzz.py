"""Damaged files of every kind: no parser raises, none takes long, and what they say can be kept."""

import random
import time

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import ScanProblem
from assaymark.scan.registry import scan_blob
from tests.hostile.mutation import corpus, mutate

LONG = 30.0
"""Seconds of processor time; a parser written in C may be slow, and is ended from outside at last."""


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_no_parser_breaks_on_damaged_files(seed: int) -> None:
    """Eight damaged files a seed; a problem that says the parser broke is a defect of ours."""
    dice = random.Random(seed)
    for _ in range(8):
        path, data = dice.choice(corpus())
        damaged = mutate(data, dice)[:20_000]
        begun = time.process_time()

        facts = scan_blob(BytesBlob(path, damaged))

        assert time.process_time() - begun < LONG
        assert [f.reason for f in facts if isinstance(f, ScanProblem) and "broke (" in f.reason] == []
        msgspec.json.encode(facts)
