"""OpenVINO's intermediate representation: XML that is parsed as a stream, without entities or a DTD."""

import re
from collections.abc import Iterator
from xml.parsers import expat

from msgspec import Struct, field

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.weights._reader import MalformedError, TooMuchError
from assaymark.scan.weights._words import judge_texts, short

__all__ = ["INSPECTOR"]

_NET = re.compile(rb"<net[\s>]")
MAX_ELEMENTS = 2_000_000
MAX_DEPTH = 256
MAX_TOKEN = 4 << 20
MAX_BYTES = 256 << 20
_CHUNK = 1 << 18
_KNOWN = ("opset", "experimental", "ie_internal_opset", "ov_ops_opset", "util", "internal")
MAX_LISTED = 40


class _Found(Struct):
    facts: dict[str, str] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)
    foreign: dict[tuple[str, str], int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    elements: int = 0
    depth: int = 0
    layers: int = 0
    weights: int = 0
    """Bytes of the file of weights that constants reach."""


def _claims(look: Look) -> bool:
    head = look.head
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and b"<layers" in head and bool(_NET.search(head))


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    found, problem, end = _Found(), None, 0
    try:
        end = _parse(blob, found)
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"OpenVINO: {error}")
    except (MalformedError, expat.ExpatError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"OpenVINO: {short(str(error), 200)}")
    facts = {k: short(v) for k, v in found.facts.items()} | {"layers": str(found.layers)}
    if found.weights:
        facts["weights end"] = str(found.weights)
    yield Header(format="openvino", metadata=tuple(sorted(facts.items())))
    for (name, version), line in list(found.foreign.items())[:MAX_LISTED]:
        subject = f"{short(version, 40) or 'no set'}::{short(name, 60)}"
        message = f"It needs a library of layers from outside: {subject}."
        yield Hazard(
            rule="openvino-custom-layer", level=Level.UNKNOWN, subject=subject, message=message, line=line
        )
    for message in found.odd[:MAX_LISTED]:
        yield Hazard(rule="tensor-size", level=Level.UNKNOWN, message=message)
    yield from judge_texts(found.texts)
    if problem is not None:
        yield problem
    else:
        yield Covered(interpreted=end)


def _parse(blob: Blob, found: _Found) -> int:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        found.elements += 1
        found.depth += 1
        if found.elements > MAX_ELEMENTS:
            raise TooMuchError(f"more than {MAX_ELEMENTS:,} elements")
        if found.depth > MAX_DEPTH:
            raise TooMuchError(f"elements in elements, more than {MAX_DEPTH} deep")
        _element(name, attributes, found, parser.CurrentLineNumber)

    def end(name: str) -> None:
        found.depth -= 1

    def refuse(*_: object) -> None:
        raise MalformedError("it declares a document type or entities, which the format has not")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    if blob.size > MAX_BYTES:
        raise TooMuchError(f"more than {MAX_BYTES:,} bytes of XML")
    for at in range(0, blob.size, _CHUNK):
        if at - parser.CurrentByteIndex > MAX_TOKEN:  # it would be read again from its start, piece by piece
            raise TooMuchError(f"one element of more than {MAX_TOKEN:,} bytes")
        parser.Parse(blob.read(at, _CHUNK), at + _CHUNK >= blob.size)
    return blob.size


def _element(name: str, attributes: dict[str, str], found: _Found, line: int) -> None:
    if name == "net":
        found.facts.setdefault("name", attributes.get("name", ""))
        found.facts.setdefault("ir version", attributes.get("version", ""))
    elif name == "layer":
        found.layers += 1
        version = attributes.get("version", "")
        kind = attributes.get("type", "")
        foreign = version == "extension" or (version and not version.startswith(_KNOWN))
        if foreign and len(found.foreign) < MAX_LISTED:
            found.foreign.setdefault((kind, version), line)
    elif name == "data" and "offset" in attributes and "size" in attributes:
        _weights(attributes, found)
    if len(found.texts) < 400:
        found.texts.extend((f"{name}.{k}", v) for k, v in attributes.items() if len(v) > 12 and k == "value")


def _weights(attributes: dict[str, str], found: _Found) -> None:
    offset, size = attributes["offset"], attributes["size"]
    if (
        not (offset.isascii() and offset.isdigit() and size.isascii() and size.isdigit())
        or len(offset + size) > 36
    ):
        found.odd.append(
            f"A constant lies at an impossible place: {short(offset, 40)}, {short(size, 40)} bytes."
        )
    else:
        found.weights = max(found.weights, int(offset) + int(size))


INSPECTOR = Inspector(format="openvino", claims=_claims, inspect=_inspect)
