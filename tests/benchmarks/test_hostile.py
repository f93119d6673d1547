"""The generator gives the same valid files each time, and the scanner passes none of them."""

import pickletools
import random
from pathlib import Path

import pytest
from benchmarks.models import generate

from assaymark.inspection import Level
from assaymark.scan import scan

TECHNIQUES, half, op = generate.TECHNIQUES, generate.half, generate.machine.op

EACH = 3
"""Samples of each technique that are written and scanned here; the benchmark scans all."""


def samples(technique: str) -> list[generate.Sample]:
    """The first samples of a technique."""
    found = next(t for t in TECHNIQUES if t.id == technique)
    made = found.make(random.Random(f"tests {technique}"))
    return [sample for sample, _ in zip(made, range(EACH), strict=False)]


SHOWN = sorted(t.id for t in TECHNIQUES if half(t.id) == "shown")


def test_what_is_assembled_is_what_pickletools_reads() -> None:
    """Plain values come back from the assembler's bytes with the opcodes that say them."""
    value = {"a": [1, 2.5, None, True], "b": ("c", b"d"), "big": 2**70}

    opcodes = [code.name for code, _, _ in pickletools.genops(op.stream(op.value(value)))]

    assert opcodes[0] == "PROTO"
    assert opcodes[-1] == "STOP"
    assert {"BININT", "BINFLOAT", "NEWTRUE", "SHORT_BINBYTES", "LONG1", "TUPLE2", "SETITEMS"} <= set(opcodes)


def test_a_seed_gives_the_same_files_again() -> None:
    """Two runs with one seed write the same bytes under the same names."""
    names = ("memo", "zip-structure", "target")
    made = [
        [s for t in TECHNIQUES if t.id in names for s in t.make(random.Random(f"1 {t.id}"))] for _ in range(2)
    ]

    assert made[0] == made[1]
    assert len(made[0]) > 50


def test_there_are_enough_of_them() -> None:
    """All of B1 to B23 but those that need a scanner's own process are there, three in ten held back."""
    groups = {t.group for t in TECHNIQUES}
    held = sum(half(t.id) == "held" for t in TECHNIQUES) / len(TECHNIQUES)

    assert {f"B{n}" for n in range(1, 24)} - groups == {"B17", "B18"}
    assert 0.25 < held < 0.5
    assert len(generate.MODULES) == len(set(generate.MODULES))


@pytest.mark.parametrize("technique", SHOWN)
def test_nothing_hostile_passes(technique: str, tmp_path: Path) -> None:
    """What acts when it is loaded is named, and what cannot be read is not called clean."""
    for number, sample in enumerate(samples(technique)):
        folder = tmp_path / f"{number:03}"
        path = generate.write(folder, sample)
        report = scan(str(path), jobs=1)
        levels = {h.level for i in report.inspections for h in i.hazards}
        if sample.label == "malicious":
            assert levels & {Level.DANGEROUS, Level.UNKNOWN}, (sample.name, sample.note)
        elif sample.label == "unreadable":
            assert levels or any(i.holes for i in report.inspections), (sample.name, sample.note)
