"""safetensors: a JSON header that is read entry by entry, and numbers that are not read at all."""

import itertools
import json
import math
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Member, Part
from assaymark.scan.template import judge_templates
from assaymark.scan.weights._hidden import Span, lie
from assaymark.scan.weights._reader import MalformedError, Slice, TooMuchError
from assaymark.scan.weights._tables import table
from assaymark.scan.weights._words import judge_texts, short
from assaymark.scan.weights.places import Place

__all__ = ["INSPECTOR", "tensor_places"]

MAX_HEADER = 100_000_000
"""Bytes of header that the safetensors library itself accepts."""
MAX_TENSORS = 1 << 18
MAX_METADATA = 8 << 20
MAX_DIMENSION = 1 << 48
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"((?:[^"\\\x00-\x1f]++|\\.)*+)"')
_ENTRY = re.compile(
    rb'\{"dtype":"(\w{1,20})","shape":\[([0-9,]{0,400})\],"data_offsets":\[(\d{1,20}),(\d{1,20})\]\}'
)
MAX_ROWS = 1024
"""Tensors of bytes whose beginning is looked at."""
_FILE = re.compile(
    rb"PK\x03\x04|\x7fELF[\x01\x02]|\x1f\x8b\x08[\0\x08]|7z\xbc\xaf\x27\x1c|\xfd7zXZ\0|BZh[1-9]1AY"
    rb"|\x80[\x02-\x05](?:\x95.{6}\0\0|[\]}(c)][^\0])",
    re.DOTALL,
)
"""Archives, programs and pickles."""
_RENAMED = {"license": "licence", "modelspec.license": "licence", "base_model": "base model",
            "modelspec.architecture": "architecture", "ss_base_model_version": "base model"}  # fmt: skip


class _Found(Struct):
    """What the header says, gathered entry by entry."""

    spans: list[Span]
    hazards: list[Hazard]
    metadata: dict[str, str]
    names: set[str]
    places: list[Place]
    tensors: int = 0
    parameters: int = 0


def _claims(look: Look) -> bool:
    head = look.head
    if head.startswith(b"version https://git-lfs"):
        return False
    begins = len(head) >= 10 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 40
    return look.name.endswith(".safetensors") or (
        begins and (b'"dtype"' in head or b'"__metadata__"' in head)
    )


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    length = int.from_bytes(blob.read(0, 8), "little")
    found = _Found([], [], {}, set(), [])
    problem: Hole | None = None
    end = 8
    try:
        header = _header(blob, length, limits)
        end = 8 + length
        _entries(header, found)
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"safetensors: {error}", size=blob.size - end)
    except (MalformedError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"safetensors: {error}", size=max(0, blob.size - end))
    kept = tuple(sorted((_RENAMED.get(k, k[:80]), short(v)) for k, v in found.metadata.items())[:20])
    parameters = min(found.parameters, 1 << 62)
    yield Header(format="safetensors", tensors=found.tensors, parameters=parameters, metadata=kept)
    yield from found.hazards
    yield from judge_texts((f"__metadata__.{k}", v) for k, v in found.metadata.items())
    templates = [(k, v) for k, v in found.metadata.items() if "template" in k.lower()]
    yield from judge_templates((k, v) for k, v in templates if "{{" in v or "{%" in v)
    if problem is not None:
        yield problem
        return
    yield Covered(interpreted=end)
    yield from lie(blob, end, found.spans)
    yield from _files(blob, end, found.places)


def _files(blob: Blob, base: int, places: Sequence[Place]) -> Iterator[Part]:
    """Files that lie in tensors of bytes, as far as their first bytes tell."""
    rows = (p for p in places if p.dtype in ("U8", "I8") and len(p.shape) == 1 and p.shape[0] >= 16)
    for place in itertools.islice(rows, MAX_ROWS):
        start = base + place.start
        if _FILE.match(blob.read(start, 16)):
            message = (
                f"Tensor {short(place.name, 80)} holds a file; whatever takes it out decides what it does."
            )
            yield Hazard(rule="file-in-tensor", level=Level.UNKNOWN, message=message, offset=start)
            stretch = Slice(blob, start, place.shape[0], f"{blob.path}!/{place.name}")
            yield Member(place.name, stretch)


def tensor_places(blob: Blob, limits: Limits) -> Iterator[Place]:
    """Where each tensor lies.

    Raises:
        ValueError: the header is broken.
    """
    length = int.from_bytes(blob.read(0, 8), "little")
    found = _Found([], [], {}, set(), [])
    _entries(_header(blob, length, limits), found)
    for place in found.places:
        yield Place(place.name, place.dtype, place.shape, 8 + length + place.start)


def _header(blob: Blob, length: int, limits: Limits) -> bytes:
    if length > blob.size - 8:
        raise MalformedError(
            f"its header of {length:,} bytes does not fit into {blob.size:,}: it was cut off, or is none"
        )
    bound = min(MAX_HEADER, limits.held)
    if length > bound:
        raise TooMuchError(f"its header of {length:,} bytes is longer than the bound of {bound:,}")
    header = blob.read(8, length)
    if header[:1] != b"{":
        raise MalformedError("its header is not a JSON object")
    return header


