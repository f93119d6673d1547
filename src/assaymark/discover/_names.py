"""Which function of which file a name means, by the rules of the language and of where files lie."""

import posixpath
from collections.abc import Iterable

from assaymark.scan.facts import FunctionSummary

__all__ = ["Functions", "ends", "places", "stem"]


def stem(path: str) -> str:
    """The path without suffix; a folder for the file that stands for it."""
    folder, _, name = path.rpartition("/")
    name = name.rpartition(".")[0] or name
    return folder if name in ("__init__", "index") else f"{folder}/{name}" if folder else name


def ends(stem: str, place: str) -> bool:
    """Whether the file at `stem` can be what a module path names."""
    return stem == place or stem.endswith(f"/{place}")


def places(name: str, caller: str) -> list[tuple[str, str, bool]]:
    """What `name` may mean in the file `caller`: path of a module, name in it, and whether that is exact."""
    specifier, scoped, exported = name.rpartition("::")
    if scoped:
        if not specifier.startswith("."):
            return []
        target = posixpath.normpath(posixpath.join(posixpath.dirname(caller), specifier))
        bare, dot, suffix = target.rpartition(".")
        bare = bare if dot and suffix in _SUFFIXES else target
        return [(bare.removesuffix("/index"), exported or "default", True)]
    plain = name.replace("()", "")
    level = len(plain) - len(plain.lstrip("."))
    parts = plain[level:].split(".")
    base = posixpath.dirname(caller)
    for _ in range(level - 1):
        base = posixpath.dirname(base)
    found = []
    for cut in (1, 2):
        module, function = parts[:-cut], ".".join(parts[-cut:])
        if len(parts) >= cut and (module or level):
            place = "/".join(module)
            found.append((posixpath.join(base, place).rstrip("/") if level else place, function, bool(level)))
    return found


_SUFFIXES = frozenset({"js", "ts", "tsx", "jsx", "mjs", "cjs", "mts", "cts", "svelte", "vue"})


class Functions:
    """The summaries of a project, found by the names under which other files use them."""

    def __init__(self, summaries: Iterable[FunctionSummary]) -> None:
        self._known: dict[tuple[str, str], list[tuple[str, FunctionSummary]]] = {}
        self._found: dict[tuple[str, str], FunctionSummary | None] = {}
        for summary in summaries:
            module = stem(summary.at.path)
            key = (module.rpartition("/")[2], summary.function)
            self._known.setdefault(key, []).append((module, summary))

    def find(self, name: str, caller: str) -> FunctionSummary | None:
        """The one function that `name` can mean in the file `caller`; None if none or several."""
        key = (name, caller)
        if key not in self._found:
            self._found[key] = next(
                (f for where in places(name, caller) if (f := self._at(*where, caller)) is not None), None
            )
        return self._found[key]

    def _at(self, place: str, function: str, exact: bool, caller: str) -> FunctionSummary | None:
        known = self._known.get((place.rpartition("/")[2], function), ())
        fits = [(m, f) for m, f in known[:_SAME] if (m == place if exact else ends(m, place))]
        if len(fits) > 1:
            # An absolute import starts from a folder above the caller; the nearest such folder counts.
            roots = [(m[: len(m) - len(place)], f) for m, f in fits]
            above = sorted((r for r in roots if caller.startswith(r[0])), key=lambda r: -len(r[0]))
            fits = above[:1] if above and len({r for r, _ in above[:2]}) == len(above[:2]) else []
        return fits[0][1] if len(fits) == 1 else None


_SAME = 60
"""Functions of one name in files of one name that are looked at."""
