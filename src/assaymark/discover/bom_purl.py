"""Package URLs, by the rules of each type (the purl specification and its type definitions)."""

from urllib.parse import quote

__all__ = ["container_purl", "huggingface_purl", "package_purl"]

_SAFE = "-._~:"
"""What a purl leaves unescaped in names and versions, letters and digits aside."""


def package_purl(ecosystem: str, name: str, version: str) -> str:
    """`pkg:pypi/numpy@2.1.0`; any ecosystem without a type of its own is `generic`.

    PyPI names are compared in lower case with hyphens. npm names are in lower case too, as the type's
    definition has it; the scope is the namespace, its @ escaped.
    """
    kind = ecosystem if ecosystem in ("pypi", "npm", "conda", "cargo") else "generic"
    if kind == "pypi":
        name = name.lower().replace("_", "-")
    name = name.lower() if kind == "npm" else name
    namespace, slash, last = name.rpartition("/") if kind == "npm" else ("", "", name)
    return _purl(kind, namespace if slash else "", last, version)


def huggingface_purl(name: str, revision: str) -> str:
    """`pkg:huggingface/owner/name@revision`: names keep their case, a revision is written in lower case.

    Empty for what is no repository id of the Hub: more than one slash, or nothing at one side of it.
    """
    parts = name.split("/")
    if len(parts) > 2 or not all(parts) or any(p in (".", "..") for p in parts):
        return ""
    return _purl("huggingface", parts[0] if len(parts) == 2 else "", parts[-1], revision.lower())


def container_purl(image: str) -> str:
    """`pkg:docker/library/python@sha256:…`; empty for what is no image name.

    A tag is a version too, if there is no digest. A registry other than Docker's own becomes a qualifier.
    """
    name, at, digest = image.strip().partition("@")
    host, slash, rest = name.partition("/")
    registry = host if slash and ("." in host or ":" in host or host == "localhost") else ""
    path = rest if registry else name
    path, colon, tag = path.rpartition(":") if ":" in path else (path, "", "")
    if not path or any(c in image for c in "${} \t\n"):
        return ""
    namespace, slash, last = path.rpartition("/")
    purl = _purl("docker", namespace if slash else "", last, digest if at else tag if colon else "")
    return f"{purl}?repository_url={quote(registry, safe=_SAFE)}" if registry else purl


def _purl(kind: str, namespace: str, name: str, version: str) -> str:
    name, version = name.strip(), version.strip()
    if not name.replace("/", " ").strip():
        return ""
    parts = [quote(p, safe=_SAFE) for p in (*namespace.split("/"), name) if p]
    return f"pkg:{kind}/{'/'.join(parts)}" + (f"@{quote(version, safe=_SAFE)}" if version else "")
