"""safetensors: the header is read strictly, the numbers are not read, and nothing hides between them."""

import json
import pickle
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from tests.scan.weights.looking import covered, formats, hazards, header, holes, members, parts, rules

from assaymark.inspection import HoleKind, Level

REAL = save({"a": np.zeros((3, 4), np.float32), "b": np.ones(5, np.int8)}, {"format": "pt", "license": "mit"})


def built(entries: dict[str, Any] | str, data: bytes = b"\0" * 24, pad: str = "") -> bytes:
    """A file with this header, after the format's own description."""
    text = (entries if isinstance(entries, str) else json.dumps(entries)) + pad
    return struct.pack("<Q", len(text.encode())) + text.encode() + data


def tensor(start: int, stop: int, shape: list[int], dtype: str = "F32") -> dict[str, Any]:
    """One entry of a header."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


W = tensor(0, 24, [2, 3])
TEXT = json.dumps(W)


def test_what_the_library_writes_is_clean_and_covered() -> None:
    """Every byte is structure or data, and licence and counts are shown."""
    found = header("m.safetensors", REAL)
    assert (found.format, found.tensors, found.parameters) == ("safetensors", 2, 17)
    assert found.metadata == (("format", "pt"), ("licence", "mit"))
    assert hazards("m.safetensors", REAL) == []
    assert holes("m.safetensors", REAL) == []
    assert covered("m.safetensors", REAL) == (len(REAL) - 53, 53)


@pytest.mark.parametrize(
    "dtype", ["float64", "float16", "int64", "uint8", "bool", "complex64", "uint16", "int32"]
)
def test_types_of_the_library_have_their_size(dtype: str) -> None:
    """No type that NumPy shares with the format is taken for another size."""
    data = save({"x": np.ones((3, 5), dtype), "empty": np.ones((0, 4), dtype), "scalar": np.ones((), dtype)})
    assert hazards("m.safetensors", data) == []
    assert holes("m.safetensors", data) == []


def test_it_is_known_without_its_name() -> None:
    """The name `weights.bin` changes nothing, and text does not become a model."""
    assert formats("weights.bin", REAL) == ["safetensors"]
    assert formats("a.json", b'{"dtype": 1}') == []


def test_a_pickle_behind_the_tensors_is_named_and_handed_on() -> None:
    """A polyglot's second file is inspected by its own content."""
    data = REAL + b"\x80\x04N."
    assert rules("m.safetensors", data) == {"unclaimed-bytes"}
    assert members("m.safetensors", data) == {f"@{len(REAL)}": b"\x80\x04N."}


@pytest.mark.parametrize(
    ("entries", "data", "rule"),
    [
        ({"a": tensor(0, 24, [6]), "b": tensor(8, 24, [4])}, b"\0" * 24, "tensor-overlap"),
        ({"a": tensor(0, 8, [2]), "b": tensor(16, 24, [2])}, b"\0" * 24, "unclaimed-bytes"),
        ({"a": tensor(0, 24, [2, 4])}, b"\0" * 24, "tensor-size"),
        ({"a": tensor(0, 24, [6], "F99")}, b"\0" * 24, "tensor-type"),
        ({"a": tensor(0, 24, [1 << 40, 1 << 40])}, b"\0" * 24, "tensor-shape"),
        ({"a": tensor(0, 24, [1 << 60, 0])}, b"\0" * 24, "tensor-shape"),
        (f'{{"a": {TEXT}, "a": {TEXT}}}', b"\0" * 24, "duplicate-key"),
        (
            '{"a":{"dtype":"F32","dtype":"F16","shape":[6],"data_offsets":[0,24]}}',
            b"\0" * 24,
            "duplicate-key",
        ),
        (f'{{"__metadata__":{{"a":"1","a":"2"}},"w":{TEXT}}}', b"\0" * 24, "duplicate-key"),
        (f'{{"w":{TEXT}}} x', b"\0" * 24, "unclaimed-bytes"),
        (f'{{"w":{TEXT}}}\0\0', b"\0" * 24, "unclaimed-bytes"),
    ],
)
def test_headers_that_mislead_are_unknown(entries: Any, data: bytes, rule: str) -> None:
    """Overlap, gap, wrong size, unknown type, absurd shape, names twice, text behind the object."""
    found = rules("m.safetensors", built(entries, data))
    assert rule in found
    assert rules("m.safetensors", built(entries, data), Level.DANGEROUS) == set()


def test_escaped_names_are_compared_as_they_are_read() -> None:
    r"""`"\u0061"` is `"a"`."""
    assert rules("m.safetensors", built(f'{{"\\u0061":{TEXT},"a":{TEXT}}}')) >= {"duplicate-key"}


def test_files_in_tensors_are_named_and_handed_on() -> None:
    """A pickle in a row of bytes; ordinary bytes and tables of them are numbers."""
    content = pickle.dumps({"a": list(range(50))})
    row = np.frombuffer(content, np.uint8)
    assert rules("m.safetensors", save({"w": row})) == {"file-in-tensor"}
    assert members("m.safetensors", save({"w": row})) == {"w": content}
    plain = {"a": np.arange(200, dtype=np.uint8), "b": np.zeros((4, 16), np.uint8)}
    assert rules("m.safetensors", save(plain)) == set()


