"""Words of a hostile file, made fit to keep: not too long, and no user or password in an address."""

import hashlib
from urllib.parse import urlsplit, urlunsplit

__all__ = ["public_url", "shortened"]

LONGEST = 300
"""Characters of a name, version or licence that are kept."""


def shortened(value: object, longest: int = LONGEST) -> str:
    """`value` as text if it is text or a number; cut where it is too long, and marked by its digest."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip()
    if len(text) <= longest:
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[: longest - 13]}…{mark}"


def public_url(url: str) -> str:
    """`url` without the user, password and query that it may carry: what is kept of it is passed on."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", "")) if parts.scheme else url
    except ValueError:
        return ""
