"""Coverage-guided fuzzing of the parsers of tensors, graphs and templates; not collected by pytest.

Run it with atheris installed (its wheels are for Linux)::

    python tests/fuzz/fuzz_weights.py -max_total_time=1800 -timeout=20 corpus/

The first byte of an input picks the inspector, or the judge of templates; the rest is the file. An
exception that leaves an inspector, bytes that are counted twice, or an input that takes longer than
libFuzzer's time-out is a finding. `--seeds DIR` writes one small file for each format, to begin with.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["assaymark.scan.weights", "assaymark.scan.template"]):
    import assaymark.scan.artefact  # noqa: F401 - loaded first, as the command line does
    from assaymark.inspection import Hazard, Header, Hole
    from assaymark.scan.blob import BytesBlob
    from assaymark.scan.part import LIMITS, Covered, Look, Member
    from assaymark.scan.template import judge_template
    from assaymark.scan.weights import INSPECTORS

PARTS = (Hazard, Hole, Header, Covered, Member)
NAMES = {"savedmodel": "saved_model.pb", "keras-metadata": "keras_metadata.pb", "metagraph": "m.meta",
         "mlpackage": "Manifest.json", "openvino": "m.xml", "paddle-parameters": "m.pdiparams"}  # fmt: skip
"""Names by which formats without a mark of their own are known."""


def target(data: bytes) -> None:
    """One input."""
    if not data:
        return
    choice = data[0] % (len(INSPECTORS) + 1)
    if choice == len(INSPECTORS):
        for found in judge_template(data[1:].decode("utf-8", "replace"), "chat_template"):
            assert isinstance(found, Hazard | Hole)
        return
    inspector = INSPECTORS[choice]
    blob = BytesBlob(NAMES.get(inspector.format, f"m.{inspector.format}"), data[1:])
    inspector.claims(Look(blob.path, data[1:4097], blob))
    counted = 0
    for part in inspector.inspect(blob, LIMITS):
        assert isinstance(part, PARTS)
        if isinstance(part, Covered):
            assert part.interpreted >= 0
            assert part.data >= 0
            counted += part.interpreted + part.data
        elif isinstance(part, Member):
            assert part.blob.size <= blob.size
    assert counted <= blob.size, f"{inspector.format}: {counted} of {blob.size} bytes"


SEEDS = {
    "safetensors": b'\x3c\0\0\0\0\0\0\0{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.ljust(68)
    + b"\0" * 8,
    "gguf": b"GGUF\3\0\0\0" + b"\1" + b"\0" * 7 + b"\1" + b"\0" * 7 + b"\1" + b"\0" * 7 + b"a\4\0\0\0\7\0\0\0"
            + b"\1" + b"\0" * 7 + b"w\1\0\0\0\2" + b"\0" * 7 + b"\0" * 12 + b"\0" * 40,
    "numpy": b"\x93NUMPY\1\0\x3b\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" + b"\0" * 8,
    "onnx": b"\x08\x09\x12\x02pt\x3a\x16\x0a\x06\x22\x04Relu\x12\x01g\x2a\x09\x08\x02\x10\x01\x4a\x03abc",
    "savedmodel": b"\x08\x01\x12\x12\x12\x10\x0a\x0e\x0a\x01r\x12\x08ReadFile\x1a",
    "graphdef": b"\x0a\x0d\x0a\x01r\x12\x08ReadFile",
    "openvino": b'<net version="11"><layers><layer type="A" version="x"/></layers></net>',
    "mlpackage": b'{"itemInfoEntries": {"a": {"path": "x"}}}',
    "coreml": b"\x08\x04\x12\x00\xa2\x1f\x0a\x0a\x08\xa2\x1f\x05\x52\x03abc",
    "tflite": b"\x08\0\0\0TFL3\x0c\0\0\0\x04\0\x04\0\x04\0\0\0",
    "paddle": b"\x0a\x13\x08\x00\x10\x01\x1a\x00\x22\x0b\x1a\x07py_func\x20\x01",
}  # fmt: skip
TEMPLATE = b"""{% for m in messages %}{{ m['role'] ~ ''|attr('__class__') }}
{% if 'x' in m.content %}a b c d e{% endif %}{% endfor %}"""


def seeds(folder: Path) -> None:
    """Write one input for each format."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, inspector in enumerate(INSPECTORS):
        data = SEEDS.get(inspector.format, b"\0" * 64)
        (folder / inspector.format).write_bytes(bytes([number]) + data)
    (folder / "template").write_bytes(bytes([len(INSPECTORS)]) + TEMPLATE)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seeds"]:
        seeds(Path(sys.argv[2]))
    else:
        atheris.Setup(sys.argv, target)
        atheris.Fuzz()
