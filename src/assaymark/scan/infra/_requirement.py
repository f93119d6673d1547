"""One requirement of a Python project → a dependency: PEP 508, an address, or as much of it as is legible."""

import re

from assaymark.observation import Location
from assaymark.scan.facts import Dependency
from assaymark.scan.infra._locked import pypi_name

__all__ = ["direct", "from_url", "host", "requirement"]

_COMMIT = re.compile(r"@[0-9a-f]{40}(?:#|\Z)")
_NAME = re.compile(r"\A\s{0,9}([A-Za-z0-9][A-Za-z0-9._\-]{0,100})")


def requirement(
    place: Location, text: str, group: str = "", *, hashes: tuple[str, ...] = ()
) -> Dependency | None:
    """One PEP 508 requirement; None if the text is none."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        parsed = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return _legible(place, text, group, hashes)
    if parsed.url:
        return from_url(place, parsed.name, parsed.url, group, hashes=hashes)
    exact = next(
        (
            s.version
            for s in parsed.specifier
            if s.operator == "===" or (s.operator == "==" and not s.version.endswith(".*"))
        ),
        "",
    )
    return Dependency(
        at=place,
        ecosystem="pypi",
        name=pypi_name(parsed.name),
        spec=str(parsed.specifier),
        pinned=bool(exact),
        hashed=bool(hashes),
        group=group,
        version=exact[:200],
        hashes=hashes,
    )


def _legible(place: Location, text: str, group: str, hashes: tuple[str, ...]) -> Dependency | None:
    found = _NAME.match(text)
    if found is None:
        return None
    return Dependency(
        at=place,
        ecosystem="pypi",
        name=pypi_name(found[1]),
        spec=text[found.end() :].strip()[:120],
        pinned=False,
        hashed=bool(hashes),
        group=group,
        hashes=hashes,
    )


def from_url(place: Location, name: str, url: str, group: str, *, hashes: tuple[str, ...] = ()) -> Dependency:
    """A requirement that names an address instead of a version."""
    fixed = bool(_COMMIT.search(url)) or "#sha256=" in url or bool(hashes)
    local = url.startswith(("file:", ".", "/"))
    shown = re.sub(r"//[^/@]{0,200}@", "//", url)[:120]
    return Dependency(
        at=place,
        ecosystem="pypi",
        name=pypi_name(name),
        spec=shown,
        pinned=fixed or local,
        hashed="#sha256=" in url or bool(hashes),
        mutable=not (fixed or local),
        group=group,
        hashes=hashes,
        local=local,
    )


def direct(place: Location, body: str) -> Dependency | None:
    """A bare URL or VCS address."""
    if not re.match(r"(?:git|hg|svn|bzr)\+|https?://", body):
        return None
    egg = re.search(r"#(?:.*&)?egg=([\w.\-]{1,100})", body)
    name = egg[1] if egg else body.partition("@")[0].rstrip("/").rpartition("/")[2].removesuffix(".git")
    return from_url(place, name, body, "")


def host(url: str) -> str:
    """The host of an index, without the name and password before it."""
    return url.rpartition("@")[2].removeprefix("https://").removeprefix("http://").partition("/")[0][:120]
