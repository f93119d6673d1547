"""Coverage-guided fuzzing of the container inspectors, with atheris; pytest does not collect it.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris && /tmp/fuzz/bin/pip install -e .
    /tmp/fuzz/bin/python tests/fuzz/fuzz_containers.py --seeds /tmp/seeds
    /tmp/fuzz/bin/python tests/fuzz/fuzz_containers.py -max_total_time=1800 -timeout=20 /tmp/seeds

The first byte of an input says what the rest is. A finding is any exception, any input that takes longer than
the timeout, and any part that is none of those an inspector may give.
"""

import io
import struct
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["assaymark.scan.container"]):
    from assaymark.scan.container import INSPECTORS
    from assaymark.scan.container.code import calls_of, parse_source
    from assaymark.scan.container.names import polyglot, wrong_extension
    from assaymark.scan.container.oci import manifest_facts
    from assaymark.scan.container.torchscript import judge_torchscript

from assaymark.inspection import Hazard, Header, Hole
from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import Covered, Limits, Look, Member

LIMITS = Limits(depth=3, members=200, expanded=16 << 20, held=1 << 20)


def walk(data: bytes) -> None:
    """All that the container inspectors do with a file, members included."""
    budget = [LIMITS.members]
    _walk(BytesBlob("fuzzed.bin", data), LIMITS.depth, budget)


def _walk(blob: BytesBlob, depth: int, budget: list[int]) -> None:
    look = Look(blob.path, blob.read(0, 4096), blob)
    for inspector in INSPECTORS:
        if not inspector.claims(look):
            continue
        for part in inspector.inspect(blob, LIMITS):
            assert isinstance(part, Hazard | Header | Hole | Covered | Member), part
            if isinstance(part, Member):
                budget[0] -= 1
                size = part.blob.size
                assert size >= 0, part.name
                part.blob.read(0, 4096)
                part.blob.read(max(0, size - 100), 100)
                if depth and budget[0] > 0:
                    _walk(part.blob, depth - 1, budget)
            elif isinstance(part, Hazard):
                assert part.message.isprintable(), part
            elif isinstance(part, Covered):
                assert part.interpreted >= 0 <= part.data, part


def tar(data: bytes) -> None:
    """Blocks whose checksums are made right."""
    out = bytearray(data[: len(data) // 512 * 512])
    for at in range(0, len(out), 512):
        if out[at + 148] & 1:
            out[at + 148 : at + 156] = b"        "
            out[at + 148 : at + 156] = b"%06o\0 " % sum(out[at : at + 512])
    walk(bytes(out))


def seven_zip(data: bytes) -> None:
    """A header behind a packed stream, with its checksum."""
    packed, header = data[:64], data[64:]
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    walk(b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + header)


def source(data: bytes) -> None:
    """Python and TorchScript."""
    list(judge_torchscript(BytesBlob("x", data), "m"))
    tree = parse_source(data)
    if tree is not None:
        list(calls_of(tree))


def texts(data: bytes) -> None:
    """Manifests, and names against formats."""
    list(manifest_facts(data))
    text = data.decode("utf-8", "replace")
    wrong_extension(text, ["pickle", "zip"])
    polyglot(text.split("\n")[:20])


TARGETS = (walk, tar, seven_zip, source, texts)


def one_input(data: bytes) -> None:
    """One run."""
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])


def seeds(folder: Path) -> None:
    """What real writers make, so that fuzzing need not find the formats by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = Path(__file__).parent.parent / "scan" / "container" / "samples"
    made = {
        p.name: b"\0" + p.read_bytes()
        for p in samples.iterdir()
        if p.suffix in (".pt", ".pt2", ".ptl", ".7z")
    }
    for name, method in (("stored", 0), ("deflated", 8), ("bzip2", 12), ("lzma", 14)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr("m/data.pkl", b"\x80\x04N.")
            archive.writestr("m/b", b"x" * 90)
        made[name] = b"\0" + out.getvalue()
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as archive:
            info = tarfile.TarInfo("n" * 90 + "/x")
            info.size = 9
            archive.addfile(info, io.BytesIO(b"x" * 9))
        made[f"tar{form}"] = b"\1" + out.getvalue()[:2560]
    seven = (samples / "copy.7z").read_bytes()
    made["header"] = b"\2" + bytes(64) + seven[32 + struct.unpack_from("<Q", seven, 12)[0] :]
    made["source"] = b"\3import os as o\nf = o.system\nf('x')\ntorch.save(x)\nops.a.b(1)\n"
    made["text"] = b'\4{"mediaType": "x", "layers": [{"annotations": {"a": "b"}}], "config": {}}'
    for name, data in made.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seeds"]:
        seeds(Path(sys.argv[2]))
    else:
        atheris.Setup(sys.argv, one_input)
        atheris.Fuzz()
