"""Software: packages that lock files fix, declared ones that nothing fixes, container images."""

from collections import defaultdict

import msgspec

from assaymark.asset import AssetKind, NotLookedAt
from assaymark.bom import Artefact, Component, ComponentKind, LinkKind
from assaymark.discover.bom_licences import licence_of
from assaymark.discover.bom_locked import Locked, hash_of, pypi_name
from assaymark.discover.bom_locks import is_lock, read_lock
from assaymark.discover.bom_material import Material, Part, as_properties
from assaymark.discover.bom_purl import container_purl, package_purl, public_url
from assaymark.observation import Location
from assaymark.scan.facts import ContainerBuild, Dependency, Deployment
from assaymark.source.file import OutOfTime, clock

__all__ = ["containers", "packages"]

_KNOWN = ("pypi", "npm", "conda")
_SECONDS = 20
MAX_ALL = 200_000
"""Packages of all lock files that are listed."""


def packages(material: Material) -> tuple[Part, tuple[NotLookedAt, ...]]:
    """Every package once a version, what needs what, and lock files that could not be read whole."""
    part = Part()
    found: dict[tuple[str, str, str], Component] = {}
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    holes = []
    for path, text in sorted(material.sources.texts.items()):
        if not is_lock(path):
            continue
        locked, problem = _read(path, text) if len(found) < MAX_ALL else ([], _TOO_MANY)
        if problem:
            holes.append(NotLookedAt(path=path, reason=f"in part: {problem}"))
        _locked(path, locked, found, by_name, part)
    _declared(material, found, by_name, part)
    part.components += found.values()
    return part, tuple(holes)


_TOO_MANY = f"lock files before it fix more than {MAX_ALL:,} packages; it was not read"


def _read(path: str, text: str) -> tuple[list[Locked], str]:
    try:
        with clock(_SECONDS):
            return read_lock(path, text)
    except OutOfTime:
        return [], f"reading it took more than {_SECONDS} s of processor time"


def _locked(
    path: str,
    locked: list[Locked],
    found: dict[tuple[str, str, str], Component],
    by_name: dict[tuple[str, str], list[str]],
    part: Part,
) -> None:
    here: dict[tuple[str, str], str] = {}
    only: dict[tuple[str, str], str] = {}
    for one in locked:
        component = _component(one, path)
        if one.key in found:
            component = _merged(found[one.key], component)
        found[one.key] = component
        name = (one.ecosystem, one.name)
        if component.ref not in by_name[name]:
            by_name[name].append(component.ref)
        here[(one.name, one.version)] = component.ref
        only[name] = component.ref
    for one in locked:
        source = here[(one.name, one.version)]
        for name, version in one.requires:
            target = here.get((name, version)) or only.get((one.ecosystem, name))
            if target is not None:
                part.link(source, LinkKind.DEPENDS_ON, target)


def _component(one: Locked, path: str) -> Component:
    licence = licence_of(one.licence, Location(path, one.line))
    return Component(
        ref=f"package:{one.ecosystem}/{one.name}" + (f"@{one.version}" if one.version else ""),
        kind=ComponentKind.PACKAGE,
        name=one.name,
        version=one.version,
        hashes=one.hashes,
        artefacts=tuple(Artefact(public_url(a.url), a.hashes) for a in one.artefacts),
        licences=(licence,) if licence is not None else (),
        purl=package_purl(one.ecosystem, one.name, one.version),
        url=public_url(one.url),
        properties=as_properties(ecosystem=one.ecosystem),
        seen_at=(Location(path, one.line),),
    )


def _merged(before: Component, now: Component) -> Component:
    """One package that two lock files fix at one version."""
    return msgspec.structs.replace(
        before,
        hashes=tuple(sorted({*before.hashes, *now.hashes})),
        artefacts=tuple(sorted({*before.artefacts, *now.artefacts})),
        licences=before.licences or now.licences,
        url=before.url or now.url,
        seen_at=tuple(dict.fromkeys((*before.seen_at, *now.seen_at)))[:20],
    )


