"""Native programs and scripts among models, whatever they are called: nothing in them is read."""

from collections.abc import Iterator

from assaymark.inspection import Hazard, Header, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part

__all__ = ["INSPECTOR"]

_STARTS = {
    b"\x7fELF": "a program or library for Linux",
    b"\xcf\xfa\xed\xfe": "a program or library for macOS",
    b"\xce\xfa\xed\xfe": "a program or library for macOS",
    b"\xfe\xed\xfa\xcf": "a program or library for macOS",
    b"\xfe\xed\xfa\xce": "a program or library for macOS",
}
_SCRIPT = "a script"
_WEIGHTS = (
    ".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle", ".joblib", ".safetensors", ".gguf", ".onnx", ".h5",
    ".keras", ".npy", ".npz", ".pb", ".tflite", ".engine", ".plan", ".model", ".weights",
)  # fmt: skip
"""Names under which a script is no script but a deception."""


def _kind(look: Look) -> str:
    head = look.head
    if head[:4] in _STARTS:
        return _STARTS[head[:4]]
    if head[:4] == b"\xca\xfe\xba\xbe" and 0 < int.from_bytes(head[4:8], "big") < 20:
        return "a program or library for macOS"
    if head[:2] == b"MZ" and len(head) >= 64:
        at = int.from_bytes(head[60:64], "little")
        if at <= len(head) - 4 and head[at : at + 4] == b"PE\0\0":
            return "a program or library for Windows"
    if head[:2] == b"MZ" and look.name.endswith((*_WEIGHTS, ".exe", ".dll", ".pyd")):
        return "a program or library for Windows"
    return _SCRIPT if head[:2] == b"#!" and look.name.endswith(_WEIGHTS) else ""


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    kind = _kind(Look(blob.path, blob.read(0, 4096), blob))
    yield Header(format="native")
    yield Hazard(
        rule="native-code", level=Level.UNKNOWN, offset=0,
        message=f"It is {kind or _SCRIPT}: whatever loads or starts it runs it. What it does was not read.",
    )  # fmt: skip
    yield Covered(interpreted=min(64, blob.size))


INSPECTOR = Inspector(format="native", claims=lambda look: bool(_kind(look)), inspect=_inspect)
