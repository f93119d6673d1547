"""Model formats that are zip archives: what they say of themselves, and what their loader runs."""

import base64
import io
import json
import zipfile

import numpy as np
import pytest
from tests.scan.container.reading import read, sample
from tests.scan.container.zips import Item, zipped

from assaymark.inspection import HoleKind, Level

PICKLE = b"\x80\x04N."


def archive(**members: bytes | str) -> bytes:
    """An archive by Python's zipfile; two underscores stand for a slash."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def named(members: dict[str, bytes | str]) -> bytes:
    """The same with names that are no Python names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "form", "kind", "tensors"),
    [
        ("state.pt", "torch-zip", "state", 2),
        ("no_checksums.pt", "torch-zip", "state", 2),
        ("script.pt", "torch-zip", "TorchScript", 2),
        ("mobile.ptl", "torch-zip", "mobile", 2),
        ("export.pt2", "torch-export", None, 2),
    ],
)
def test_pytorchs_archives_are_told_apart(name: str, form: str, kind: str | None, tensors: int) -> None:
    """With the number of their storages, which are counted as data and not read."""
    found = read(sample(name))
    header = found.headers[0]

    assert (header.format, dict(header.metadata).get("kind"), header.tensors) == (form, kind, tensors)
    assert not any("/data/0" in n or "weight_0" in n for n in found.names)
    assert sum(c.data for c in found.covered) > 0
    assert "zip" not in found.formats


def test_a_storage_that_is_no_storage_is_followed() -> None:
    """A pickle where numbers should be is read as one, and so is what has no number for a name."""
    odd, numbers = b"\x80\x02cos\nsystem\n.", b"\x80\x80\0\0" * 9
    found = read(named({"m/data.pkl": PICKLE, "m/data/0": odd, "m/data/1": numbers, "m/data/x.pkl": numbers}))

    assert found.rules == {"storage-not-numbers": Level.UNKNOWN}
    assert "m/data/0" in found.members
    assert "m/data/1" not in found.members
    assert "m/data/x.pkl" in found.members


def test_a_storage_behind_the_end_is_a_hole() -> None:
    """Its bytes are not there."""
    data = zipped(Item(b"m/data.pkl", PICKLE), Item(b"m/data/0", b"\0" * 8))
    at = data.rindex(b"PK\1\2")
    bent = bytearray(data)
    bent[at + 20 : at + 24] = bent[at + 24 : at + 28] = b"\xff\xff\xff\x0f"

    assert HoleKind.BROKEN in [h.kind for h in read(bytes(bent)).holes]


def test_npz_lists_its_arrays() -> None:
    """Name, type and shape of each."""
    out = io.BytesIO()
    np.savez(out, a=np.zeros((3, 4), np.float32), b=np.arange(5))
    header = read(out.getvalue()).headers[0]

    assert (header.format, header.tensors, header.parameters) == ("npz", 2, 17)
    assert header.metadata == (("a", "number (3, 4)"), ("b", "integer (5,)"))


def test_keras_and_skops_say_what_they_are() -> None:
    """From the JSON beside the weights."""
    config, metadata = '{"class_name": "Sequential"}', '{"keras_version": "3.1"}'
    keras = archive(**{"config.json": config, "metadata.json": metadata, "model.weights.h5": b"\x89HDF"})
    schema = '{"__class__": "LinearRegression", "__module__": "sklearn", "protocol": 1}'
    skops = archive(**{"schema.json": schema})

    assert read(keras).headers[0].metadata == (("keras version", "3.1"), ("class", "Sequential"))
    assert read(skops).headers[0].metadata == (("class", "sklearn.LinearRegression"), ("protocol", "1"))
    assert read(archive(**{"schema.json": "{}"})).formats == ["zip"]


def mar(handler: str, source: str, **model: str) -> bytes:
    """A TorchServe archive."""
    manifest = json.dumps({"model": {"modelName": "m", "handler": handler, **model}})
    return named({"MAR-INF/MANIFEST.json": manifest, "handler.py": source, "w.pt": PICKLE})


def test_a_handler_of_the_archive_is_unknown_and_its_source_is_judged() -> None:
    """TorchServe runs it: what it calls is named."""
    calm = read(
        mar("handler.py:handle", "import torch\n\ndef handle(d, c):\n    return torch.load('w.pt')\n")
    )
    hostile = read(
        mar("handler.py", "import os as o\nrun = o.system\n\ndef handle(d, c):\n    run('true')\n")
    )
    built_in = read(mar("image_classifier", "x = 1\n", requirementsFile="requirements.txt"))

    assert calm.rules == {"mar-handler": Level.UNKNOWN}
    assert calm.headers[0].format == "torchserve"
    assert hostile.rules["archive-code"] is Level.DANGEROUS
    assert [(h.subject, h.line) for h in hostile.hazards if h.rule == "archive-code"] == [("os.system", 5)]
    assert built_in.rules == {"mar-requirements": Level.NOTE}


def test_requirements_from_an_address_are_unknown() -> None:
    """With `install_py_dep_per_model` the server installs them."""
    manifest = json.dumps({"model": {"handler": "image_classifier", "requirementsFile": "r.txt"}})
    told = "# https://example.org\nnumpy==2\nevil @ http://127.0.0.1/x.whl\n--index-url https://x\n"
    found = read(named({"MAR-INF/MANIFEST.json": manifest, "r.txt": told}))

    assert [(h.line, h.level) for h in found.hazards] == [
        (0, Level.NOTE), (3, Level.UNKNOWN), (4, Level.UNKNOWN),
    ]  # fmt: skip


def test_source_that_does_not_parse_is_a_hole() -> None:
    """It could be for another Python."""
    assert [h.kind for h in read(mar("handler.py", "def (:")).holes] == [HoleKind.BROKEN]
    assert [h.kind for h in read(mar("handler.py", "x = 1\n" * 200_000)).holes] == [HoleKind.BOUND]


def test_the_pickles_of_stable_baselines_are_members() -> None:
    """They are base64 in a JSON file, and loading unpickles them."""
    told = {"policy": {":type:": "x", ":serialized:": base64.b64encode(PICKLE).decode()}, "n": 3,
            "bad": {":serialized:": "a"}}  # fmt: skip
    found = read(archive(data=json.dumps(told), **{"pytorch_variables.pth": b"", "policy.pth": b""}))

    assert found.headers[0].format == "stable-baselines3"
    assert found.members["data[policy]"] == PICKLE
    assert [h.member for h in found.holes] == ["data[bad]"]


def test_compiled_code_in_an_exported_program_is_unknown() -> None:
    """Loading an ahead-of-time package maps a library."""
    found = read(
        archive(
            **{"p/archive_format": "pt2", "p/archive_version": "0", "p/data/aotinductor/m/x.so": b"\x7fELF"}
        )
    )

    assert found.rules == {"archive-native-code": Level.UNKNOWN}


def test_packages_of_coreml_and_plain_archives() -> None:
    """One is named, the others are zip."""
    assert read(archive(**{"m.mlpackage/Manifest.json": "{}"})).headers[0].format == "coreml-package"
    assert read(archive(**{"META-INF/MANIFEST.MF": "x", "A.class": b"\xca\xfe"})).formats == ["zip"]


def test_json_that_is_none_says_nothing() -> None:
    """Hostile configurations leave the header bare."""
    for text in ("[" * 100_000, "3", "{", '{"class_name": ["' + "x" * 500 + '"]}'):
        found = read(archive(**{"config.json": text, "metadata.json": text}))
        assert found.headers[0].format == "keras-v3"
        assert found.headers[0].metadata == ()
