"""What the readers of bills of materials share: one part made from its words, and what the bill states."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from assaymark.imports.packages import of_purl
from assaymark.imports.reading import told
from assaymark.imports.report import Statement, Tested
from assaymark.observation import CheckInfo, Method, Outcome

__all__ = ["MAX_PARTS", "Named", "archives_of", "bom_info", "bom_statement", "part_of"]

MAX_PARTS = 200_000
"""Parts of one bill that are read."""
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_LINKS = "5.2.1-1#2"


class Named(Struct, frozen=True, kw_only=True):
    """A part as a bill names it."""

    kind: str
    """`model`, `file` (data too), `package` or `image`; empty for what cannot be compared."""
    name: str
    version: str = ""
    purl: str = ""
    sha256: str = ""
    archives: tuple[str, ...] = ()
    """SHA-256 of files by which a package can be had."""


def archives_of(named: Named) -> Iterator[Tested]:
    """The archives of a package, to be compared with those that a lock file accepts."""
    package = of_purl(named.purl)
    version = (package[1] if package else "") or named.version
    if package is not None and named.kind == "package" and version:
        for digest in dict.fromkeys((named.sha256.lower(), *(a.lower() for a in named.archives))):
            if _SHA256.match(digest):
                yield Tested("archive", f"{package[0]}@{version}", digest)


def part_of(named: Named) -> Tested | None:
    """The part as it is compared with the tree: by digest, else by package URL, else by name and version."""
    digest = named.sha256.lower()
    digest = digest if _SHA256.match(digest) else ""
    package = of_purl(named.purl)
    name, version = package or ("", "")
    kind, _, plain = name.partition("/")
    if kind == "huggingface" and named.kind != "file":
        return Tested("model", plain, digest or version or named.version)
    if named.kind == "file":
        return Tested("file", named.name, digest) if named.name and digest else None
    if named.kind == "model":
        return Tested("model", named.name, digest or named.version) if named.name else None
    if named.kind == "image" or kind in ("docker", "oci"):
        return Tested("image", plain or named.name, digest or version or named.version)
    if package is None:
        return None
    return Tested("package", name, version or named.version)


def bom_statement(parts: Iterable[Tested], links: int) -> Statement:
    """That the bill states how its parts hang together, or that it does not."""
    parts = tuple(parts)
    counts = {kind: sum(t.kind == kind for t in parts) for kind in ("model", "file", "package")}
    figures = ", ".join(told(count, kind) for kind, count in counts.items() if count) or "no part"
    return Statement(
        obligations=(_LINKS,),
        outcome=Outcome.MET if links and parts else Outcome.NOT_OBSERVABLE,
        summary=f"the bill lists {figures}, and {told(links, 'dependency', 'dependencies')} between them.",
        method=Method.EXAMINE,
        fix="" if links and parts else "Have the bill written with the dependencies between its parts.",
    )


def bom_info(id_: str, title: str) -> CheckInfo:
    """What the two kinds of bill have in common."""
    return CheckInfo(
        id=id_,
        version=1,
        title=title,
        why="What a supplier lists and what is there should be the same; what only one of them names was "
        "overlooked by the other.",
        fix="Have the list written anew for the version in use, and ask its supplier about what differs.",
        blind_spots="A list that agrees with the tree can still lack what neither sees. Parts without a "
        "digest or an exact version cannot be told from others of their name. Licences, vulnerabilities and "
        "services in the bill are not weighed.",
        provisions=(),
        supports=("5.1.2-4", "5.2.1-1", "5.2.3-1"),
    )
