"""ExecuTorch programs (.pte): operators by name, and code for backends, which stays unseen."""

from collections.abc import Iterator

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.weights._flatbuffer import Flat
from assaymark.scan.weights._reader import MalformedError, TooMuchError
from assaymark.scan.weights._words import short

__all__ = ["INSPECTOR"]

_KNOWN = ("aten::", "prims::", "prim::", "executorch_prim::", "dim_order_ops::", "quantized_decomposed::",
          "llama::", "et_vk::", "torchao::", "_operator::")  # fmt: skip
"""Name spaces of operators that the runtime and its kernel libraries bring along."""
MAX_LISTED = 40


def _claims(look: Look) -> bool:
    return look.head[4:6] == b"ET" and look.head[6:8].isdigit()


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    flat = Flat(blob)
    operators: dict[str, None] = {}
    backends: dict[str, None] = {}
    problem = None
    try:
        for plan in flat.root().tables(1):
            operators.update(dict.fromkeys(op.text(0, 256) for op in plan.tables(6)))
            backends.update(dict.fromkeys(delegate.text(0, 256) for delegate in plan.tables(7)))
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"ExecuTorch: {error}")
    except (MalformedError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"ExecuTorch: {error}")
    facts = (
        ("backends", ", ".join(short(b, 40) for b in list(backends)[:10])),
        ("operators", str(len(operators))),
    )
    yield Header(format="executorch", metadata=tuple(f for f in facts if f[1]))
    for name in [o for o in operators if not o.startswith(_KNOWN)][:MAX_LISTED]:
        message = f"It needs a library of operators from outside: {short(name, 80)}."
        yield Hazard(
            rule="executorch-custom-operator", level=Level.UNKNOWN, subject=short(name, 80), message=message
        )
    if problem is not None:
        yield problem
    elif backends:
        reason = f"it holds code for {len(backends)} backends, which is in their own formats"
        yield Hole(
            kind=HoleKind.UNSUPPORTED,
            reason=f"ExecuTorch: {reason}",
            size=blob.size - min(flat.end, blob.size),
        )
    else:
        yield Covered(interpreted=min(flat.end, blob.size), data=blob.size - min(flat.end, blob.size))


INSPECTOR = Inspector(format="executorch", claims=_claims, inspect=_inspect)
