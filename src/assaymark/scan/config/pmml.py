"""PMML: XML read as a stream, with no entity and no document type."""

import re
import xml.parsers.expat as expat
from collections.abc import Iterable, Iterator

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.config.hazards import hazard, plain
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part

__all__ = ["INSPECTOR"]

CHUNK = 1 << 16
MAX_DEPTH = 256
MAX_BYTES = 1 << 30
MAX_FOUND = 100
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.\-]{0,40}:)?PMML[\s>]")
_BUILT_IN = re.compile(r"[A-Za-z0-9+\-*/_]{1,60}\Z")


class _Stop(ValueError):
    """Nothing further is read; the reason is the message."""

    def __init__(self, reason: str, kind: HoleKind) -> None:
        super().__init__(reason)
        self.kind = kind


class _Walk:
    """What the stream said so far."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction
        self.depth = 0
        self.found: list[Hazard] = []
        self.facts: dict[str, str] = {}
        self.names: set[str] = set()

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        message = "Its document type makes XML readers expand entities, or fetch what these name."
        self._add("pmml-doctype", Level.DANGEROUS, system or name, message)
        raise _Stop("what follows a document type is not read", HoleKind.UNSUPPORTED)

    def _instruction(self, target: str, data: str) -> None:
        message = f"A processing instruction for {target[:60]}, which some readers follow."
        self._add("pmml-extension", Level.NOTE, f"?{target}", message)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Stop(f"nested deeper than {MAX_DEPTH}", HoleKind.BOUND)
        space, _, local = name.rpartition(" ")
        if local == "include" and "XInclude" in space:
            target = attributes.get("href", "")
            message = f"Readers that heed XInclude fetch {target[:200]}."
            self._add("pmml-doctype", Level.DANGEROUS, target, message)
        elif local == "Extension":
            self._extension(attributes)
        elif local == "Apply":
            self._apply(attributes.get("function", ""))
        elif local in ("Application", "PMML", "DataDictionary"):
            for key in ("name", "version", "numberOfFields"):
                if key in attributes:
                    self.facts[f"{local}.{key}"] = plain(attributes[key], 80)
        elif self.depth == 2 and local.endswith("Model"):
            self.facts["model"] = plain(local, 80)

    def _extension(self, attributes: dict[str, str]) -> None:
        extender = attributes.get("extender", "") or attributes.get("name", "")
        message = (
            f"An extension ({extender[:80] or 'unnamed'}): what it means is up to the program that reads it."
        )
        self._add("pmml-extension", Level.NOTE, extender, message)

    def _apply(self, function: str) -> None:
        if not _BUILT_IN.match(function):
            message = (
                f"Scoring calls {function[:200]}, which PMML does not define: JPMML loads it as a class."
            )
            self._add("pmml-foreign-function", Level.UNKNOWN, function, message)

    def _end(self, name: str) -> None:
        self.depth -= 1

    def _add(self, rule: str, level: Level, subject: str, message: str) -> None:
        subject = plain(subject)
        if len(self.found) < MAX_FOUND and f"{rule}{subject}" not in self.names:
            self.names.add(f"{rule}{subject}")
            line = self.parser.CurrentLineNumber
            self.found.append(hazard(rule, level, subject, message, line=line))


def _claims(look: Look) -> bool:
    head = look.head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[:4] in (b"<\0?\0", b"\0<\0?"):
        head = head.replace(b"\0", b"")[2:] if head[0] > 0x7F else head.replace(b"\0", b"")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"<":
        return False
    return look.name.endswith(".pmml") or bool(_ROOT.search(head))


def _inspect(blob: Blob, limits: Limits) -> Iterable[Part]:
    walk, position = _Walk(), 0
    hole: Hole | None = None
    try:
        position = _feed(blob, walk)
    except _Stop as stop:
        hole = Hole(kind=stop.kind, reason=f"PMML: {stop}", offset=walk.parser.CurrentByteIndex)
    except expat.ExpatError as wrong:
        reason = f"PMML: {expat.errors.messages.get(wrong.code, 'broken XML')} at line {wrong.lineno}"
        hole = Hole(kind=HoleKind.BROKEN, reason=reason, offset=walk.parser.CurrentByteIndex)
    yield from _told(walk, hole, position or max(walk.parser.CurrentByteIndex, 0))


def _told(walk: _Walk, hole: Hole | None, read: int) -> Iterator[Part]:
    yield Header(format="pmml", metadata=tuple(walk.facts.items()))
    yield from walk.found
    if hole is not None:
        yield hole
    yield Covered(read, 0)


def _feed(blob: Blob, walk: _Walk) -> int:
    if blob.size > MAX_BYTES:
        raise _Stop(f"more than {MAX_BYTES:,} bytes", HoleKind.BOUND)
    for start in range(0, blob.size, CHUNK):
        walk.parser.Parse(blob.read(start, CHUNK), start + CHUNK >= blob.size)
    return blob.size


INSPECTOR = Inspector(format="pmml", claims=_claims, inspect=_inspect)
"""PMML of any version."""
