"""ONNX: graphs are data, yet they can name other files, operators that need a library, and compiled code."""

from collections.abc import Iterator

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.weights._paths import leaves_folder
from assaymark.scan.weights._protobuf import BYTES, VARINT, Wire
from assaymark.scan.weights._reader import MalformedError, TooMuchError
from assaymark.scan.weights._tables import table
from assaymark.scan.weights._tail import beside
from assaymark.scan.weights._words import judge_texts, short
from assaymark.scan.weights.onnx_model import External, Model, read_model

__all__ = ["INSPECTOR"]

_STANDARD = ("", "ai.onnx")
_LISTED = (*_STANDARD, "ai.onnx.ml")


def _claims(look: Look) -> bool:
    if look.head.startswith(b"version https://git-lfs") or not look.head:
        return False
    return look.name.endswith((".onnx", ".ort.onnx")) or _is_model(look)


def _is_model(look: Look) -> bool:
    """Fields of a ModelProto in any order, with a graph that begins as one."""
    if look.head[0] not in (0x08, 0x12, 0x1A, 0x3A, 0x42):
        return False
    wire, seen = Wire(look.blob, fields=64, limit=1 << 20), set()
    try:
        for found in wire.fields(0, look.blob.size):
            seen.add(found.number)
            if found.number not in (1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26):
                return False
            if found.kind != (VARINT if found.number in (1, 5) else BYTES):
                return False
            if found.number == 1 and not 1 <= found.value <= 64:
                return False
            if found.number in (2, 3) and (found.size > 256 or not wire.text(found).isprintable()):
                return False
            if found.number == 7 and not _is_graph(wire, found.start, found.end):
                return False
    except (MalformedError, TooMuchError):
        return {1, 7} <= seen
    return {1, 7} <= seen


def _is_graph(wire: Wire, start: int, end: int) -> bool:
    numbers = {1, 2, 5, 10, 11, 12, 13, 14, 15, 16}
    for count, found in enumerate(wire.fields(start, end)):
        if found.number not in numbers or found.kind != BYTES:
            return False
        if count >= 2:
            break
    return end > start


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    model, problem = Model(), None
    try:
        read_model(Wire(blob), blob.size, model)
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"ONNX: {error}")
    except (MalformedError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"ONNX: {error}")
    yield Header(
        format="onnx",
        tensors=model.tensors,
        parameters=min(model.parameters, 1 << 62),
        metadata=_facts(model),
    )
    yield from _judged(model)
    interpreted = max(0, model.end - model.data - model.unknown_bytes)
    yield Covered(interpreted=interpreted, data=min(model.data, blob.size))
    if problem is not None:
        yield problem
    if model.graphs and (problem is None or problem.kind is HoleKind.BROKEN):
        yield from beside(blob, model.end, model.unknown, broken=problem is not None)


def _facts(model: Model) -> tuple[tuple[str, str], ...]:
    facts = {key: short(value) for key, value in model.facts.items()}
    facts["nodes"] = str(model.nodes)
    if model.opsets:
        facts["opset"] = ", ".join(short(o, 60) for o in model.opsets[:10])
    if model.external:
        names = dict.fromkeys(short(e.location, 200) for e in model.external)
        facts["external data"] = ", ".join(list(names)[:5])
    for key in ("license", "licence"):
        if key in facts:
            facts["licence"] = facts.pop(key)
    return tuple(sorted(facts.items()))


def _judged(model: Model) -> Iterator[Hazard]:
    seen: set[str] = set()
    for reference in model.external:
        if reference.location not in seen:
            seen.add(reference.location)
            yield from _location(reference)
        yield from _extent(reference)
    for path, at in model.contexts:
        yield from _context(path, at)
    yield from _operators(model)
    yield from _functions(model)
    for rule, message, at in model.sizes:
        yield Hazard(rule=rule, level=Level.UNKNOWN, message=short(message, 300), offset=at)
    yield from judge_texts(model.texts)


