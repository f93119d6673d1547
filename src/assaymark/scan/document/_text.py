"""Bytes → text, and links → paths of the tree."""

import posixpath
from urllib.parse import unquote

__all__ = ["local_links", "readable"]

LINK_LIMIT = 500


def readable(data: bytes) -> str:
    """The text: UTF-8, or UTF-16 with a byte order mark; what is neither becomes U+FFFD."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def local_links(path: str, links: list[tuple[int, str]]) -> tuple[str, ...]:
    """Those links that name a file of the tree, resolved against the document's folder, each once."""
    folder = posixpath.dirname(path)
    found: dict[str, None] = {}
    for _, target in links:
        name = unquote(target.partition("#")[0].partition("?")[0])
        if not name or ":" in name or name.startswith(("//", "\\", "{", "<", "$", "@")):
            continue
        base = "" if name.startswith("/") else folder
        resolved = posixpath.normpath(posixpath.join(base, name.lstrip("/")))
        if not resolved.startswith("..") and resolved != ".":
            found[resolved] = None
    return tuple(found)[:LINK_LIMIT]
