"""Layouts of stores: paths of the hub's cache and of MLflow as the model they stand for."""

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath

from assaymark.inspection import Level
from assaymark.scan.folder.entry import Finding, FolderEntry, Read, note

__all__ = ["follow_links", "judge_cache", "judge_links"]

_SNAPSHOT = re.compile(r"(?P<repo>(?:.*/)?(?:models|datasets|spaces)--[^/]+)/snapshots/[^/]+/")
_BLOB = re.compile(r"(?:.*/)?(?:models|datasets|spaces)--[^/]+/blobs/(?P<digest>[0-9a-f]{64})\Z")
_REF = re.compile(r"(?P<repo>(?:.*/)?(?:models|datasets|spaces)--[^/]+)/refs/.+\Z")


def _target_of(path: str, target: str) -> str:
    """Where a link leads, relative to what is scanned; a path that leaves it begins with `..` or `/`."""
    return normpath(target if target.startswith("/") else join(dirname(path), target))


def follow_links(entries: Mapping[str, FolderEntry], links: Mapping[str, str]) -> tuple[FolderEntry, ...]:
    """The entries, and for each link to one of them an entry under the link's own name.

    That is how the hub's cache keeps files: `snapshots/<revision>/<name>` leads to `blobs/<digest>`.
    """
    found = dict(entries)
    for path, target in links.items():
        entry = entries.get(_target_of(path, target))
        if entry is not None and path not in found:
            found[path] = FolderEntry(path, entry.size, entry.inspection)
    return tuple(found.values())


def judge_links(links: Mapping[str, str]) -> Iterator[Finding]:
    """Links that lead out of what is scanned."""
    for path, target in links.items():
        real = _target_of(path, target)
        if real.startswith(("/", "../")) or real == "..":
            message = f"It is a link that leads out of the folder, to {target[:200]}."
            yield path, note("folder-link-leaves", message, f"link:{target}", Level.UNKNOWN)


def judge_cache(entries: Mapping[str, FolderEntry], read: Read) -> Iterator[Finding]:
    """Whether the hub's cache still holds what was fetched: large blobs are named by their digest."""
    snapshots = {m["repo"] for p in entries if (m := _SNAPSHOT.match(p))}
    for path, entry in entries.items():
        blob = _BLOB.match(path)
        if blob and entry.inspection is not None and entry.inspection.sha256 not in ("", blob["digest"]):
            message = "Its content is not what was fetched: the digest in its name is another."
            yield path, note("folder-cache-changed", message, blob["digest"], Level.UNKNOWN)
        ref = _REF.match(path)
        if ref and ref["repo"] in snapshots:
            yield from _dangling(path, ref["repo"], entries, read)


def _dangling(path: str, repo: str, entries: Mapping[str, FolderEntry], read: Read) -> Iterator[Finding]:
    blob = read(path)
    revision = blob.read(0, 100).decode("utf-8", "replace").strip() if blob is not None else ""
    if revision and not any(p.startswith(f"{repo}/snapshots/{revision}/") for p in entries):
        message = f"It points to revision {revision[:40]}, of which there is no snapshot."
        yield path, note("folder-cache-revision", message, revision)
