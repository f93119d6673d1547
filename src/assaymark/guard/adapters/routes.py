"""Which requests of an application are judged, and how they are read."""

from collections.abc import Mapping, MutableMapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from assaymark.guard.adapters.shapes import own_shape
from assaymark.guard.library.messages import protocol_named
from assaymark.guard.protocol.table import Protocol, of_path

__all__ = ["Routes", "plain_path"]

_METHODS = ("POST", "PUT", "PATCH")


class Routes:
    """Paths → protocols.

    Args:
        routes: path (`*` stands for anything) → name of a protocol, or mapping of fields to channels. The
            paths of the known protocols are judged without being named.
    """

    def __init__(self, routes: Mapping[str, str | Mapping[str, str]]) -> None:
        self._own = [
            (plain_path(path), protocol_named(kind) if isinstance(kind, str) else own_shape(kind))
            for path, kind in routes.items()
        ]

    def of(self, scope: MutableMapping[str, Any]) -> Protocol | None:
        """How the request is to be read; None if it is not judged."""
        if scope["method"] not in _METHODS:
            return None
        path = plain_path(scope["path"])
        for glob, protocol in self._own:
            if fnmatchcase(path, glob):
                return protocol
        return of_path(path)


def plain_path(path: str) -> str:
    """A path however it is disguised: an application may be laxer than we are, so compare the plainest
    form.
    """
    for _ in range(3):
        path = unquote(path)
    parts = [p for p in path.replace("\\", "/").lower().split("/") if p not in ("", ".")]
    return "/" + "/".join(parts)
