"""Send a few bytes to an address that the user named, and read the answer, bounded in size and time."""

import contextlib
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from msgspec import Struct

from assaymark.errors import AssaymarkError, UsageError

__all__ = ["Answer", "post"]

_SECONDS = 30


class Answer(Struct, frozen=True):
    """What a server answered."""

    status: int
    kind: str
    """Its content type, without parameters."""
    body: bytes


def post(url: str, body: bytes, kind: str, limit: int, who: str) -> Answer:
    """POST `body`; redirections are not followed, since the user named this address and no other.

    Args:
        url: begins with ``https://`` or ``http://``.
        body: what to send.
        kind: its content type.
        limit: bytes of the answer that are read at most.
        who: whom the address belongs to, for messages: "witness".

    Raises:
        UsageError: it is no such address.
        AssaymarkError: nobody answers.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError(
            f"The address of a {who} begins with https:// or http://.", "Ask its operator for it."
        )
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        with contextlib.closing(make(parts.hostname, parts.port, timeout=_SECONDS)) as connection:
            connection.request("POST", parts.path or "/", body, {"Content-Type": kind})
            return _read(connection.getresponse(), limit)
    except (OSError, HTTPException, ValueError) as error:
        raise AssaymarkError(
            f"The {who} at {parts.hostname} cannot be reached: {error}.", "Check its address, or try later."
        ) from error


def _read(response: HTTPResponse, limit: int) -> Answer:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    return Answer(response.status, kind, response.read(limit))
