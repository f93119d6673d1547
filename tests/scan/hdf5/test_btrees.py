"""B-trees of both versions, also ones that go round in circles."""

import h5py
import numpy as np
import pytest
from tests.scan.hdf5.written import written
from tests.scan.looked_at import holes, looked_at


@pytest.mark.parametrize("version", ["earliest", "latest"])
@pytest.mark.parametrize("count", [3, 70, 2_000])
def test_every_link_of_a_group_is_walked(version: str, count: int) -> None:
    """From one leaf to several levels, no link of a group is missed."""

    def fill(file: h5py.File) -> None:
        group = file.create_group("group")
        for number in range(count):
            group[f"{number:05}"] = np.int8(number % 100)

    found = looked_at("x.h5", written(fill, version))

    assert (found.header.tensors, found.holes) == (count, ())


def test_chunks_are_counted_as_data() -> None:
    """What the chunks of an old index take is told as data, compressed as they are."""
    values = np.random.default_rng(0).random(20_000)

    def fill(file: h5py.File) -> None:
        file.create_dataset("d", data=values, chunks=(100,))

    found = looked_at("x.h5", written(fill, "earliest"))

    assert found.data == values.nbytes


def test_a_tree_that_leads_back_is_a_gap() -> None:
    """A node whose child is itself ends the walk of that tree, with a reason."""

    def fill(file: h5py.File) -> None:
        for number in range(3_000):
            file[f"{number:05}"] = h5py.SoftLink("/x")

    content = bytearray(written(fill, "earliest"))
    root = next(p for p in _all(content, b"TREE") if content[p + 5] > 0)
    content[root + 24 + 8 : root + 24 + 16] = root.to_bytes(8, "little")

    assert any("circles" in h.reason or "level" in h.reason for h in holes("x.h5", bytes(content)))


def _all(content: bytes | bytearray, signature: bytes) -> list[int]:
    places, at = [], content.find(signature)
    while at >= 0:
        places.append(at)
        at = content.find(signature, at + 1)
    return places
