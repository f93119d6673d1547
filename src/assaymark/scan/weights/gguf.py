"""GGUF: typed metadata and tensor descriptions, walked through a window; the weights are passed over."""

import math
import struct
from collections.abc import Callable, Iterator

from msgspec import Struct

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.template import judge_templates
from assaymark.scan.weights._hidden import Span, lie
from assaymark.scan.weights._reader import MalformedError, Reader, TooMuchError
from assaymark.scan.weights._tables import table
from assaymark.scan.weights._words import judge_texts, short
from assaymark.scan.weights.places import Place

__all__ = ["INSPECTOR", "tensor_places"]

MAX_PAIRS = 1 << 16
MAX_TENSORS = 1 << 18
MAX_STRINGS = 4_000_000
MAX_DEPTH = 4
MAX_KEY = 1 << 16
MAX_TEXT = 1 << 20
"""Bytes of one text that are kept; longer ones are passed over, and said to be."""
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_KEPT = {
    "general.architecture": "architecture",
    "general.name": "name",
    "general.license": "licence",
    "general.author": "author",
    "general.source.url": "source",
    "general.base_model.0.name": "base model",
    "general.base_model.0.repo_url": "base model url",
    "general.quantization_version": "quantisation version",
}


class _Found(Struct):
    """What the file says, gathered while it is walked."""

    facts: dict[str, str]
    texts: dict[str, str]
    hazards: list[Hazard]
    holes: list[Hole]
    spans: list[Span]
    places: list[Place]
    names: set[str]
    strings: int = 0
    tensors: int = 0
    parameters: int = 0
    alignment: int = 32
    end: int = 0
    """Where the structure ends."""

    def odd(self, rule: str, message: str, offset: int) -> None:
        """Keep one hazard, if there are not too many."""
        if len(self.hazards) < 50:
            self.hazards.append(Hazard(rule=rule, level=Level.UNKNOWN, message=message, offset=offset))


