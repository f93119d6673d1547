"""Software: packages that lock files fix, declared ones that nothing fixes, container images."""

from collections import defaultdict

import msgspec

from assaymark.asset import AssetKind, NotLookedAt
from assaymark.bom import Artefact, Component, ComponentKind, LinkKind
from assaymark.discover.bom_digests import hash_of, hashes_of
from assaymark.discover.bom_fixed import Key, fixed, is_lock, key_of
from assaymark.discover.bom_licences import licence_of
from assaymark.discover.bom_material import Material, Part, as_properties
from assaymark.discover.bom_purl import container_purl, package_purl
from assaymark.observation import Location
from assaymark.scan.facts import ContainerBuild, Dependency, Deployment, LockedFile, LockedPackage
from assaymark.scan.infra._locked import pypi_name
from assaymark.scan.words import public_url

__all__ = ["containers", "packages"]

MAX_ALL = 200_000
"""Packages of all lock files that are listed."""


def packages(material: Material) -> tuple[Part, tuple[NotLookedAt, ...]]:
    """Every package once a version, what needs what, and lock files that could not be read whole."""
    part = Part()
    found: dict[Key, Component] = {}
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    holes = []
    for path, locked, bare in fixed(material):
        if len(found) >= MAX_ALL:
            holes.append(NotLookedAt(path=path, reason=_TOO_MANY))
            continue
        if bare:
            holes.append(NotLookedAt(path=path, reason=_BARE.format(bare)))
        _locked(path, locked, found, by_name, part)
    _declared(material, found, by_name, part)
    part.components += found.values()
    return part, tuple(holes)


_TOO_MANY = f"in part: lock files before it fix more than {MAX_ALL:,} packages; it is not listed"
_BARE = "in part: it is so long that only the names and versions of its last {:,} packages are kept"


def _locked(
    path: str,
    locked: tuple[LockedPackage, ...],
    found: dict[Key, Component],
    by_name: dict[tuple[str, str], list[str]],
    part: Part,
) -> None:
    here: dict[tuple[str, str], str] = {}
    only: dict[tuple[str, str], str] = {}
    for one in locked:
        key = key_of(one)
        component = _component(one, path)
        if key in found:
            component = _merged(found[key], component)
        found[key] = component
        name = (one.ecosystem, one.name)
        if component.ref not in by_name[name]:
            by_name[name].append(component.ref)
        here[key[1:]] = component.ref
        only[name] = component.ref
    for one in locked:
        source = here[key_of(one)[1:]]
        for needed, version in one.needs:
            target = here.get((needed, version)) or only.get((one.ecosystem, needed))
            if target is not None:
                part.link(source, LinkKind.DEPENDS_ON, target)


def _component(one: LockedPackage, path: str) -> Component:
    licence = licence_of(one.licence, Location(path, one.line))
    _, _, version = key_of(one)
    return Component(
        ref=f"package:{one.ecosystem}/{one.name}" + (f"@{version}" if version else ""),
        kind=ComponentKind.PACKAGE,
        name=one.name,
        version=version,
        hashes=hashes_of(one.hashes),
        artefacts=_artefacts(one.files),
        licences=(licence,) if licence is not None else (),
        purl=package_purl(one.ecosystem, one.name, version),
        url=public_url(one.address),
        properties=as_properties(ecosystem=one.ecosystem),
        seen_at=(Location(path, one.line),),
    )


def _artefacts(files: tuple[LockedFile, ...]) -> tuple[Artefact, ...]:
    return tuple(sorted({Artefact(public_url(f.address), hashes_of(f.hashes)) for f in files}))


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
    found: dict[Key, Component],
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


def _roots(found: dict[Key, Component], by_name: dict[tuple[str, str], list[str]], part: Part) -> None:
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
