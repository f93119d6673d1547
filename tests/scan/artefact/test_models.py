"""Model files are known by content, and only their headers are read."""

import bz2
import gzip
import io
import lzma
import pickle
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.artefact.samples import gguf, onnx, safetensors, torch_zip, zipped

from assaymark.scan.artefact import SCANNERS
from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import DataFile, Fact, HubReference, InspectedFile, ModelFile, ScanProblem


def scan(path: str, data: bytes) -> list[Fact]:
    """What the parsers of this package see."""
    blob = BytesBlob(path, data)
    wanted = [s for s in SCANNERS if s.accepts(path, data[:4096])]
    return [fact for s in wanted for fact in s.scan(blob)]


def model(path: str, data: bytes) -> ModelFile:
    """The one model file that is seen."""
    (found,) = [f for f in scan(path, data) if isinstance(f, ModelFile)]
    return found


class Payload:
    """Pickles into an import of `os.system`; it is only ever dumped."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("true",)


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol_show_what_they_import(protocol: int) -> None:
    """The name of what a pickle would call is in its header facts, whatever the protocol."""
    found = model("m.pkl", pickle.dumps(Payload(), protocol=protocol))
    assert found.format == "pickle"
    assert found.runs_code is True
    assert "posix.system" in dict(found.metadata)["globals"]


def test_a_pickle_is_known_without_its_suffix() -> None:
    """Calling it `weights.dat` hides nothing, and the mismatch is stated."""
    data = pickle.dumps({"a": [1, 2, 3], "b": "text"}, protocol=4)
    assert model("weights.dat", data).format == "pickle"
    assert model("weights.onnx", data).format == "pickle"
    assert not model("weights.onnx", data).extension_matches


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (torch_zip(), "torch-zip"),
        (safetensors(), "safetensors"),
        (gguf(), "gguf"),
        (onnx(), "onnx"),
        (b"\x1c\0\0\0TFL3" + b"\0" * 40, "tflite"),
        (b"CBM1" + b"\0" * 40, "catboost"),
        (b"tree\nversion=v4\nnum_class=1\n", "lightgbm"),
        (
            b'{"learner":{"attributes":{},"gradient_booster":{"name":"gbtree"}},"version":[2,1,0]}',
            "xgboost-json",
        ),
        (b'<?xml version="1.0"?>\n<PMML version="4.4">', "pmml"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 200, "hdf5"),
    ],
)
def test_formats_are_known_by_content(data: bytes, form: str) -> None:
    """The name `model.bin` tells nothing; the bytes do."""
    assert model("model.bin", data).format == form


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_a_compressed_pickle_is_opened_a_little(squeeze: object) -> None:
    """Joblib compresses; what is inside still says what it imports."""
    found = model("model.joblib", squeeze(pickle.dumps(Payload())))  # type: ignore[operator]
    assert found.runs_code is True
    assert "posix.system" in dict(found.metadata)["globals"]


def test_a_bomb_in_a_compressor_is_no_model() -> None:
    """Sixty-four megabytes of zeros behind a few bytes are walked and not kept."""
    bomb = zlib.compressobj()
    data = b"".join(bomb.compress(b"\0" * (1 << 20)) for _ in range(64)) + bomb.flush()
    assert model("m.joblib", data).problem


def test_safetensors_counts_parameters_and_shows_metadata() -> None:
    """Six values in one tensor, no code, and the format tag of the writer."""
    found = model("w.safetensors", safetensors((2, 3), {"format": "pt"}))
    assert (found.tensors, found.parameters, found.runs_code) == (1, 6, False)
    assert found.metadata == (("format", "pt"),)
    assert found.problem == ""


def test_bytes_behind_the_tensors_are_a_problem() -> None:
    """A pickle appended to a safetensors file does not go unmentioned."""
    facts = scan("w.safetensors", safetensors(tail=b"\x80\x04."))
    (seen,) = [f for f in facts if isinstance(f, InspectedFile)]
    assert "unclaimed-bytes" in {h.rule for h in seen.hazards}


def test_a_huge_safetensors_header_is_refused_with_the_bound() -> None:
    """The library reads no header of more than 100 MB; nor do we, and the reason says so."""
    found = scan("w.safetensors", struct.pack("<Q", 101_000_000) + b'{"w":{"dtype":"F32"' + b" " * 4_000)
    assert any(
        isinstance(f, ModelFile | ScanProblem) and ("problem" in str(f) or "bound" in str(f)) for f in found
    )


def test_gguf_tells_architecture_licence_and_template() -> None:
    """Metadata behind a long token list is still reached, and tensors are counted."""
    found = model("m.gguf", gguf(tokens=5000))
    assert dict(found.metadata) == {
        "architecture": "llama", "licence": "apache-2.0", "context length": "4096",
        "chat template": "present", "version": "3",
    }  # fmt: skip
    assert found.parameters == 32


def test_a_cut_gguf_says_so() -> None:
    """A download that stopped half-way is a problem, not a crash."""
    assert "ends at byte 60" in model("m.gguf", gguf()[:60]).problem


def test_absurd_gguf_counts_are_refused() -> None:
    """A count of 2**60 entries ends the reading at once."""
    assert "announces" in model("m.gguf", b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60)).problem


def test_onnx_shows_producer_opset_and_external_data() -> None:
    """Weights beside the file are named, weights inside are passed over."""
    found = model("m.onnx", onnx(external="../weights.bin"))
    facts = dict(found.metadata)
    assert facts["producer"] == "pytorch"
    assert facts["opset"] == "ai.onnx 17"
    assert facts["external data"] == "../weights.bin"
    assert (found.tensors, found.parameters) == (1, 6)


def test_numpy_arrays_of_objects_can_run_code() -> None:
    """Numbers cannot; an object array is a pickle inside an npy file."""
    plain, objects = io.BytesIO(), io.BytesIO()
    np.save(plain, np.zeros((4, 5)))
    np.save(objects, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert model("a.npy", plain.getvalue()).runs_code is False
    assert model("a.npy", plain.getvalue()).parameters == 20
    assert model("b.npy", objects.getvalue()).runs_code is True


def test_npz_is_a_data_file_and_shows_object_arrays() -> None:
    """Arrays become columns; an object array among them makes it a file that can run code."""
    buffer = io.BytesIO()
    np.savez(buffer, x=np.zeros((7, 2)), y=np.array([None, {}], dtype=object))
    facts = scan("d.npz", buffer.getvalue())
    (data,) = [f for f in facts if isinstance(f, DataFile)]
    assert data.rows == 7
    assert [c.name for c in data.columns] == ["x", "y"]
    assert model("d.npz", buffer.getvalue()).runs_code is True


def test_keras_archives_tell_of_lambda_layers() -> None:
    """A Lambda layer carries Python code; an ordinary one does not."""
    weights = {"metadata.json": b"{}", "model.weights.h5": b""}
    plain = zipped({"config.json": b'{"class_name": "Dense"}', **weights})
    code = b'{"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}'
    layer = b'{"module": "keras.layers", "class_name": "Lambda", "config": {"function": ' + code + b"}}"
    hostile = zipped({"config.json": layer, **weights}, zipfile.ZIP_DEFLATED)
    assert model("m.keras", plain).runs_code is False
    assert model("m.keras", hostile).runs_code is True


def test_member_names_in_capitals_hide_nothing() -> None:
    """PyTorch's own reader ignores case, so `DATA.PKL` counts too."""
    assert model("m.pt", zipped({"archive/DATA.PKL": pickle.dumps(Payload())})).runs_code is True


