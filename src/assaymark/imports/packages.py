"""One name for a package, however a tool writes it: `pypi/scikit-learn`."""

from urllib.parse import unquote

from assaymark.vulnerability.advisory import folded

__all__ = ["of_purl", "package_key"]


def package_key(ecosystem: str, name: str) -> str:
    """The name by which packages are compared here; ecosystems that are not read keep their own words."""
    found = folded(ecosystem, name)
    return "/".join(found) if found else f"{ecosystem.casefold()}/{name}"


def of_purl(purl: str) -> tuple[str, str] | None:
    """Package and version of a package URL (`pkg:pypi/requests@2.31.0`); None for what is none."""
    if not purl.startswith("pkg:"):
        return None
    rest = purl[4:].lstrip("/").partition("#")[0].partition("?")[0]
    kind, _, path = rest.partition("/")
    path, _, version = path.rpartition("@") if "@" in path.strip("@") else (path, "", "")
    name = unquote(path).strip("/")
    return (package_key(kind, name), unquote(version)) if kind and name else None