def _entries(header: bytes, found: _Found) -> None:
    """Walk the outermost object; everything in it is small, so that only pieces are decoded."""
    at = _space(header, 1)
    first = True
    while header[at : at + 1] != b"}":
        if not first:
            if header[at : at + 1] != b",":
                raise MalformedError(f"its header is not valid JSON at byte {at:,}")
            at = _space(header, at + 1)
        first = False
        name, at = _string(header, at)
        at = _space(header, at)
        if header[at : at + 1] != b":":
            raise MalformedError(f"its header is not valid JSON at byte {at:,}")
        at = _entry(header, _space(header, at + 1), name, found)
        at = _space(header, at)
    if header[at + 1 :].strip(b" \t\r\n"):
        _irregular(
            found,
            "unclaimed-bytes",
            f"{len(header) - at - 1:,} bytes of its header follow the JSON object.",
            at + 9,
        )


def _space(header: bytes, at: int) -> int:
    match = _SPACE.match(header, at)
    return match.end() if match else at


def _string(header: bytes, at: int) -> tuple[str, int]:
    match = _STRING.match(header, at)
    if match is None:
        raise MalformedError(f"its header is not valid JSON at byte {at:,}")
    text = json.loads(match[0]) if b"\\" in match[0] else match[1].decode("utf-8")
    return text, match.end()


def _entry(header: bytes, at: int, name: str, found: _Found) -> int:
    if name in found.names:
        message = f"The name {short(name, 80)} occurs twice in its header; readers differ in which they take."
        _irregular(found, "duplicate-key", message, at + 8)
    if len(found.names) > MAX_TENSORS:
        raise TooMuchError(f"more than {MAX_TENSORS:,} tensors")
    found.names.add(name)
    if name == "__metadata__":
        return _metadata(header, at, found)
    match = _ENTRY.match(header, at)
    if match is not None:
        shape = [int(n) for n in match[2].split(b",")] if match[2] else []
        _tensor(found, name, match[1].decode(), shape, (int(match[3]), int(match[4])), at)
        return match.end()
    end = header.find(b"}", at) + 1
    if header[at : at + 1] != b"{" or not 0 < end - at < 1 << 16:
        raise MalformedError(f"the entry of tensor {short(name, 80)} is not an object")
    entry = _object(header[at:end], found, at)
    dtype, sizes, offsets = (
        entry.get("dtype"),
        _numbers(entry.get("shape")),
        _numbers(entry.get("data_offsets")),
    )
    if not isinstance(dtype, str) or sizes is None or offsets is None or len(offsets) != 2:
        raise MalformedError(f"tensor {short(name, 80)} has no valid type, shape and offsets")
    _tensor(found, name, dtype, sizes, (offsets[0], offsets[1]), at)
    return end


def _numbers(value: object) -> list[int] | None:
    if isinstance(value, list) and all(type(n) is int and n >= 0 for n in value):
        return value
    return None


def _object(text: bytes, found: _Found, at: int) -> dict[str, object]:
    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(items)) < len(items):
            message = "A key occurs twice in one object of its header; readers differ in which they take."
            _irregular(found, "duplicate-key", message, at + 8)
        return dict(items)

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except RecursionError:
        raise TooMuchError("its header is nested too deeply") from None
    if not isinstance(value, dict):
        raise MalformedError("an entry of its header is not an object")
    return value


def _metadata(header: bytes, at: int, found: _Found) -> int:
    """The map of texts: strings only, so that its end is the first brace outside of one."""
    if header[at : at + 1] != b"{":
        raise MalformedError("its __metadata__ is not an object")
    end = _space(header, at + 1)
    while header[end : end + 1] != b"}":
        if header[end : end + 1] in (b":", b","):
            end += 1
        else:
            match = _STRING.match(header, end)
            if match is None:
                raise MalformedError("its __metadata__ holds something that is not text")
            end = match.end()
        end = _space(header, end)
        if end - at > MAX_METADATA:
            raise TooMuchError(f"more than {MAX_METADATA:,} bytes of metadata")
    value = _object(header[at : end + 1], found, at)
    found.metadata = {str(k): str(v) for k, v in value.items()}
    return end + 1


def _tensor(
    found: _Found, name: str, dtype: str, shape: list[int], offsets: tuple[int, int], at: int
) -> None:
    found.tensors += 1
    start, stop = offsets
    elements = math.prod(shape[:64])
    if start > stop:
        raise MalformedError(f"tensor {short(name, 80)} ends before it begins")
    bits = table("dtypes.yaml", "safetensors").get(dtype)
    if len(shape) > 64 or any(n > MAX_DIMENSION for n in shape) or elements > 1 << 56:
        message = f"Tensor {short(name, 80)} declares an absurd shape: {short(str(shape), 80)}."
        _irregular(found, "tensor-shape", message, at + 8)
    elif bits is None:
        message = f"Tensor {short(name, 80)} is of a type that is on no list: {short(dtype, 40)}."
        _irregular(found, "tensor-type", message, at + 8)
    elif (elements * bits + 7) // 8 != stop - start:
        message = (
            f"Tensor {short(name, 80)} holds {stop - start:,} bytes; its type and shape need "
            f"{(elements * bits + 7) // 8:,}."
        )
        _irregular(found, "tensor-size", message, at + 8)
    found.parameters += min(elements, 1 << 56)
    found.spans.append((start, stop, name))
    found.places.append(Place(name, dtype, tuple(shape[:64]), start))


def _irregular(found: _Found, rule: str, message: str, offset: int) -> None:
    if len(found.hazards) < 50:
        found.hazards.append(Hazard(rule=rule, level=Level.UNKNOWN, message=message, offset=offset))


INSPECTOR = Inspector(format="safetensors", claims=_claims, inspect=_inspect)