def test_an_ordinary_zip_is_no_model() -> None:
    """A zip of documents yields nothing."""
    assert scan("docs.zip", zipped({"a.txt": b"hello"})) == []


def test_a_broken_checkpoint_archive_is_a_problem() -> None:
    """The end of the archive is missing: said, not passed over."""
    assert any(isinstance(f, ScanProblem) for f in scan("m.pt", torch_zip()[:120]))


def test_a_bz2_member_is_read_like_any_other() -> None:
    """Its expansion is bounded."""
    found = model("m.pt", zipped({"a/data.pkl": pickle.dumps(Payload())}, zipfile.ZIP_BZIP2))
    assert (found.format, found.problem) == ("torch-zip", "")
    assert found.runs_code is True


def test_lfs_pointers_are_named_as_such() -> None:
    """The digest in the pointer is kept, since it is that of the weights."""
    oid = "ab" * 32
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12\n".encode()
    found = model("model.safetensors", text)
    assert found.format == "lfs-pointer"
    assert dict(found.metadata)["oid"] == oid
    assert found.runs_code is None


def test_a_text_file_called_safetensors_is_a_problem() -> None:
    """A name that promises weights and bytes that are none: unknown, and said."""
    assert any(isinstance(f, ScanProblem) for f in scan("w.safetensors", b"<html>404</html>"))