def _location(reference: External) -> Iterator[Hazard]:
    problem = leaves_folder(reference.location)
    if problem:
        path = short(reference.location)
        yield Hazard(
            rule="onnx-external-path", level=Level.DANGEROUS, subject=path, offset=reference.at,
            message=f"Loading reads another file as weights, and its path {problem}: {path}.",
        )  # fmt: skip


def _extent(reference: External) -> Iterator[Hazard]:
    """Offset and length are decimal texts; anything else, or a size that does not fit, misleads a loader."""
    numbers = []
    for text in (reference.offset, reference.length):
        if text and not (text.isascii() and text.isdigit() and int(text[:20]) < 1 << 50):
            message = f"Tensor {short(reference.tensor, 80)} lies at an impossible place: {short(text, 40)}."
            yield Hazard(
                rule="onnx-external-extent", level=Level.UNKNOWN, message=message, offset=reference.at
            )
            return
        numbers.append(int(text) if text else -1)
    if numbers[1] >= 0 and reference.needed >= 0 and numbers[1] != reference.needed:
        yield Hazard(
            rule="tensor-size", level=Level.UNKNOWN, offset=reference.at,
            message=f"Tensor {short(reference.tensor, 80)} takes {numbers[1]:,} bytes of another file; its "
            f"type and shape need {reference.needed:,}.",
        )  # fmt: skip


def _context(path: str, at: int) -> Iterator[Hazard]:
    message = (
        "It holds code compiled for an accelerator, or names a file of it; what that does cannot be seen."
    )
    yield Hazard(rule="onnx-compiled", level=Level.UNKNOWN, subject="EPContext", message=message, offset=at)
    if path.isprintable() and (problem := leaves_folder(path)):
        message = f"Loading reads another file as compiled code, and its path {problem}: {short(path)}."
        yield Hazard(
            rule="onnx-external-path", level=Level.DANGEROUS, subject=short(path), message=message, offset=at
        )


def _operators(model: Model) -> Iterator[Hazard]:
    """Operators that no ordinary runtime has, one hazard a domain."""
    foreign: dict[str, list[tuple[str, int]]] = {}
    for (domain, name), at in model.operators.items():
        if (domain, name) in model.functions or (
            domain in _STANDARD and ("ai.onnx", name) in model.functions
        ):
            continue
        if domain in table("operators.yaml", "domains"):
            if name in table("operators.yaml", "python"):
                yield _operator("onnx-python-operator", domain, name, at, "calls Python code of its host")
            elif domain in _LISTED and name not in table("operators.yaml", domain or "ai.onnx"):
                yield _operator("onnx-unknown-operator", domain, name, at, "is no standard operator")
        else:
            foreign.setdefault(domain, []).append((name, at))
    for domain, uses in list(foreign.items())[:50]:
        names = ", ".join(short(n, 40) for n, _ in uses[:10])
        yield Hazard(
            rule="onnx-custom-operator", level=Level.UNKNOWN, subject=short(domain, 80), offset=uses[0][1],
            message=f"It needs a library of operators from outside, of domain {short(domain, 80)}: {names}.",
        )  # fmt: skip


def _operator(rule: str, domain: str, name: str, at: int, what: str) -> Hazard:
    subject = f"{domain or 'ai.onnx'}::{short(name, 80)}"
    return Hazard(
        rule=rule, level=Level.UNKNOWN, subject=subject, offset=at, message=f"Operator {subject} {what}."
    )


def _functions(model: Model) -> Iterator[Hazard]:
    for (domain, name), at in model.functions.items():
        standard = domain in _STANDARD and name in table("operators.yaml", "ai.onnx")
        if standard or (domain in table("operators.yaml", "domains") and domain not in _STANDARD):
            subject = f"{domain or 'ai.onnx'}::{short(name, 80)}"
            message = f"Its own function takes the place of the operator {subject}."
            yield Hazard(
                rule="onnx-shadowed-operator",
                level=Level.UNKNOWN,
                subject=subject,
                message=message,
                offset=at,
            )


INSPECTOR = Inspector(format="onnx", claims=_claims, inspect=_inspect)
