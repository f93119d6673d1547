"""HDF5 as a whole: what is read elsewhere, what Keras and PyTables would do, and what could not be read."""

import io
import json
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scan.hdf5.written import VERSIONS, written
from tests.scan.looked_at import holes, looked_at, verdict, words
from tests.scan.payloads import DANGEROUS

SAMPLES = Path(__file__).parents[1] / "config" / "samples"
LAMBDA = {
    "class_name": "Lambda",
    "config": {"function": ["4wEAAAAAAAAAAAAAAAEA", None, None], "function_type": "lambda"},
}
MODEL = {"class_name": "Sequential", "config": {"layers": [LAMBDA]}, "keras_version": "2.15.0"}


def plain(file: h5py.File) -> None:
    """Groups, attributes and datasets of every storage, and a loop."""
    file.attrs["words"] = "some text"
    file["vector"] = np.arange(100.0)
    file.create_dataset("chunks", data=np.arange(400.0).reshape(20, 20), chunks=(5, 5), compression="gzip")
    many = file.create_group("many")
    for number in range(60):
        many.create_group(f"group {number}").attrs["number"] = number
    for number in range(40):
        many.attrs[f"attribute {number}"] = "y" * number
    file["loop"] = file["/"]
    file["soft"] = h5py.SoftLink("/nowhere")


@pytest.mark.parametrize("version", VERSIONS)
def test_plain_data_is_clean(version: str) -> None:
    """Numbers and text are data in every version of the format, loops and soft links do no harm."""
    found = looked_at("data.h5", written(plain, version))

    assert found is not None
    assert (found.header.format, str(found.verdict), found.holes) == ("hdf5", "clean", ())
    assert (found.header.tensors, found.header.parameters) == (2, 500)
    assert 0 < found.interpreted < found.size