@pytest.mark.parametrize("text", [b"print('hello')\n", b"# readme\n", b'{"name": "x", "version": "1"}', b""])
def test_ordinary_text_is_no_model(text: bytes) -> None:
    """Source, prose and settings are left alone."""
    assert [f for f in scan("thing.txt", text) if isinstance(f, ModelFile)] == []


def test_a_path_file_of_python_is_no_model() -> None:
    """`site-packages/x.pth` shares a suffix with weights and is text."""
    assert scan("x.pth", b"import sys; sys.path.append('/x')\n") == []


def test_an_adapter_names_its_base_model() -> None:
    """`adapter_config.json` becomes a reference, unpinned unless its revision is a commit."""
    text = b'{"peft_type": "LORA", "base_model_name_or_path": "acme/base", "revision": null}'
    (reference,) = [f for f in scan("a/adapter_config.json", text) if isinstance(f, HubReference)]
    assert (reference.name, reference.pinned, reference.local) == ("acme/base", False, False)


def test_remote_code_in_a_config_is_a_reference() -> None:
    """`auto_map` with another repository takes code from there."""
    text = b'{"architectures": ["X"], "auto_map": {"AutoModel": "other/repo--m.X"}, "vocab_size": 5}'
    facts = scan("config.json", text)
    (reference,) = [f for f in facts if isinstance(f, HubReference)]
    assert (reference.kind, reference.name, reference.remote_code) == ("code", "other/repo", True)
    assert model("config.json", text).modalities == ("text",)


_STARTS = [
    torch_zip(),
    safetensors(),
    gguf(),
    onnx(),
    pickle.dumps(Payload()),
    b"\x93NUMPY\x01\0",
    b"PAR1",
    b"ARROW1\0",
    b"SQLite format 3\0",
    b"\x89HDF\r\n\x1a\n",
    b"{",
    b"[",
    b"a,b\n",
    b"outs:\n",
    b'{"learner":{',
]
_NAMES = [
    "m.pt",
    "m.joblib",
    "a.onnx",
    "d.csv",
    "d.jsonl",
    "d.json",
    "x.dvc",
    "SHA256SUMS",
    "model.sig",
    "config.json",
    "d.parquet",
    "MLmodel",
    "data_card.md",
    "sources.yaml",
    "hashes.json",
    "w.safetensors",
    "d.sqlite",
]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(_NAMES), st.sampled_from(_STARTS), st.integers(0, 80), st.binary(max_size=300))
def test_no_bytes_break_a_parser(path: str, start: bytes, keep: int, rest: bytes) -> None:
    """Any beginning, cut anywhere and continued with anything, ends in facts or in a problem."""
    for fact in scan(path, start[:keep] + rest):
        assert fact.at.path == path
