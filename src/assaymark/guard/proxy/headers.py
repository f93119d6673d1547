"""Which headers may stand in a request, and which are passed on, in both directions."""

from collections.abc import Iterable

__all__ = ["for_client", "for_upstream", "not_json", "odd", "plain"]

Raw = tuple[bytes, bytes]
_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Between two neighbours only (RFC 9110, 7.6.1)."""
_OURS = frozenset(
    {
        b"accept-encoding",
        b"content-encoding",
        b"content-length",
        b"expect",
        b"host",
        b"x-http-method",
        b"x-http-method-override",
        b"x-method-override",
    }
)
"""Written anew for the upstream, or would make it read another method than was judged."""
_ONCE = frozenset(
    {
        b"host",
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"transfer-encoding",
        b"authorization",
        b"x-api-key",
        b"api-key",
    }
)
"""Twice would mean that two servers may read two different things."""


def odd(headers: Iterable[Raw]) -> str:
    """What is wrong with a request's headers; empty if nothing is."""
    seen: set[bytes] = set()
    for name, value in headers:
        if name in _ONCE and name in seen:
            return f"the header {name.decode('latin-1')} is given twice"
        if any(c in value for c in (0, 10, 13)):
            return "a header holds a control character"
        seen.add(name)
    if b"transfer-encoding" in seen and b"content-length" in seen:
        return "both Content-Length and Transfer-Encoding are given"
    if b"host" not in seen:
        return "the header host is missing"
    return ""


def plain(headers: Iterable[Raw]) -> dict[str, str]:
    """By name, for looking up; of a repeated one the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def not_json(kind: str) -> str:
    """Why a body with this content type may be read by the upstream otherwise than here; empty if it cannot.

    Without a type, or as JSON in UTF-8, everybody reads the same.
    """
    media, *more = [part.strip().lower() for part in kind.split(";")]
    if media and media != "application/json" and not media.endswith("+json"):
        return "the content type is not application/json"
    names = {value.strip("\"' ") for name, _, value in (m.partition("=") for m in more) if name == "charset"}
    return "" if names <= {"utf-8", "utf8", "us-ascii"} else "the character set is not UTF-8"


def for_upstream(headers: Iterable[Raw], drop: str = "") -> list[Raw]:
    """A client's headers as the upstream gets them; answers are asked for uncompressed."""
    headers = list(headers)
    dropped = _HOP | _OURS | _named(headers) | {drop.lower().encode()}
    kept = [
        (name, value)
        for name, value in headers
        if name not in dropped and not name.startswith((b"x-assaymark-", b"proxy-"))
    ]
    return [*kept, (b"accept-encoding", b"identity")]


def for_client(headers: Iterable[Raw]) -> list[Raw]:
    """The upstream's headers as the client gets them."""
    headers = [(name.lower(), value) for name, value in headers]
    dropped = _HOP | _named(headers) | {b"content-length", b"content-encoding", b"date", b"server"}
    return [(n, v) for n, v in headers if n not in dropped and not n.startswith(b"x-assaymark-")]


def _named(headers: Iterable[Raw]) -> frozenset[bytes]:
    """Headers that `Connection` names."""
    return frozenset(
        token.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for token in value.split(b",")
    ) - {b"authorization", b"x-api-key"}
