"""Archives whose views disagree, wrong names, compression, joblib and numpy containers (B11 to B14)."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from . import boxes
from . import opcodes as op
from .opcodes import Raw, call, name
from .sample import Sample, technique

ECHO = "echo assaymark"


def evil(rng: random.Random) -> bytes:
    """Make an ordinary hostile pickle, to be hidden by its container."""
    dotted = rng.choice(("os.system", "posix.system", "builtins.eval", "subprocess.Popen"))
    return op.stream(op.wrap(call(name(dotted), ECHO), rng), rng.choice((2, 4)))


GOOD = op.stream(op.BENIGN, 2)


def _central(data: bytes, number: int = 0) -> int:
    """Find where the n-th record of the central directory begins."""
    at = -1
    for _ in range(number + 1):
        at = data.index(b"PK\x01\x02", at + 1)
    return at


def _patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def _local(data: bytes, member: bytes) -> int:
    """Find where the local header of a member begins."""
    at = data.index(b"PK\x03\x04")
    while data[at + 30 : at + 30 + len(member)] != member:
        at = data.index(b"PK\x03\x04", at + 4)
    return at


def _entry(data: bytes, member: bytes) -> int:
    """Find where the central record of a member begins."""
    at = _central(data)
    while data[at + 46 : at + 46 + len(member)] != member:
        at = data.index(b"PK\x01\x02", at + 4)
    return at


PKL = b"archive/data.pkl"


@technique("B12", "zip-headers-disagree")
def _disagree(rng: random.Random) -> Iterator[Sample]:
    for _ in range(2):
        whole = boxes.torch_zip(evil(rng))
        local, central = _local(whole, PKL), _entry(whole, PKL)
        patches = {
            "local name": (local + 30, b"archive/notes.md"),
            "central name": (central + 46, b"archive/notes.md"),
            "local name case": (local + 30, b"ARCHIVE/DATA.PKL"),
            "encrypted flag central": (central + 8, b"\x01\x00"),
            "encrypted flag local": (local + 6, b"\x01\x00"),
            "strong encryption flag": (central + 8, b"\x41\x00"),
            "patch flag": (central + 8, b"\x20\x00"),
            "wrong check sum central": (central + 16, b"\xde\xad\xbe\xef"),
            "wrong check sum local": (local + 14, b"\xde\xad\xbe\xef"),
            "deflated says the central": (central + 10, b"\x08\x00"),
            "deflated says the local": (local + 8, b"\x08\x00"),
            "unknown method local": (local + 8, b"\x63\x00"),
            "zero size local": (local + 18, bytes(8)),
            "huge size local": (local + 18, b"\xf0\xff\xff\x7f" * 2),
            "version from the future": (central + 6, b"\xff\x00"),
            "directory bit": (central + 38, b"\x10\x00\x00\x00"),
            "descriptor flag": (local + 6, b"\x08\x00"),
            "disk number": (central + 34, b"\x07\x00"),
            "multi-disk end": (whole.rindex(b"PK\x05\x06") + 4, b"\x01\x00\x01\x00"),
            "entry count too small": (whole.rindex(b"PK\x05\x06") + 8, b"\x01\x00\x01\x00"),
            "comment length lies": (whole.rindex(b"PK\x05\x06") + 20, b"\x05\x00"),
        }
        for note, (at, new) in patches.items():
            yield Sample("model.pt", _patched(whole, at, new), note=note)


@technique("B12", "zip-names")
def _names(rng: random.Random) -> Iterator[Sample]:
    for member in ("archive/DATA.PKL", "archive/Data.Pkl", "archive\\data.pkl", "/archive/data.pkl", "../data.pkl",
                   "./archive/data.pkl", "archive/sub/../data.pkl", "archive//data.pkl", "data.pkl",
                   "archive/data.pkl ", "archive/data.pkl/", "archive/dat\u00e4.pkl"):  # fmt: skip
        members = {"archive/version": b"3\n", member: evil(rng), "archive/data/0": bytes(16)}
        yield Sample("model.pt", boxes.zipped(members), note=member)
    for member in ("archive/data/0", "archive/data/1", "archive/constants.pkl", "archive/extra/config.json",
                   "archive/.data/serialization_id", "archive/byteorder", "archive/version", "readme.txt",
                   "archive/code/a.debug_pkl", "archive/traced_inputs.pkl"):  # fmt: skip
        members = {"archive/data.pkl": GOOD, "archive/version": b"3\n", "archive/data/0": bytes(16)}
        label = "malicious" if member.endswith("constants.pkl") else "hidden"
        yield Sample(
            "model.pt", boxes.zipped(members | {member: evil(rng)}), label, note=f"payload in {member}"
        )


def _twice(first: bytes, second: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        for data in (first, second):
            info = zipfile.ZipInfo("archive/data.pkl")
            info.filename = "archive/data.pkl"
            bundle.NameToInfo.clear()
            bundle.writestr(info, data)
        bundle.writestr(zipfile.ZipInfo("archive/version"), b"3\n")
    return file.getvalue()


@technique("B12", "zip-structure")
def _structure(rng: random.Random) -> Iterator[Sample]:
    for _ in range(2):
        bad = evil(rng)
        whole, good = boxes.torch_zip(bad), boxes.torch_zip(GOOD)
        central = _central(whole)
        hidden = good[: _central(good)] + whole[:central]
        end = good.rindex(b"PK\x05\x06")
        at = _central(good)
        moved = _patched(good[at:], end - at + 16, struct.pack("<I", len(hidden)))
        forms = {
            "duplicate, evil first": _twice(bad, GOOD),
            "duplicate, evil second": _twice(GOOD, bad),
            "prefix": rng.randbytes(400) + whole,
            "prefix of a script": b"#!/bin/sh\nexit 0\n" + whole,
            "suffix": whole + bytes(100),
            "pickle before the zip": bad + good,
            "benign pickle before the zip": GOOD + whole,
            "pickle after the zip": good + bad,
            "two zips": good + whole,
            "two zips, evil first": whole + good,
            "member no directory knows": hidden + moved,
            "deflated": boxes.zipped(
                {"archive/data.pkl": bad, "archive/version": b"3"}, zipfile.ZIP_DEFLATED
            ),
            "bz2 member": boxes.zipped({"archive/data.pkl": bad, "archive/version": b"3"}, zipfile.ZIP_BZIP2),
            "lzma member": boxes.zipped({"archive/data.pkl": bad, "archive/version": b"3"}, zipfile.ZIP_LZMA),
            "zip in the comment": _commented(good, whole),
            "no directory": whole[:central],
            "broken member first": _patched(
                boxes.zipped({"archive/a.pkl": GOOD, "archive/data.pkl": bad, "archive/version": b"3"}),
                14,
                b"\0\1\2\3",
            ),
            "two folders": boxes.zipped(
                {"archive/data.pkl": GOOD, "archive/version": b"3", "other/data.pkl": bad}
            ),
            "five hundred members": boxes.zipped(
                {f"archive/data/{i}": b"x" for i in range(500)}
                | {"archive/data.pkl": bad, "archive/version": b"3"}
            ),
        }
        for note, data in forms.items():
            unreadable = note == "no directory"
            yield Sample("model.pt", data, "unreadable" if unreadable else "malicious", note=note)


def _commented(bundle: bytes, comment: bytes) -> bytes:
    return bundle[:-2] + struct.pack("<H", len(comment)) + comment


@technique("B13", "wrong-name")
def _misnamed(rng: random.Random) -> Iterator[Sample]:
    names = (
        "model.pt", "pytorch_model.bin", "last.ckpt", "model.safetensors", "model.gguf", "model.onnx", "config.json",
        "README.md", "notes.txt", "weights.npy", "weights.npz", "model.h5", "model.keras", "model.tflite", "model.pb",
        "model", "model.weird", "model.pkl.txt", "image.png", "model.PKL", "tokenizer.model", "model.ubj", "vocab",
        ".hidden", "data.parquet", "model.dat", "model.zip", "model.tar", "model.gz", "model.7z", "model.bin.1",
        "spiece.model", "events.out.tfevents", "model.pdparams", "model.mar", "model.nemo", "model.pdf", "a.csv",
    )  # fmt: skip
    for number, file in enumerate(names):
        yield Sample(file, evil(rng), note="pickle")
        box = ("torch-zip", "torch-legacy", "joblib-zlib", "bz2", "xz", "npz")[number % 6]
        yield Sample(file, boxes.BOXES[box][1](evil(rng)), note=box)


@technique("B14", "compressed")
def _compressed(rng: random.Random) -> Iterator[Sample]:
    forms = {
        "model.pkl.gz": lambda d: gzip.compress(d, mtime=0),
        "model.pkl.bz2": bz2.compress,
        "model.pkl.xz": lzma.compress,
        "model.pkl.lzma": lambda d: lzma.compress(d, lzma.FORMAT_ALONE),
        "model.pkl.z": zlib.compress,
        "model.joblib": lambda d: zlib.compress(d, 1),
        "best.joblib": lambda d: zlib.compress(d, 9),
        "model.pkl.zst": boxes.zstd,
        "model.pkl.lz4": boxes.lz4,
        "two members.gz": lambda d: gzip.compress(b"", mtime=0) + gzip.compress(d, mtime=0),
        "cut in two.gz": lambda d: gzip.compress(d[:9], mtime=0) + gzip.compress(d[9:], mtime=0),
        "two streams.bz2": lambda d: bz2.compress(b"") + bz2.compress(d),
        "two streams.xz": lambda d: lzma.compress(GOOD) + lzma.compress(d),
        "twice.pkl.gz": lambda d: gzip.compress(bz2.compress(d), mtime=0),
        "named.gz": lambda d: b"\x1f\x8b\x08\x08\0\0\0\0\0\xffmodel.png\0" + gzip.compress(d, mtime=0)[10:],
        "skippable.zst": lambda d: b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + boxes.zstd(d),
        "two frames.zst": lambda d: boxes.zstd(GOOD) + boxes.zstd(d),
        "two frames.lz4": lambda d: boxes.lz4(GOOD) + boxes.lz4(d),
        "trailing after gzip.gz": lambda d: gzip.compress(GOOD, mtime=0) + d,
        "bad check sum.gz": lambda d: gzip.compress(d, mtime=0)[:-8] + bytes(8),
        "cut.gz": lambda d: gzip.compress(d, mtime=0)[:-6],
        "cut.xz": lambda d: lzma.compress(d)[:-12],
        "cut.z": lambda d: zlib.compress(d)[:-3],
    }
    for file, squeeze in forms.items():
        for _ in range(2):
            yield Sample(file, squeeze(evil(rng)))


@technique("B14", "archives")
def _archives(rng: random.Random) -> Iterator[Sample]:
    tar = boxes.tarred({"model.pkl": evil(rng)})
    torch_tar = {
        "sys_info": op.stream(op.value({"protocol_version": 1000}), 2),
        "pickle": evil(rng),
        "storages": op.stream(op.value(0), 2),
        "tensors": op.stream(op.value(0), 2),
    }
    forms = {
        "models.tar": tar,
        "models.tgz": gzip.compress(tar, mtime=0),
        "models.tar.xz": lzma.compress(tar),
        "models.tar.zst": boxes.zstd(tar),
        "legacy.pt": boxes.tarred(torch_tar),
        "legacy tar.pth": boxes.tarred({**torch_tar, "storages": evil(rng), "pickle": GOOD}),
        "models.7z": boxes.seven_zip("model.pkl", evil(rng)),
        "model.pt": boxes.seven_zip("archive/data.pkl", evil(rng)),
        "a.zip": boxes.zipped({"b.zip": boxes.zipped({"c.zip": boxes.torch_zip(evil(rng))})}),
        "a.tar": boxes.tarred({"b.zip": boxes.zipped({"c.pkl.gz": gzip.compress(evil(rng), mtime=0)})}),
        "a.tar.gz": gzip.compress(boxes.tarred({"b.tar": boxes.tarred({"c.pt": boxes.torch_zip(evil(rng))})}), mtime=0),
        "mixed.zip": boxes.zipped({"x.7z": boxes.seven_zip("m.pkl", evil(rng)), "n.npz": boxes.zipped({"a.npy": boxes.npy(GOOD)})}),
        "second volume.tar": boxes.tarred({"a": b"x"}) + boxes.tarred({"b.pkl": evil(rng)}),
        "after the end.tar": boxes.tarred({"a": b"x"}) + evil(rng),
        "model.nemo": gzip.compress(boxes.tarred({"model_weights.ckpt": boxes.torch_zip(evil(rng))}), mtime=0),
        "model.mar": boxes.zipped({"MAR-INF/MANIFEST.json": b"{}", "model.pt": boxes.torch_zip(evil(rng))}),
        "model.mlmodel.zip": boxes.zipped({"MLmodel": b"flavors: {}\n", "model.pkl": evil(rng)}),
    }  # fmt: skip
    for file, data in forms.items():
        yield Sample(file, data)


def _joblib_array(payload: bytes, after: bool) -> bytes:
    """Write an array as joblib does, bytes in the middle of the pickle, and a call after or before it."""
    dtype = op.build(call(name("numpy.dtype"), "f8", False, True), (3, "<", None, None, None, -1, -1, 0))
    state = {"subclass": Raw(name("numpy.ndarray")), "shape": (2,), "order": "C", "dtype": Raw(dtype),
             "allow_mmap": True, "numpy_array_alignment_bytes": 16}  # fmt: skip
    array = op.build(name("joblib.numpy_pickle.NumpyArrayWrapper") + op.EMPTY_TUPLE + op.NEWOBJ, state)
    head = op.proto(4) + op.EMPTY_LIST + (b"" if after else payload + op.APPEND) + array
    pad = -(len(head) + 1) % 16 or 16
    data = bytes([pad]) + b"\xff" * pad + struct.pack("<2d", 1.0, 2.0)
    return head + data + op.APPEND + (payload + op.APPEND if after else b"") + op.STOP


@technique("B14", "joblib")
def _joblib(rng: random.Random) -> Iterator[Sample]:
    payload = call(name(rng.choice(("os.system", "posix.system"))), ECHO)
    for after in (True, False):
        whole = _joblib_array(payload, after)
        where = "after the array" if after else "before the array"
        yield Sample("model.joblib", whole, note=where)
        yield Sample("model.pkl", whole, note=where)
        yield Sample("model.joblib.gz", gzip.compress(whole, mtime=0), note=where)
        yield Sample("model.z", zlib.compress(whole), note=where)
        yield Sample("model.lz4.joblib", boxes.lz4(whole), note=where)
    yield Sample("legacy.joblib", boxes.legacy_joblib(evil(rng)), note="ZF")
    yield Sample("legacy.pkl", boxes.legacy_joblib(evil(rng)), note="ZF")
    second = _joblib_array(b"N", True)[:-1] + payload + op.APPEND + op.STOP
    yield Sample("two.joblib", second, note="after none")


@technique("B14", "numpy")
def _numpy(rng: random.Random) -> Iterator[Sample]:
    for version in (1, 2, 3):
        yield Sample("array.npy", boxes.npy(evil(rng), version), note=f"version {version}")
        yield Sample("array", boxes.npy(evil(rng), version), note=f"version {version}, no suffix")
    yield Sample("scalar.npy", boxes.npy(evil(rng), shape="()"))
    yield Sample("zero.npy", boxes.npy(evil(rng), shape="(0,)"))
    for member in ("a.npy", "a", "x.pkl", "arr_0.npy.bak"):
        yield Sample(
            "arrays.npz", boxes.zipped({"w.npy": boxes.npy(GOOD), member: boxes.npy(evil(rng))}), note=member
        )
    yield Sample("squeezed.npz", boxes.zipped({"a.npy": boxes.npy(evil(rng))}, zipfile.ZIP_DEFLATED))
    yield Sample("pickle.npy", evil(rng), note="numpy.load reads pickles under any name")
    yield Sample("raw.npz", boxes.zipped({"a.npy": evil(rng)}), note="pickle as a member")
    structured = boxes.npy(evil(rng)).replace(b"'|O'", b"[('a','|O')]").replace(b"        \n", b"\n")
    yield Sample("structured.npy", structured, note="objects in a structure")


@technique("B14", "appended")
def _appended(rng: random.Random) -> Iterator[Sample]:
    gguf = b"GGUF" + struct.pack("<IQQ", 3, 0, 0)
    hosts = {
        "model.safetensors": boxes.PLAIN_SAFETENSORS,
        "model.gguf": gguf,
        "model.onnx": b"\x08\x08\x12\x04test",
        "model.h5": b"\x89HDF\r\n\x1a\n" + bytes(88),
        "plot.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    }
    for file, host in hosts.items():
        yield Sample(file, host + evil(rng), "hidden", note="pickle behind")
        yield Sample(
            file,
            host + boxes.torch_zip(evil(rng)),
            "hidden" if file == "plot.png" else "malicious",
            note="zip behind",
        )


@technique("B11", "part-cannot-be-read")
def _unreadable(rng: random.Random) -> Iterator[Sample]:
    """Nothing can be seen; a scanner that says *clean* has not looked."""
    whole = boxes.torch_zip(evil(rng))
    locked = _patched(
        _patched(whole, _entry(whole, PKL) + 8, b"\x01\x00"), _local(whole, PKL) + 6, b"\x01\x00"
    )
    at = _local(locked, PKL) + 30 + len(PKL)
    yield Sample("locked.pt", _patched(locked, at, rng.randbytes(24)), "unreadable", note="encrypted")
    bomb = zlib.compress(bytes(1 << 30), 9)
    yield Sample("bomb.joblib", bomb, "unreadable", note="a gigabyte of zeros in a megabyte")
    yield Sample("bomb.pkl.gz", gzip.compress(gzip.compress(bytes(1 << 29), mtime=0), mtime=0), "unreadable")
    data = GOOD
    for number in range(40):
        data = boxes.zipped({f"{number}.zip": data})
    yield Sample("deep.zip", data, "unreadable", note="forty zips deep")
    yield Sample("method.zip", _patched(_patched(whole, _entry(whole, PKL) + 10, b"\x63\x00"), _local(whole, PKL) + 8, b"\x63\x00"), "unreadable", note="method 99")  # fmt: skip
    yield Sample(
        "cut.pkl", op.stream(op.value({"w": [0.5] * 999}))[:400], "unreadable", note="cut, nothing called"
    )
    yield Sample("cut.pt", boxes.torch_zip(GOOD)[:200], "unreadable")
    yield Sample("cut.safetensors", boxes.PLAIN_SAFETENSORS[:40], "unreadable")
    yield Sample("cut.gguf", b"GGUF" + struct.pack("<IQQ", 3, 9, 9), "unreadable")
    yield Sample("huge.pkl", op.proto(4) + b"\x8e" + struct.pack("<Q", 1 << 60), "unreadable")
