"""What stands before a router: the application or router of another file under which it is put."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from assaymark.discover._names import ends, places, stem
from assaymark.scan.facts import Mount

__all__ = ["Cover", "Routers"]

_DEPTH = 4
"""Routers within routers that are followed."""


class Cover(Struct, frozen=True):
    """What is checked before every route of a router."""

    authenticated: bool = False
    rate_limited: bool = False
    settled: bool = False
    """Everything that could stand before it was read."""


class Routers:
    """The mounts of a project."""

    def __init__(
        self, mounts: Sequence[Mount], authenticates: Callable[[tuple[str, ...], str], bool]
    ) -> None:
        self._authenticates = authenticates
        self._by_name: dict[tuple[str, str], list[tuple[Mount, str, bool]]] = {}
        self._known: dict[tuple[str, str], Cover] = {}
        for mount in mounts:
            for place, name, exact in places(mount.target, mount.at.path):
                key = (place.rpartition("/")[2], name)
                self._by_name.setdefault(key, []).append((mount, place, exact))

    def cover(self, path: str, router: str, depth: int = 0) -> Cover:
        """What stands before the router called `router` in the file `path`."""
        if not router or depth > _DEPTH:
            return Cover()
        key = (path, router)
        if key not in self._known:
            self._known[key] = Cover()  # a router mounted on itself adds nothing
            self._known[key] = self._found(path, router, depth)
        return self._known[key]

    def _found(self, path: str, router: str, depth: int) -> Cover:
        own = stem(path)
        mounts = [
            mount
            for mount, place, exact in self._by_name.get((own.rpartition("/")[2], router), ())
            if (own == place if exact else ends(own, place))
        ]
        outer = [self.cover(m.at.path, m.under, depth + 1) for m in mounts]
        checked = [
            m.authenticated or c.authenticated or self._authenticates(m.dependencies, m.at.path)
            for m, c in zip(mounts, outer, strict=True)
        ]
        limited = [m.rate_limited or c.rate_limited for m, c in zip(mounts, outer, strict=True)]
        # One open mount may be a test's or a second version's, so any that checks is believed.
        settled = bool(mounts) and all(
            m.open or (c.settled and m.under and not m.dependencies)
            for m, c in zip(mounts, outer, strict=True)
        )
        return Cover(any(checked), any(limited), settled)
