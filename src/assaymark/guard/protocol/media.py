"""What stands in a body encoded or by reference: text is brought to light, the rest is counted as unread.

A label (`image/png`) is a claim of whoever sent it; what counts is whether the bytes read as text.
"""

import base64
import binascii
import codecs
import re

from assaymark.guard.protocol.lossless import Json

__all__ = ["ENCRYPTED", "data_uri", "text_within", "unread"]

ENCRYPTED = "encrypted"
"""What the upstream itself wrote and sealed; nobody between can have put text into it."""
_URI = re.compile(r"data:[^,\s]{0,200};base64,", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,3}")
_SAMPLE = 4_096
_BINARY = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"ID3",
    b"OggS",
    b"\x1f\x8b",
)
_PICTURES = frozenset({"image", "input_image", "image_url", "image_file", "computer_screenshot"})
_SOUNDS = frozenset({"input_audio", "audio"})
_AFAR = frozenset({"file_id", "file_url", "container_upload", "item_reference"})
"""Names and types that point to what the upstream holds or fetches."""
_SEALED = frozenset({"encrypted_content", "encrypted_stdout", "redacted_thinking"})
_NO_PARTS = frozenset({"tools", "functions", "response_format", "output_format", "output_config", "text"})
"""Fields of a request whose objects are schemas, not parts."""


def data_uri(text: str) -> str | None:
    """The text in a base64 data URI, empty if it holds none; None if `text` is anything but one.

    Strict on purpose: what merely begins like a data URI and goes on in words is words.
    """
    head = _URI.match(text)
    if head is None:
        return None
    body = text[head.end() :].rstrip()
    return text_within(body) if _BASE64.fullmatch(body) else None


def text_within(encoded: str) -> str:
    """What base64 says, if that reads as text; empty for sound, pictures, packed files and damage."""
    bare = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    bare = bare[: len(bare) - 1] if len(bare) % 4 == 1 else bare
    try:
        data = base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return ""
    return _read(data)


def _read(data: bytes) -> str:
    if data.startswith(_BINARY):
        return ""
    sample = data[:_SAMPLE]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if sample.count(0) * 3 > len(sample):
        wide = "utf-16-be" if sample[:1] == b"\0" else "utf-16-le"
        return data.decode(wide, "replace") if sample.count(0) * 3 < 2 * len(sample) else ""
    found = sample.decode("utf-8", "replace")
    strange = sum(c == "\ufffd" or (c < " " and c not in "\t\n\r\f\x1b") for c in found)
    return data.decode("utf-8", "replace") if strange * 8 <= len(found) else ""


def unread(body: dict[str, Json]) -> tuple[str, ...]:
    """Kinds of what the model will see and nobody here can, one for each place, in no order.

    `image`, `audio`, `file`, `reference`, `encrypted`.
    """
    found: list[str] = []
    stack: list[Json] = [child for name, child in body.items() if name not in _NO_PARTS]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            found += _kinds(node)
            # Arguments of calls are words of the model: a name in them points nowhere.
            stack += [c for n, c in node.items() if not (n == "input" and isinstance(c, dict))]
    return tuple(found)


def _kinds(node: dict[str, Json]) -> list[str]:
    kind = node.get("type")
    if isinstance(kind, str):
        if kind in _PICTURES:
            return ["image"]
        if kind in _SOUNDS:
            return ["audio"]
        if kind in _AFAR or kind == "url":
            return ["reference"]
        if kind in _SEALED:
            return [ENCRYPTED]
        if kind == "base64" and isinstance(data := node.get("data"), str) and not text_within(data):
            return ["file"]
    found = []
    for name, child in node.items():
        if not isinstance(child, str) or not child:
            continue
        if name in _AFAR:
            found.append("reference")
        elif name in _SEALED:
            found.append(ENCRYPTED)
        elif child[:5].lower() == "data:" and data_uri(child) == "":
            found.append("file")
    return found
