"""Real pictures, and whether an Office Open XML package is whole."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

__all__ = ["assert_whole", "png"]


def png(width: int = 8, height: int = 4, text: bytes = b"") -> bytes:
    """A real picture, with a text chunk if asked for."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + b"\x30\x60\x90" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + (chunk(b"tEXt", text) if text else b"")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def assert_whole(document: bytes) -> None:
    """Each relationship's target exists in the package, and each part has a content type."""
    with zipfile.ZipFile(BytesIO(document)) as package:
        names = package.namelist()
        assert len(names) == len(set(names))
        types = ET.fromstring(package.read("[Content_Types].xml"))
        overrides = {t.get("PartName", "").lstrip("/") for t in types if t.tag.endswith("Override")}
        defaults = {t.get("Extension") for t in types if t.tag.endswith("Default")}
        assert overrides <= set(names)
        for name in names:
            assert name in overrides or name.rpartition(".")[2] in defaults or "Content_Types" in name
            if name.endswith((".xml", ".rels")):
                ET.fromstring(package.read(name))
        for name in (n for n in names if n.endswith(".rels")):
            base = PurePosixPath(name).parent.parent
            for relation in ET.fromstring(package.read(name)):
                assert relation.get("TargetMode") != "External"
                target = relation.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else _resolved(base / target)
                assert path in names, (name, target)


def _resolved(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