def _declared(
    material: Material,
    found: dict[tuple[str, str, str], Component],
    by_name: dict[tuple[str, str], list[str]],
    part: Part,
) -> None:
    """What the project asks for itself: linked to what locks fix, added where nothing does."""
    facts: dict[tuple[str, str], list[Dependency]] = defaultdict(list)
    for fact in material.facts(Dependency):
        if not is_lock(fact.at.path) or (fact.ecosystem, _plain(fact)) not in by_name:
            facts[(fact.ecosystem, _plain(fact))].append(fact)
    for asset in material.assets(AssetKind.DEPENDENCY):
        ecosystem, _, name = asset.id.removeprefix("dependency:").partition("/")
        if ecosystem == "docker":
            continue
        key = (ecosystem, pypi_name(name) if ecosystem == "pypi" else name)
        if key not in by_name:
            component = _unlocked(ecosystem, name, facts.get(key, []), asset.seen_at)
            found[(ecosystem, name, component.version)] = component
            by_name[key].append(component.ref)
        part.refs[asset.id] = tuple(by_name[key])
        if key in facts:
            part.top += by_name[key]
    _roots(found, by_name, part)


def _roots(
    found: dict[tuple[str, str, str], Component], by_name: dict[tuple[str, str], list[str]], part: Part
) -> None:
    """What no other package needs hangs on the system: somebody put it into the lock."""
    needed = {link.target for link in part.links}
    part.top += [c.ref for c in found.values() if c.ref not in needed]


def _plain(fact: Dependency) -> str:
    return pypi_name(fact.name) if fact.ecosystem == "pypi" else fact.name


def _unlocked(ecosystem: str, name: str, facts: list[Dependency], seen_at: tuple[Location, ...]) -> Component:
    """A package that no lock file fixes; its range is told, and its version only if there is just one."""
    exact = {f.spec.lstrip("= ").strip() for f in facts if f.pinned and f.spec}
    version = exact.pop() if len(exact) == 1 and len({f.spec for f in facts}) == 1 else ""
    version = "" if any(c in version for c in " <>^~*|,") else version
    specs = sorted({f.spec for f in facts if f.spec})
    return Component(
        ref=f"package:{ecosystem}/{name}" + (f"@{version}" if version else ""),
        kind=ComponentKind.PACKAGE,
        name=name,
        version=version,
        purl=package_purl(ecosystem, name, version),
        properties=as_properties(
            ecosystem=ecosystem,
            version_range=" or ".join(specs) if not version else "",
            locked="no",
            where="" if facts else "imported and not declared",
        ),
        seen_at=seen_at,
    )


def containers(material: Material) -> Part:
    """Every container image that a build starts from or a deployment runs."""
    part = Part()
    seen: dict[str, list[Location]] = defaultdict(list)
    for build in material.facts(ContainerBuild):
        for image in build.bases:
            seen[image].append(build.at)
            part.link(f"file:{build.at.path}", LinkKind.DEPENDS_ON, f"container:{image}")
    for deployment in material.facts(Deployment):
        if deployment.image:
            seen[deployment.image].append(deployment.at)
    for image, places in seen.items():
        part.components.append(_container(image, tuple(dict.fromkeys(places))[:20]))
        part.top.append(f"container:{image}")
    return part


def _container(image: str, seen_at: tuple[Location, ...]) -> Component:
    name, at, digest = image.partition("@")
    tag = name.rpartition(":")[2] if ":" in name.rpartition("/")[2] else ""
    found = hash_of(digest) if at else None
    return Component(
        ref=f"container:{image}",
        kind=ComponentKind.CONTAINER,
        name=name.removesuffix(f":{tag}") if tag else name,
        version=tag or digest,
        hashes=(found,) if found is not None else (),
        purl=container_purl(image),
        properties=as_properties(pinned="" if found is not None else "no"),
        seen_at=seen_at,
    )