@pytest.mark.parametrize("version", VERSIONS)
def test_links_to_other_files_are_dangerous(version: str) -> None:
    """An external link is named with the file it opens, however many links the group holds."""

    def fill(file: h5py.File) -> None:
        for number in range(30):
            file[f"link {number}"] = h5py.ExternalLink(f"other {number}.h5", "/secret")

    found = words("model.h5", written(fill, version))

    assert sorted(found) == sorted(
        ("hdf5-external-link", "dangerous", f"other {n}.h5:/secret") for n in range(30)
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_values_in_other_files_are_dangerous(version: str) -> None:
    """External storage reads any file of the machine as numbers (CVE-2026-1669)."""

    def fill(file: h5py.File) -> None:
        file.create_dataset("weights", (10,), "u1", external=[("/etc/passwd", 0, 10)])

    assert words("model.h5", written(fill, version)) == [
        ("hdf5-external-storage", "dangerous", "/etc/passwd")
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_datasets_put_together_from_other_files_are_dangerous(version: str) -> None:
    """Only sources outside the file count; since HDF5 2.0 entries share names with earlier ones."""
    names = ["x" * 50 + ".h5", "x" * 50 + ".h5", "short.h5"]

    def fill(file: h5py.File) -> None:
        file["own"] = np.arange(10)
        layout = h5py.VirtualLayout((4, 10), "i8")
        for row, name in enumerate(names):
            layout[row] = h5py.VirtualSource(name, "data" if row else "d" * 40, (10,))
        layout[3] = h5py.VirtualSource(file["own"])
        file.create_virtual_dataset("all", layout)

    assert words("model.h5", written(fill, version)) == [
        ("hdf5-virtual-dataset", "dangerous", f"{names[0]}:{'d' * 40}"),
        ("hdf5-virtual-dataset", "dangerous", f"{names[1]}:data"),
        ("hdf5-virtual-dataset", "dangerous", "short.h5:data"),
    ]


def test_a_virtual_dataset_of_its_own_file_is_clean() -> None:
    """A dataset that only rearranges what is in the file reads nothing else."""

    def fill(file: h5py.File) -> None:
        file["own"] = np.arange(10)
        layout = h5py.VirtualLayout((2, 5), "i8")
        layout[0] = h5py.VirtualSource(file["own"])[:5]
        layout[1] = h5py.VirtualSource(file["own"])[5:]
        file.create_virtual_dataset("all", layout)

    assert verdict("data.h5", written(fill, "earliest")) == verdict("data.h5", written(fill)) == "clean"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_a_keras_model_in_attributes_is_judged(version: str, kind: str) -> None:
    """Keras 2 and earlier keep the configuration as text, of fixed or of variable length."""
    text = json.dumps(MODEL)

    def fill(file: h5py.File) -> None:
        file.attrs["model_config"] = text if kind == "text" else np.bytes_(text.encode())
        file.attrs["keras_version"] = "2.15.0"

    found = looked_at("model.h5", written(fill, version))

    assert [(h.rule, str(h.level)) for h in found.hazards] == [("keras-lambda", "dangerous")]
    assert found.header.format == "keras-h5"
    assert ("keras", "2.15.0") in found.header.metadata


def test_the_real_library_writes_clean_and_dangerous_models() -> None:
    """Files that Keras 3 itself wrote: a Dense layer is clean, a Lambda is not, and is quoted."""
    honest = looked_at("sequential.h5", (SAMPLES / "sequential.h5").read_bytes())
    hostile = looked_at("lambda.h5", (SAMPLES / "lambda.h5").read_bytes())

    assert str(honest.verdict) == "clean"
    assert [h.rule for h in hostile.hazards] == ["keras-lambda"]
    assert "getpid" in hostile.hazards[0].evidence


def test_a_configuration_that_is_no_json_is_a_gap() -> None:
    """What Keras would try to read and cannot be read is not passed over."""

    def fill(file: h5py.File) -> None:
        file.attrs["model_config"] = "{'class_name': 1"

    assert [h.reason.partition(":")[0] for h in holes("model.h5", written(fill))] == [
        "the Keras configuration"
    ]


def test_pytables_pickles_are_inspected() -> None:
    """PyTables and pandas unpickle attributes, so these go through the pickle machine."""

    def fill(file: h5py.File) -> None:
        file.attrs["PYTABLES_FORMAT_VERSION"] = np.bytes_(b"2.1")
        file.attrs["nothing"] = np.bytes_(b"N.")
        file.attrs["evil"] = np.void(DANGEROUS)

    found = looked_at("store.h5", written(fill))

    assert str(found.verdict) == "dangerous"
    assert {h.member for h in found.hazards} == {"@evil[0]"}


def test_rows_of_pickles_are_a_gap() -> None:
    """PyTables keeps objects as rows of pickles, which are values and were not read."""

    def fill(file: h5py.File) -> None:
        file["rows"] = np.zeros(3, "u1")
        file["rows"].attrs["PSEUDOATOM"] = np.bytes_(b"object")

    assert "/rows" in holes("store.h5", written(fill))[0].reason


def test_attributes_of_other_programs_are_no_pickles() -> None:
    """Only PyTables unpickles; text elsewhere that ends in a full stop is text."""

    def fill(file: h5py.File) -> None:
        file.attrs["note"] = "cos\nsystem\n(S'x'\ntR."

    assert verdict("store.h5", written(fill)) == "clean"


@pytest.mark.parametrize("userblock", [0, 512, 4096])
def test_a_user_block_hides_nothing(userblock: int) -> None:
    """The signature may stand at any power of two from 512."""

    def fill(file: h5py.File) -> None:
        file["away"] = h5py.ExternalLink("o.h5", "/x")

    assert [w[0] for w in words("model.h5", written(fill, "latest", userblock))] == ["hdf5-external-link"]


def test_what_follows_the_end_is_inspected() -> None:
    """A pickle behind the file is found; zeros are padding."""
    data = written(plain)

    assert verdict("data.h5", data + bytes(100)) == "clean"
    assert verdict("data.h5", data + DANGEROUS) == "dangerous"


def test_opaque_text_is_not_decoded_as_a_number() -> None:
    """Numbers that happen to be called like Keras' attribute are none of Keras."""

    def fill(file: h5py.File) -> None:
        file.attrs["model_config"] = 7

    found = looked_at("data.h5", written(fill))

    assert (found.header.format, str(found.verdict)) == ("hdf5", "clean")


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_a_file_cut_anywhere_is_never_clean(version: str) -> None:
    """Every prefix that still has the signature gives a gap or what was seen, and no crash."""

    def fill(file: h5py.File) -> None:
        file.attrs["text"] = "x"
        file["away"] = h5py.ExternalLink("o.h5", "/x")

    data = written(fill, version)
    verdicts = {verdict("model.h5", data[:length]) for length in range(8, len(data))}

    assert verdicts <= {"dangerous", "inconclusive"}


@settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_changed_bytes_never_break_the_walk(version: str, data: st.DataObject) -> None:
    """Whatever stands in the structures, the walk ends and no parser's defect shows."""
    content = bytearray(CHANGED[version])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    assert not [h for h in holes("model.h5", bytes(content)) if "broke" in h.reason]


def _varied(file: h5py.File) -> None:
    plain(file)
    file.create_dataset("away", (10,), "u1", external=[("/etc/passwd", 0, 10)])
    file["link"] = h5py.ExternalLink("o.h5", "/x")


CHANGED = {version: written(_varied, version) for version in ("earliest", "latest")}


def test_an_honest_store_of_numpy_objects_is_read(tmp_path: Path) -> None:
    """A file on disk and the same bytes in memory give the same."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("strings", data=["a", "b"], dtype=h5py.string_dtype())
        file.create_dataset("table", data=np.zeros(3, dtype=[("a", "i4"), ("b", "f8")]))
        file.attrs["pickle"] = np.void(pickle.dumps([1, 2]))

    assert verdict("data.h5", buffer.getvalue()) == "clean"
