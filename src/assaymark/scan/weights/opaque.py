"""Formats that are recognised and not read: what they are, why that is, and the names that can be seen."""

import re
from collections.abc import Callable, Iterator

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Inspector, Limits, Look, Part
from assaymark.scan.weights._words import short

__all__ = ["INSPECTORS"]

SEARCHED = 16 << 20
"""Bytes of an engine that are searched for names of plugins."""
MAX_HITS = 5_000
_PLUGIN = re.compile(rb"Plugin(?:V\d|Dynamic|_TRT)?(?![A-Za-z0-9_])|_TRT(?![A-Za-z0-9_])")
_GGML = {b"lmgg": "ggml", b"fmgg": "ggmf", b"tjgg": "ggjt", b"algg": "ggla"}
_RDATA = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n")


def _tensorrt(look: Look) -> bool:
    if look.head[:4] in (b"ptrt", b"ftrt"):
        return True
    named = look.name.endswith((".engine", ".plan", ".trt"))
    return named and b"\0" in look.head and not look.head.startswith((b"PK", b"\x80"))


def _engine(blob: Blob, limits: Limits) -> Iterator[Part]:
    data = blob.read(0, SEARCHED)
    plugins = _plugins(data)
    facts = (("plugins", ", ".join(plugins)[:300]),) if plugins else ()
    yield Header(format="tensorrt", metadata=facts)
    yield Hazard(
        rule="tensorrt-engine", level=Level.NOTE, evidence=", ".join(plugins)[:400],
        message="It holds machine code for a GPU, which TensorRT loads and runs"
        + (f"; it names plugins: {', '.join(plugins[:5])}." if plugins else "."),
    )  # fmt: skip
    reason = "TensorRT engines are in no published format; build the engine from the original model"
    yield Hole(kind=HoleKind.UNSUPPORTED, reason=reason, size=blob.size)


def _plugins(data: bytes) -> list[str]:
    """Names that end as those of plugins do; each is looked for from its end."""
    found: dict[str, None] = {}
    for hits, match in enumerate(_PLUGIN.finditer(data)):
        if hits >= MAX_HITS or len(found) >= 20:
            break
        before = data[max(0, match.start() - 60) : match.start()]
        first = len(before)
        while first and (before[first - 1 : first].isalnum() or before[first - 1] == 95):
            first -= 1
        if len(before) - first >= 3:
            found[(before[first:] + match[0]).decode("ascii", "replace")] = None
    return list(found)


def _ggml(look: Look) -> bool:
    return look.head[:4] in _GGML


def _old_ggml(blob: Blob, limits: Limits) -> Iterator[Part]:
    head = blob.read(0, 8)
    version = str(int.from_bytes(head[4:8], "little"))
    yield Header(format="ggml", metadata=(("container", _GGML.get(head[:4], "")), ("version", version)))
    reason = "GGML files from before GGUF do not say how they are laid out; convert the model to GGUF"
    yield Hole(kind=HoleKind.UNSUPPORTED, reason=reason, size=blob.size)


def _torch7(look: Look) -> bool:
    kind = int.from_bytes(look.head[:4], "little")
    return look.name.endswith(".t7") and len(look.head) > 8 and 0 <= kind <= 8


def _rdata(look: Look) -> bool:
    head = look.head
    return head.startswith(_RDATA) or (
        look.name.endswith((".rds", ".rdata", ".rda")) and head[:2] in (b"X\n", b"A\n")
    )


def _ort(look: Look) -> bool:
    return look.head[4:8] == b"ORTM"


def _rknn(look: Look) -> bool:
    return look.head[:4] == b"RKNN"


def _mxnet(look: Look) -> bool:
    return look.head[:16] == b"\x12\x01" + b"\0" * 14


def _unread(form: str, reason: str) -> Callable[[Blob, Limits], Iterator[Part]]:
    def inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
        yield Header(format=form)
        yield Hole(kind=HoleKind.UNSUPPORTED, reason=short(reason, 300), size=blob.size)

    return inspect


_LUA = "Torch7 files can hold functions in Lua's byte code, and are not read"
_R = "R's serialised objects can hold functions and promises that run when they are touched, and are not read"
_ORT = "ONNX Runtime's own format is not read; scan the ONNX model that it was made from"
_NPU = "it holds code compiled for an accelerator, in no published format"
_MX = "MXNet's parameters are not read; their format holds arrays only"

INSPECTORS = (
    Inspector(format="tensorrt", claims=_tensorrt, inspect=_engine),
    Inspector(format="ggml", claims=_ggml, inspect=_old_ggml),
    Inspector(format="torch7", claims=_torch7, inspect=_unread("torch7", _LUA)),
    Inspector(format="r-data", claims=_rdata, inspect=_unread("r-data", _R)),
    Inspector(format="ort", claims=_ort, inspect=_unread("ort", _ORT)),
    Inspector(format="rknn", claims=_rknn, inspect=_unread("rknn", _NPU)),
    Inspector(format="mxnet", claims=_mxnet, inspect=_unread("mxnet", _MX)),
)
