"""What both formats share: strings that any parser takes, addresses, a number from content, JSON bytes."""

import re
import uuid
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from assaymark.bom import Bom
from assaymark.observation import canonical

__all__ = ["clean", "cleaned", "content_uuid", "iri", "json_bytes"]

_SPACE = uuid.UUID("6f2b7e0c-5f0e-5d43-9a86-1f2a3c4b5d6e")
"""Our name space for numbers derived from content."""
_UNICODE = re.compile(r"[^\x00-\x7e]")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:")


def cleaned(bom: Bom) -> Bom:
    """`bom` with every lone surrogate written as an escape: strict parsers refuse half a character."""
    return msgspec.convert(clean(msgspec.to_builtins(bom)), Bom)


def clean(value: Any) -> Any:
    """Plain values with every lone surrogate in a string written as an escape."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    return {k: clean(v) for k, v in value.items()} if isinstance(value, dict) else value


def content_uuid(bom: Bom, version: str) -> str:
    """A UUIDv5 of what the bill says and of the version that wrote it: the same tree has the same number."""
    return str(uuid.uuid5(_SPACE, f"{version}\n{canonical(bom).decode('utf-8')}"))


def iri(text: str) -> str:
    """`text` as an address that every validator takes: an absolute one as it is, a path as a relative one."""
    if _SCHEME.match(text):
        try:
            parts = urlsplit(text)
        except ValueError:
            return quote(text, safe="/")
        if parts.netloc or not parts.scheme.startswith("http"):
            return _PERCENT.sub("%25", quote(text, safe="/:?#@!$&'()*+,;=-._~%"))
    return quote(text, safe="/")


def json_bytes(value: Any) -> bytes:
    """JSON in ASCII, two spaces deep: all else is escaped, so that no name can play with a terminal."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8")
    return (_UNICODE.sub(_escaped, text) + "\n").encode("ascii")


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"\\u{int.from_bytes(pair, 'big'):04x}" for pair in _pairs(found[0]))


def _pairs(character: str) -> list[bytes]:
    data = character.encode("utf-16-be")
    return [data[n : n + 2] for n in range(0, len(data), 2)]
