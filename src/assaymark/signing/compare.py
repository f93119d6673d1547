"""A manifest against a folder: which files are missing, extra, changed or renamed.

OMS v1.0, sections 8.4 and 8.5.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from assaymark.signing.hashing import Piece, digest_pieces
from assaymark.signing.listing import DEFAULT_IGNORED, Found, Listing
from assaymark.signing.manifest import Manifest, Resource
from assaymark.signing.model import found_in, relative
from assaymark.signing.names import covers, name_fault
from assaymark.signing.problems import Difference, Kind, Trouble

__all__ = ["Comparison", "compare"]


class Comparison(Struct, frozen=True):
    """How a folder stands to its manifest."""

    differences: tuple[Difference, ...]
    """Sorted; empty if all is as listed."""
    files: int
    """Files that are listed."""
    bytes_read: int
    unlisted: tuple[str, ...] = ()
    """Files that are not listed and were allowed to be there."""
    left_out: int = 0
    """Files and folders that were not looked at, on request or because the signer left them out."""


def compare(
    manifest: Manifest,
    root: Path,
    *,
    signature: Path | None = None,
    ignore: Sequence[str] = (),
    allow_unlisted: bool = False,
    ignore_git: bool = True,
    workers: int = 0,
    told: Callable[[int], object] | None = None,
) -> Comparison:
    """Read every listed file and look for what is not listed.

    Args:
        manifest: what should be there.
        root: the folder, or the one file.
        signature: where the signature lies; it need not be listed.
        ignore: further paths, relative to the folder, that need not be listed.
        allow_unlisted: accept files that are not listed.
        ignore_git: accept what belongs to git at the top level.
        workers: threads; 0 for one a processor.
        told: called with the count of bytes each time some were read.

    A file that is listed is always read, even where something is ignored.
    """
    ignored = _ignored(manifest, root, signature, ignore, ignore_git=ignore_git)
    links = manifest.serialization.allow_symlinks
    listing = found_in(root, ignored=ignored, needed=manifest.names, links=links)
    present = {found.name: found for found in listing.files}
    listed: dict[str, list[Resource]] = defaultdict(list)
    for resource in manifest.resources:
        listed[resource.name].append(resource)
    differences = _in_the_way(listing, listed, allow_unlisted=allow_unlisted)
    blocked = {d.name for d in differences}
    here = [name for name in listed if name in present]
    differences += [
        Difference(Kind.MISSING, name)
        for name in listed
        if name not in present and not covers(frozenset(blocked), name)
    ]
    pieces, wrong = _to_read(here, listed, present)
    differences += wrong
    results = digest_pieces([piece for piece, _ in pieces], workers=workers, told=told)
    differences += _judged(pieces, results)
    unlisted = _unlisted(manifest, sorted(present.keys() - listed.keys()), present)
    differences = _with_renames(differences, unlisted, listed, present, workers)
    if not allow_unlisted:
        renamed = {d.detail for d in differences if d.kind is Kind.RENAMED}
        differences += [Difference(Kind.EXTRA, name) for name in unlisted if name not in renamed]
    return Comparison(
        tuple(sorted(set(differences))),
        len(listed),
        sum(piece.length for piece, _ in pieces),
        tuple(unlisted) if allow_unlisted else (),
        max(0, listing.ignored - len(_own(root, signature))),
    )


def _ignored(
    manifest: Manifest, root: Path, signature: Path | None, ignore: Sequence[str], *, ignore_git: bool
) -> frozenset[str]:
    """What need not be listed; a path that the signer left out counts only if it names something inside."""
    own = _own(root, signature)
    signed = {path for path in manifest.serialization.ignore_paths if not name_fault(path)}
    return frozenset({*own, *signed, *ignore, *(DEFAULT_IGNORED if ignore_git else ())})


def _own(root: Path, signature: Path | None) -> set[str]:
    """The signature's own path, if it lies inside."""
    if signature is None or not root.is_dir() or not signature.exists():
        return set()
    return {relative(root, signature)} - {""}


def _in_the_way(
    listing: Listing, listed: dict[str, list[Resource]], *, allow_unlisted: bool
) -> list[Difference]:
    """Links, pipes and unreadable things; unlisted ones do no harm where unlisted files are allowed."""
    above = {"/".join(name.split("/")[:n]) for name in listed for n in range(1, name.count("/") + 1)}
    return [
        Difference(Kind.UNREADABLE, trouble.name, trouble.reason)
        for trouble in listing.troubles
        if not allow_unlisted or trouble.name in listed or trouble.name in above or trouble.name == "."
    ]


def _to_read(
    names: Sequence[str], listed: dict[str, list[Resource]], present: dict[str, Found]
) -> tuple[list[tuple[Piece, str]], list[Difference]]:
    """What to hash, each with the digest it should have; files of another size need no reading."""
    pieces: list[tuple[Piece, str]] = []
    wrong = []
    for name in names:
        file = present[name]
        end = max(resource.end for resource in listed[name])
        if 0 <= end != file.stamp.size:
            wrong.append(Difference(Kind.CHANGED, name, f"{file.stamp.size:,} bytes instead of {end:,}"))
            continue
        pieces += [
            (Piece(name, file.path, file.stamp, r.algorithm, r.start, r.end), r.digest) for r in listed[name]
        ]
    return pieces, wrong


def _judged(pieces: Sequence[tuple[Piece, str]], results: Sequence[str | Trouble]) -> list[Difference]:
    differences = []
    for (piece, digest), result in zip(pieces, results, strict=True):
        if isinstance(result, Trouble):
            differences.append(Difference(Kind.UNREADABLE, piece.name, result.reason))
        elif result != digest:
            differences.append(Difference(Kind.CHANGED, piece.name))
    return differences


def _unlisted(manifest: Manifest, names: list[str], present: dict[str, Found]) -> list[str]:
    """Files that are not listed. model-signing 1.1.1 lists no empty file with the method `shards`."""
    if manifest.serialization.method == "shards" and not manifest.lists_empty_files:
        return [name for name in names if present[name].stamp.size]
    return names


def _with_renames(
    differences: list[Difference],
    unlisted: Sequence[str],
    listed: dict[str, list[Resource]],
    present: dict[str, Found],
    workers: int,
) -> list[Difference]:
    """The differences, with missing files that lie under another name told as renamed.

    All empty files have the same content, which says nothing.
    """
    missing = [d.name for d in differences if d.kind is Kind.MISSING]
    if not missing or not unlisted:
        return differences
    algorithm = listed[missing[0]][0].algorithm
    whole = {listed[name][0].digest: name for name in reversed(missing) if listed[name][0].end < 0}
    if not whole:
        return differences
    pieces = [
        Piece(n, present[n].path, present[n].stamp, algorithm) for n in unlisted if present[n].stamp.size
    ]
    results = digest_pieces(pieces, workers=workers)
    moved = {whole[str(r)]: p.name for p, r in zip(pieces, results, strict=True) if r in whole}
    return [
        Difference(Kind.RENAMED, d.name, moved[d.name]) if d.kind is Kind.MISSING and d.name in moved else d
        for d in differences
    ]
