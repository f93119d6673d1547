"""Who may speak to the MCP gateway, and which session is whose: Host, Origin, keys, agreeing headers."""

import base64
import binascii
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from assaymark.guard.core.ports import Context, Parts
from assaymark.guard.protocol.errors import Problem
from assaymark.guard.protocol.mcp_rpc import Rpc
from assaymark.guard.protocol.shape import as_text
from assaymark.guard.proxy.ingress import Refused
from assaymark.guard.proxy.mcp_pins import Pins
from assaymark.guard.proxy.mcp_session import Session

__all__ = ["LOOPBACK", "Sessions", "check_agreement", "check_door"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST = 10_000
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


def check_door(fields: Mapping[str, str], hosts: frozenset[str]) -> None:
    """Host and Origin name us: a page in a browser that was led here by a false DNS answer does not.

    Raises:
        Refused: they name somebody else.
    """
    if _host(f"//{fields.get('host', '')}") not in hosts:
        raise _refused(403, "wrong_host", "the header Host names another server (see --allow-host)")
    origin = fields.get("origin")
    if origin is not None and _host(origin) not in hosts:
        raise _refused(403, "wrong_origin", "the header Origin names another site (see --allow-host)")


def check_agreement(fields: Mapping[str, str], rpc: Rpc) -> None:
    """Headers that mirror the body say what it says: nobody routes by one and judges the other.

    Raises:
        Refused: they differ.
    """
    method = fields.get("mcp-method")
    if method is not None and method != rpc.method:
        raise _refused(400, "header_mismatch", "the header Mcp-Method differs from the body")
    name = fields.get("mcp-name")
    if name is not None and rpc.method in _NAMED:
        said = as_text(rpc.body.get(_NAMED[rpc.method]))
        if _decoded(name) != said:
            raise _refused(400, "header_mismatch", "the header Mcp-Name differs from the body")


class Sessions:
    """Sessions by their id, each bound to the key with which it began.

    Requests without a session (revision 2026-07-28) share one for each key, so that what one of them
    read counts for the next.
    """

    def __init__(self, parts: Parts, upstream: str, pins: Callable[[], Pins]) -> None:
        self._parts, self._upstream, self._pins = parts, upstream, pins
        self._known: OrderedDict[tuple[str, str], Session] = OrderedDict()

    def new(self, key: str) -> Session:
        """A session that has no id yet."""
        context = Context(key=key, protocol="mcp", upstream=self._upstream)
        return Session(self._parts, context, self._pins())

    def bind(self, id_: str, key: str, session: Session) -> None:
        """The server gave it an id."""
        self._known[(id_, key)] = session
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def find(self, id_: str, key: str) -> Session:
        """The session of a request.

        Raises:
            Refused: there is none of that id for that key; the client has to begin anew.
        """
        found = self._known.get((id_, key))
        if found is None and id_:
            raise _refused(404, "unknown_session", "this session is not known here for this key; begin anew")
        if found is None:
            found = self.new(key)
            self.bind("", key, found)
        self._known.move_to_end((id_, key))
        return found

    def forget(self, id_: str, key: str) -> None:
        """It is over."""
        self._known.pop((id_, key), None)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _decoded(value: str) -> str:
    if not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        return base64.b64decode(value[9:-2], validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _refused(status: int, code: str, what: str) -> Refused:
    return Refused(Problem(status=status, code=code, message=f"Refused: {what}."))
