"""A file of the pickle family is walked to its end: joblib's arrays, PyTorch's sequence, what is appended."""

import io
import pickle

import joblib
import numpy as np
import pytest
from tests.scan.pickle.reading import HARMLESS, call, glob, inspect, one, subjects, text

from assaymark.inspection import Header, Hole, HoleKind, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import LIMITS, Covered
from assaymark.scan.pickle import inspect_pickle

PAYLOAD = call("os", "system", one("id"))
OLD_PAYLOAD = b"cos\nsystem\n(S'id'\ntR."


def header(data: bytes) -> Header:
    """What the file says of itself."""
    return next(p for p in inspect_pickle(BytesBlob("x", data), LIMITS) if isinstance(p, Header))


def covered(data: bytes) -> tuple[int, int]:
    """Interpreted bytes and data."""
    part = next(p for p in inspect_pickle(BytesBlob("x", data), LIMITS) if isinstance(p, Covered))
    return part.interpreted, part.data


@pytest.mark.parametrize(
    "between", [b"", b"\0" * 64, b"\0" * 3_000_000, b"\n", b"some text that is no pickle "]
)
@pytest.mark.parametrize("payload", [PAYLOAD, OLD_PAYLOAD])
def test_pickles_behind_a_pickle_are_found(between: bytes, payload: bytes) -> None:
    """At once, after padding, or after other data."""
    assert subjects(HARMLESS + between + payload) == {"os.system"}


def test_pickles_behind_a_broken_one_are_found() -> None:
    """A break does not end the walk, and is told."""
    found = inspect(HARMLESS[:-1] + b"\xff\xff" + PAYLOAD)

    assert [h.kind for h in found.holes] == [HoleKind.BROKEN]
    assert {h.subject for h in found.hazards} == {"os.system"}


def test_trailing_data_is_a_note() -> None:
    """Bytes that are no pickle are mentioned; padding is not."""
    assert [h.level for h in inspect(HARMLESS + b"remains of something").hazards] == [Level.NOTE]
    assert inspect(HARMLESS + b"\0" * 100).hazards == ()


def test_a_break_says_what_had_run() -> None:
    """A truncated pickle is a hole even where nothing dangerous ran."""
    found = inspect(pickle.dumps(np.arange(3))[:-5])

    assert found.hazards == ()
    assert "cannot be followed past" in found.holes[0].reason


@pytest.mark.parametrize(
    "made",
    [
        np.arange(1000.0),
        np.arange(6).reshape(2, 3),
        np.array(["a", "bc"]),
        np.array([1, "b", None], dtype=object),
        np.zeros(3, dtype=[("x", "f4"), ("y", "i2")]),
        np.array([True, False]),
        np.zeros((0, 4)),
        {"a": np.arange(10), "b": [np.ones(5, dtype="f4"), "text"]},
    ],
    ids=str,
)
def test_arrays_inside_joblib_files_are_stepped_over(made: object) -> None:
    """Joblib writes raw bytes between opcodes; they are data, and what follows is still a pickle."""
    file = io.BytesIO()
    joblib.dump(made, file)
    data = file.getvalue()
    found = inspect(data)

    assert (found.hazards, found.holes) == ((), ())
    assert header(data).format == "joblib"
    assert subjects(data + PAYLOAD) == {"os.system"}


def test_a_payload_after_an_array_is_found() -> None:
    """The stream goes on behind the array's bytes."""
    file = io.BytesIO()
    joblib.dump([np.arange(100.0), "end"], file)
    data = file.getvalue()
    at = data.index(b"end") - 2

    assert subjects(data[:at] + PAYLOAD[2:-1] + data[at:]) == {"os.system"}


def test_an_array_of_objects_is_a_pickle_of_its_own() -> None:
    """A payload inside the object array of a joblib file is seen."""
    file = io.BytesIO()
    joblib.dump(np.array(["marker"], dtype=object), file)
    data = file.getvalue()
    at = data.index(b"marker") - 2 - (data[data.index(b"marker") - 2] == ord("X")) * 3
    changed = data[:at] + PAYLOAD[2:-1] + data[at:]

    assert "os.system" in subjects(changed)


MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


def legacy(count: int = 1500, behind: bytes = b"") -> bytes:
    """A file as PyTorch wrote it before 1.6: one tensor of floats, and its storage."""
    storage = b"(" + text("storage") + glob("torch", "FloatStorage") + text("0") + text("cpu")
    storage += b"M" + count.to_bytes(2, "little") + b"NtQ"
    tensor = (
        glob("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + b"K\x00M" + count.to_bytes(2, "little")
    )
    tensor += b"\x85K\x01\x85\x89" + glob("collections", "OrderedDict") + b")RtR"
    parts = (MAGIC, b"\x80\x02M\xe9\x03.", b"\x80\x02}.", b"\x80\x02}" + text("w") + tensor + b"s.",
             b"\x80\x02]" + text("0") + b"a.")  # fmt: skip
    raw = (b"\x80\x04cos\n" * count)[: count * 4]
    return b"".join(parts) + count.to_bytes(8, "little") + raw + behind


def test_legacy_torch_files() -> None:
    """Five pickles, then storages whose size is known; what is behind them is searched, they are not."""
    data = legacy()
    found = inspect(data)

    assert (found.hazards, found.holes) == ((), ())
    assert header(data).format == "torch-legacy"
    assert header(data).tensors == 1
    assert covered(data)[1] == 8 + 1500 * 4
    assert subjects(legacy(behind=PAYLOAD)) == {"os.system"}


def test_storages_pickled_by_value_are_followed() -> None:
    """`pickle.dump` of a tensor nests such a file in bytes; it is clean if all of that is."""
    inner = legacy(count=10)
    data = (
        b"\x80\x04"
        + glob("torch.storage", "_load_from_bytes")
        + b"B"
        + len(inner).to_bytes(4, "little")
        + inner
    )

    assert inspect(data + b"\x85R.").hazards == ()
    hostile = legacy(count=10, behind=PAYLOAD)
    data = b"\x80\x04" + glob("torch.storage", "_load_from_bytes") + b"B" + len(hostile).to_bytes(4, "little")
    assert subjects(data + hostile + b"\x85R.") == {"os.system"}


def test_the_header_says_what_is_needed() -> None:
    """Protocol, calls, libraries and names."""
    facts = dict(header(pickle.dumps(np.arange(3), 4)).metadata)

    assert facts["protocol"] == "4"
    assert facts["needs"] == "numpy"
    assert "numpy.dtype" in facts["globals"]


def test_every_byte_is_accounted_for() -> None:
    """Interpreted bytes are those of the pickles."""
    assert covered(HARMLESS + HARMLESS) == (2 * len(HARMLESS), 0)


def test_cut_anywhere_it_is_total() -> None:
    """Truncated at every byte: parts come out, and a hole unless it is whole."""
    data = pickle.dumps({"a": np.arange(4), "b": "text"}, 4)
    for end in range(1, len(data)):
        parts = list(inspect_pickle(BytesBlob("x", data[:end]), LIMITS))
        assert any(isinstance(part, Hole) for part in parts), end
