"""Beginnings by which bytes that ought to be numbers are told to be something else."""

import pickle
import random

import pytest

from assaymark.scan.container.starts import starts_like


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value", [{"a": 1}, [1, 2], ("x", 2.5), pickle.PickleBuffer, 7, "text", {"k": print}]
)
def test_pickles_are_recognised_by_their_first_opcodes(protocol: int, value: object) -> None:
    """Those with a protocol by it and what follows; those without, where they begin with an import."""
    data = pickle.dumps(value, protocol)

    assert starts_like(data) or protocol < 2


@pytest.mark.parametrize(
    "head",
    [b"cos\nsystem\n", b"(cos\nsystem\n", b"(ios\nsystem\n", b"PK\3\4", b"\x1f\x8b\x08\0", b"BZh91AY&SY",
     bytes(257) + b"ustar", b"\x7fELF", b"\x93NUMPY", b"#!/bin/sh"],
)  # fmt: skip
def test_imports_archives_and_programs_are_recognised(head: bytes) -> None:
    """By their first bytes."""
    assert starts_like(head)


def test_numbers_are_not() -> None:
    """Of a hundred thousand random beginnings, hardly any; of small floats and integers, none."""
    rng = random.Random(5)
    assert sum(starts_like(rng.randbytes(512)) for _ in range(100_000)) < 5
    for value in range(256):
        assert not starts_like(bytes([value]) * 512)
        assert not starts_like(value.to_bytes(8, "little") * 64)