def _claims(look: Look) -> bool:
    return look.head[:4] == b"GGUF" or (
        look.name.endswith(".gguf") and not look.head.startswith(b"version https")
    )


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    found = _Found({}, {}, [], [], [], [], set())
    problem: Hole | None = None
    try:
        _walk(blob, found, limits)
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"GGUF: {error}", size=blob.size - found.end)
    except (MalformedError, struct.error, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"GGUF: {error}", size=max(0, blob.size - found.end))
    metadata = tuple(sorted(found.facts.items()))
    parameters = min(found.parameters, 1 << 62)
    yield Header(format="gguf", tensors=found.tensors, parameters=parameters, metadata=metadata)
    yield from found.hazards
    yield from found.holes
    yield from _texts(found)
    yield Covered(interpreted=min(found.end, blob.size))
    if problem is not None:
        yield problem
        return
    base = -(-found.end // found.alignment) * found.alignment if found.spans else found.end
    yield Covered(interpreted=max(0, min(base, blob.size) - found.end))
    yield from lie(blob, min(base, blob.size), found.spans, padding=found.alignment)


def tensor_places(blob: Blob, limits: Limits) -> Iterator[Place]:
    """Where each tensor lies.

    Raises:
        ValueError: the structure is broken.
    """
    found = _Found({}, {}, [], [], [], [], set())
    _walk(blob, found, limits)
    base = -(-found.end // found.alignment) * found.alignment
    for place in found.places:
        yield Place(place.name, place.dtype, place.shape, base + place.start)


def _texts(found: _Found) -> Iterator[Part]:
    """Templates are judged as programs, everything else as text."""
    templates: list[tuple[str, str]] = []
    plain: list[tuple[str, str]] = []
    for key, text in found.texts.items():
        template = "chat_template" in key or ("template" in key and ("{{" in text or "{%" in text))
        (templates if template else plain).append((key, text))
    yield from judge_templates(templates)
    yield from judge_texts(plain)


def _walk(blob: Blob, found: _Found, limits: Limits) -> None:
    reader = Reader(blob, limit=max(limits.held * 4, 1 << 20))
    if reader.take(4) != b"GGUF":
        raise MalformedError("it does not begin as GGUF does")
    version = reader.number("I")
    if version & 0xFFFF == 0 and version:
        reader.order = ">"
        version = int.from_bytes(version.to_bytes(4, "little"), "big")
    if version not in (1, 2, 3):
        raise MalformedError(f"version {version:,} is none that is known")
    found.facts["version"] = str(version)
    wide = "I" if version == 1 else "Q"
    tensors, pairs = reader.number(wide), reader.number(wide)
    if tensors > MAX_TENSORS or pairs > MAX_PAIRS:
        raise TooMuchError(f"it announces {tensors:,} tensors and {pairs:,} entries, more than are read")
    found.end = reader.at
    walk = _Walk(reader, found, wide)
    for _ in range(pairs):
        walk.pair()
    _settle(found)
    for _ in range(tensors):
        walk.tensor()


def _settle(found: _Found) -> None:
    if "tokenizer.chat_template" in found.texts:
        found.facts["chat template"] = "present"
    kind = found.facts.pop("file type", "")
    if kind.isdigit():
        found.facts["quantisation"] = table("dtypes.yaml", "gguf_file_types").get(int(kind), kind)


class _Walk:
    """Reads entries one after the other."""

    def __init__(self, reader: Reader, found: _Found, wide: str) -> None:
        self._reader = reader
        self._found = found
        self._wide = wide

    def _length(self) -> int:
        return self._reader.number(self._wide)

    def _key(self) -> str:
        length = self._length()
        if length > MAX_KEY:
            raise MalformedError(f"a name of {length:,} bytes")
        return self._reader.take(length).decode("utf-8", "replace")

    def pair(self) -> None:
        """One entry of metadata."""
        start = self._reader.at
        key = self._key()
        if key in self._found.names:
            self._found.odd(
                "duplicate-key",
                f"The key {short(key, 80)} occurs twice; readers differ in which they take.",
                start,
            )
        self._found.names.add(key)
        value = self._value(key, self._reader.number("I"), 0)
        self._keep(key, value)
        self._found.end = self._reader.at

    def _keep(self, key: str, value: str) -> None:
        found = self._found
        if key in _KEPT:
            found.facts[_KEPT[key]] = short(value)
        elif key.endswith(".context_length"):
            found.facts["context length"] = value
        elif key == "general.file_type":
            found.facts["file type"] = value
        elif key == "general.alignment":
            self._align(value)

    def _align(self, value: str) -> None:
        number = int(value) if value.isdigit() else 0
        if number < 1 or number > 1 << 20 or number & (number - 1):
            raise MalformedError(f"an alignment of {short(value, 20)}")
        self._found.alignment = number

    def _value(self, key: str, kind: int, depth: int) -> str:
        if kind == _STRING:
            return self._text(key)
        if kind in _FORMS:
            return str(self._reader.number(_FORMS[kind]))
        if kind != _ARRAY:
            raise MalformedError(f"metadata of an unknown type ({kind:,})")
        return self._array(key, depth)

    def _text(self, key: str) -> str:
        length = self._length()
        if length > MAX_TEXT:
            self._reader.skip(length)
            reason = (
                f"the text of {short(key, 80)} has {length:,} bytes, more than the {MAX_TEXT:,} that are read"
            )
            if len(self._found.holes) < 50:
                self._found.holes.append(Hole(kind=HoleKind.BOUND, reason=reason, size=length))
            return ""
        text = self._reader.take(length).decode("utf-8", "replace")
        if length > 3:
            self._found.texts[key] = text
        return text

    def _array(self, key: str, depth: int) -> str:
        inner, count = self._reader.number("I"), self._length()
        if inner in _FORMS:
            self._reader.skip(struct.calcsize("=" + _FORMS[inner]) * count)
        elif inner == _STRING:
            self._strings(key, count)
        elif inner == _ARRAY and depth < MAX_DEPTH:
            self._count(count * 4)
            for _ in range(count):
                self._array(key, depth + 1)
        elif inner == _ARRAY:
            raise TooMuchError(f"arrays in arrays, more than {MAX_DEPTH} deep")
        else:
            raise MalformedError(f"metadata of an unknown type ({inner:,})")
        return f"array of {count}"

    def _count(self, count: int) -> None:
        self._found.strings += count
        if self._found.strings > MAX_STRINGS:
            raise TooMuchError(f"more than {MAX_STRINGS:,} texts in arrays")

    def _strings(self, key: str, count: int) -> None:
        """Texts in an array: names of templates and tags are kept, long vocabularies passed over."""
        self._count(count)
        if count <= 64:
            for n in range(count):
                self._text(f"{key}[{n}]")
            return
        reader, size = self._reader, 4 if self._wide == "I" else 8
        unpack: Callable[[bytes, int], tuple[int]] = struct.Struct(reader.order + self._wide).unpack_from
        left = count
        while left:
            reader.peek(size)
            data, place = reader.window()
            start, last = place, len(data) - size
            while left and place <= last:
                place += size + unpack(data, place)[0]
                left -= 1
            reader.skip(place - start)

    def tensor(self) -> None:
        """One description of a tensor."""
        found, reader = self._found, self._reader
        start = reader.at
        name = self._key()
        dimensions = reader.number("I")
        if dimensions > 8:
            raise MalformedError(f"tensor {short(name, 80)} has {dimensions:,} dimensions")
        shape = [self._length() for _ in range(dimensions)]
        kind, offset = reader.number("I"), reader.number("Q")
        found.end = reader.at
        found.tensors += 1
        if "\0" + name in found.names:
            found.odd("duplicate-key", f"Two tensors are called {short(name, 80)}.", start)
        found.names.add("\0" + name)
        elements = math.prod(shape)
        found.parameters += min(elements, 1 << 56)
        if any(n > 1 << 48 for n in shape) or elements > 1 << 56 or offset > 1 << 60:
            place = f"{short(str(shape), 80)} at {offset:,}"
            message = f"Tensor {short(name, 80)} declares an absurd shape or place: {place}."
            found.odd("tensor-shape", message, start)
            return
        self._place(name, shape, kind, offset, start)

    def _place(self, name: str, shape: list[int], kind: int, offset: int, start: int) -> None:
        block = table("dtypes.yaml", "ggml").get(kind)
        if block is None:
            message = f"Tensor {short(name, 80)} is of a type that is on no list: {kind:,}."
            self._found.odd("tensor-type", message, start)
            reason = (
                f"the size of tensor {short(name, 80)} cannot be told, so that gaps and ends are not checked"
            )
            if len(self._found.holes) < 50:
                self._found.holes.append(Hole(kind=HoleKind.UNSUPPORTED, reason=reason))
            return
        label, count, size = block
        elements = math.prod(shape)
        self._found.places.append(Place(name, label, tuple(reversed(shape)), offset))
        if offset % self._found.alignment:
            unit = self._found.alignment
            message = f"Tensor {short(name, 80)} begins at {offset:,}, which is no multiple of {unit}."
            self._found.odd("tensor-alignment", message, start)
        self._found.spans.append((offset, offset + -(-elements // count) * size, name))


INSPECTOR = Inspector(format="gguf", claims=_claims, inspect=_inspect)