@pytest.mark.parametrize("pad", ["", " ", "       ", "\n"])
def test_padding_behind_the_object_is_ordinary(pad: str) -> None:
    """The library pads its header with spaces to a multiple of eight."""
    assert hazards("m.safetensors", built({"w": W}, pad=pad)) == []


@pytest.mark.parametrize(
    "text",
    [
        "{", "{}}", '{"a"}', '{"a":1}', '{"a":[]}', '{"a":{}}', '{"a":{"dtype":"F32"}}', "[]", "nonsense",
        '{"a":{"dtype":1,"shape":[],"data_offsets":[0,0]}}', '{"__metadata__":1}', '{"__metadata__":{"a":1}}',
        '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}', '{"__metadata__":{"a":{}}}',
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', '{"a":' + "[" * 5000,
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}',
        '{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}',
    ],
)  # fmt: skip
def test_what_is_no_header_is_a_hole(text: str) -> None:
    """Not JSON, not an object, or not of tensors: broken, with the reason."""
    found = holes("m.safetensors", built(text))
    assert found or rules("m.safetensors", built(text))
    assert all(h.kind in (HoleKind.BROKEN, HoleKind.BOUND) for h in found)


def test_every_cut_shows() -> None:
    """A download that stopped at any byte is never clean."""
    for length in range(1, len(REAL)):
        assert holes("m.safetensors", REAL[:length]), length


@pytest.mark.parametrize("length", [0, 1, 1 << 31, (1 << 63) - 1, (1 << 64) - 1])
def test_hostile_lengths_end_at_once(length: int) -> None:
    """A header longer than the file costs eight bytes."""
    assert holes("m.safetensors", struct.pack("<Q", length) + b'{"a": {"dtype"')


def test_a_header_beyond_the_bound_is_a_hole() -> None:
    """The reason names the bound."""
    (hole,) = holes("m.safetensors", struct.pack("<Q", 40 << 20) + b'{"w"' + b" " * (40 << 20))
    assert hole.kind is HoleKind.BOUND
    assert "33,554,432" in hole.reason


def test_a_header_costs_only_itself() -> None:
    """A hundred gigabytes of weights are not read."""

    class Huge:
        path = "m.safetensors"
        size = 8 + len(HEAD) + (100 << 30)
        sha256 = ""
        most = 0

        def read(self, offset: int = 0, length: int = -1) -> bytes:
            data = struct.pack("<Q", len(HEAD)) + HEAD
            self.most += max(0, length)
            assert 0 <= length <= 1 << 20
            return data[offset : offset + length]

    from assaymark.scan.part import LIMITS, Covered
    from assaymark.scan.weights.safetensors import INSPECTOR

    huge = Huge()
    found = [p for p in INSPECTOR.inspect(huge, LIMITS) if isinstance(p, Covered)]
    assert sum(c.data for c in found) == 100 << 30
    assert huge.most < 4096


HEAD = json.dumps({"w": tensor(0, 100 << 30, [25 << 30])}, separators=(",", ":")).encode()


def test_metadata_is_read_as_text() -> None:
    """Addresses and credentials are noted, templates are judged as programs."""
    token = "hf_" + "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA2b"
    data = save({"a": np.zeros(1)}, {
        "source": "https://models.example/x", "note": f"token {token}", "chat_template": "{{ ''.__class__ }}",
    })  # fmt: skip
    assert rules("m.safetensors", data, Level.NOTE) == {"metadata-url", "metadata-secret"}
    assert rules("m.safetensors", data, Level.DANGEROUS) == {"template-escape"}
    assert not any(token in h.message + h.evidence for h in hazards("m.safetensors", data))


def test_a_page_called_safetensors_is_broken() -> None:
    """A name that promises weights and bytes that are none."""
    (hole,) = holes("w.safetensors", b"<html>404</html>")
    assert hole.kind is HoleKind.BROKEN
    assert formats("w.safetensors", b"version https://git-lfs.github.com/spec/v1\n") == []


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(REAL)), st.binary(max_size=40), st.integers(0, 60))
def test_any_bytes_end_in_parts(keep: int, middle: bytes, skip: int) -> None:
    """Damaged anywhere, it ends in hazards or holes and never in a defect of the parser."""
    data = REAL[:keep] + middle + REAL[keep + skip :]
    assert not any("parser broke" in h.reason for h in holes("m.safetensors", data))
    assert parts("m.safetensors", data)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.text(max_size=12), st.lists(st.integers(0, 6), max_size=3), max_size=6),
    st.text(max_size=20),
)
def test_what_the_library_writes_is_always_clean(shapes: dict[str, list[int]], note: str) -> None:
    """For any names and shapes every byte is accounted for and nothing is called odd."""
    shapes.pop("__metadata__", None)
    data = save({name: np.zeros(shape, np.float16) for name, shape in shapes.items()}, {"n": note})
    assert rules("m.safetensors", data) == set()
    assert holes("m.safetensors", data) == []
    assert sum(covered("m.safetensors", data)) == len(data)
