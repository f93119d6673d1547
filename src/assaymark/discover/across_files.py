"""What one file's facts say of another's: endpoints reach what the functions they call reach. Pure."""

import posixpath
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import msgspec

from assaymark.scan.facts import Endpoint, Fact, FunctionReach

__all__ = ["linked"]

_Functions = Mapping[str, list[FunctionReach]]


def linked(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts, with what endpoints reach through functions of other files added to them.

    One step is followed: what the called function reaches in its own file.
    """
    every = tuple(facts)
    functions: dict[str, list[FunctionReach]] = {}
    for fact in every:
        if isinstance(fact, FunctionReach):
            functions.setdefault(fact.function, []).append(fact)
    return tuple(_extended(f, functions) if isinstance(f, Endpoint) and f.calls else f for f in every)


def _extended(endpoint: Endpoint, functions: _Functions) -> Endpoint:
    found = {r for name in endpoint.calls for r in _reached(name, endpoint.at.path, functions)}
    if found <= set(endpoint.reaches):
        return endpoint
    return msgspec.structs.replace(endpoint, reaches=tuple(sorted(found | set(endpoint.reaches))))


def _reached(name: str, caller: str, functions: _Functions) -> tuple[str, ...]:
    """What the function called `name` reaches, if exactly one file of the tree can be meant."""
    specifier, _, exported = name.rpartition("::")
    if specifier:
        fits = [f for f in functions.get(exported, ()) if _stem(f.at.path) == _target(specifier, caller)]
    else:
        module, _, function = name.rpartition(".")
        place = module.lstrip(".").replace(".", "/")
        fits = [f for f in functions.get(function, ()) if place and _ends(_stem(f.at.path), place)]
    return fits[0].reaches if len(fits) == 1 else ()


def _target(specifier: str, caller: str) -> str:
    if not specifier.startswith("."):
        return ""
    return _stem(posixpath.normpath(posixpath.join(posixpath.dirname(caller), specifier)))


def _stem(path: str) -> str:
    """The path without suffix; a folder for the file that stands for it."""
    pure = PurePosixPath(path)
    return str(pure.parent if pure.stem in ("__init__", "index") else pure.with_suffix(""))


def _ends(stem: str, place: str) -> bool:
    return stem == place or stem.endswith(f"/{place}")
