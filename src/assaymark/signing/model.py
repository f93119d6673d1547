"""A model folder, or one file → the manifest that is signed."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from assaymark.errors import AssaymarkError, NothingToAssess, UsageError
from assaymark.signing.algorithms import OMS_ALGORITHMS, digest_fault
from assaymark.signing.cache import DigestCache
from assaymark.signing.hashing import Piece, digest_pieces, pieces_of
from assaymark.signing.listing import DEFAULT_IGNORED, Found, Listing, list_files
from assaymark.signing.manifest import SHARD_SIZE, Manifest, Serialization
from assaymark.signing.names import name_fault
from assaymark.signing.problems import Trouble, shown
from assaymark.signing.reading import CannotRead, Stamp, open_regular

__all__ = ["Hashed", "Plan", "describe_model", "found_in", "relative"]


class Plan(Struct, frozen=True, kw_only=True):
    """How a model is to be hashed."""

    method: str = "files"
    """`files`, or `shards` to hash one large file on several processors."""
    algorithm: str = "sha256"
    shard_size: int = SHARD_SIZE
    """Bytes; used with the method `shards`."""
    allow_symlinks: bool = False
    """Follow links that stay inside the folder."""
    ignore: tuple[str, ...] = ()
    """Paths to leave out, relative to the folder."""
    ignore_git: bool = True
    """Leave out what belongs to git at the top level."""
    workers: int = 0
    """Threads; 0 for one a processor."""


class Hashed(Struct, frozen=True):
    """A manifest, and what it cost."""

    manifest: Manifest
    files: int
    size: int
    """Bytes in all files."""
    bytes_read: int
    """Bytes that had to be read."""


def describe_model(
    root: Path,
    plan: Plan | None = None,
    *,
    signature: Path | None = None,
    digests: Mapping[str, str] | None = None,
    earlier: Manifest | None = None,
    cache: DigestCache | None = None,
    told: Callable[[int], object] | None = None,
) -> Hashed:
    """The manifest of the model at `root`.

    Args:
        root: a folder, or a single file.
        plan: how to hash; as the specification has it by default.
        signature: where the signature will be; it is left out.
        digests: relative path → SHA-256 of files that the caller has just read; those are not read again.
        earlier: an earlier manifest of the model; a remembered digest that it contradicts is not used.
        cache: digests remembered from before; updated.
        told: called with the count of bytes each time some were read.

    Raises:
        UsageError: the plan makes no sense, or a given digest is none.
        NothingToAssess: there is nothing to sign.
        AssaymarkError: something in it cannot be signed: a link, a pipe, a file that changes.
    """
    plan = plan or Plan()
    _check(plan)
    ignored = _ignored(root, plan, signature)
    listing = found_in(root, ignored=frozenset(ignored), links=plan.allow_symlinks)
    _refuse(listing.troubles)
    if not listing.files:
        raise NothingToAssess(f"There is no file to sign in {root}.", "Name the folder that holds the model.")
    size = plan.shard_size if plan.method == "shards" else 0
    pieces = pieces_of(listing.files, plan.method, plan.algorithm, size)
    known = _known(pieces, plan, digests or {}, earlier, cache)
    unread = [piece for piece in pieces if piece.label not in known]
    started = time.time_ns()
    results = digest_pieces(unread, workers=plan.workers, told=told)
    _refuse([result for result in results if isinstance(result, Trouble)])
    for piece, digest in zip(unread, results, strict=True):
        known[piece.label] = str(digest)
        if cache is not None:
            cache.put(piece, str(digest), started)
    how = Serialization(plan.method, plan.algorithm, size, plan.allow_symlinks, tuple(ignored))
    resources = tuple(piece.resource(known[piece.label]) for piece in pieces)
    name = os.path.basename(os.path.abspath(root))  # noqa: PTH100, PTH119  a link keeps its own name
    return Hashed(
        Manifest(name, resources, how),
        len(listing.files),
        sum(f.stamp.size for f in listing.files),
        sum(piece.length for piece in unread),
    )


def found_in(
    root: Path,
    *,
    ignored: frozenset[str] = frozenset(),
    needed: frozenset[str] = frozenset(),
    links: bool = False,
) -> Listing:
    """The files of a folder, or the one file that `root` is.

    Raises:
        NothingToAssess: there is neither.
    """
    if root.is_dir():
        return list_files(root, ignored=ignored, needed=needed, links=links)
    try:
        real = os.path.realpath(root)
        handle = open_regular(real)
    except CannotRead as error:
        raise NothingToAssess(f"{root} {error}.", "Name a model's folder or file.") from error
    info = os.fstat(handle)
    os.close(handle)
    name = root.name
    if fault := name_fault(name):
        return Listing((), (Trouble(name, fault),))
    return Listing((Found(name, real, Stamp.of(info)),))


def relative(root: Path, path: Path) -> str:
    """`path` relative to the folder `root`, `/`-separated; empty if it lies elsewhere."""
    real = Path(os.path.realpath(path.parent)) / path.name
    base = Path(os.path.realpath(root))
    return real.relative_to(base).as_posix() if real != base and real.is_relative_to(base) else ""


def _check(plan: Plan) -> None:
    if plan.method not in ("files", "shards"):
        raise UsageError(f"There is no method {plan.method!r}.", "Give files or shards.")
    if plan.algorithm not in OMS_ALGORITHMS:
        raise UsageError(
            f"A model signature cannot use {plan.algorithm!r}.", f"Give one of {', '.join(OMS_ALGORITHMS)}."
        )
    if plan.method == "shards" and plan.shard_size < 1:
        raise UsageError("The shard size has to be positive.", f"Leave it at {SHARD_SIZE:,} bytes.")


def _ignored(root: Path, plan: Plan, signature: Path | None) -> list[str]:
    """What is left out, as it will be written into the statement."""
    if not root.is_dir():
        return []
    own = [relative(root, signature)] if signature is not None else []
    git = DEFAULT_IGNORED if plan.ignore_git else ()
    for path in plan.ignore:
        if fault := name_fault(path):
            raise UsageError(f"The path to ignore {shown(path)!r} {fault}.", "Give it relative to the model.")
    return sorted({*filter(None, own), *git, *plan.ignore})


def _known(
    pieces: Sequence[Piece],
    plan: Plan,
    digests: Mapping[str, str],
    earlier: Manifest | None,
    cache: DigestCache | None,
) -> dict[str, str]:
    """The digests that need no reading, by resource name."""
    known: dict[str, str] = {}
    signed = (
        {r.label: r.digest for r in earlier.resources if r.algorithm == plan.algorithm} if earlier else {}
    )
    for piece in pieces:
        given = digests.get(piece.name, "") if (plan.method, plan.algorithm) == ("files", "sha256") else ""
        if given:
            if fault := digest_fault("sha256", given):
                raise UsageError(f"The digest given for {shown(piece.name)} {fault}.", "Give SHA-256.")
            known[piece.label] = given
            continue
        kept = cache.get(piece) if cache is not None else ""
        if kept and signed.get(piece.label, kept) == kept:
            known[piece.label] = kept
    return known


def _refuse(troubles: Sequence[Trouble]) -> None:
    if troubles:
        more = f" (and {len(troubles) - 1} more)" if len(troubles) > 1 else ""
        raise AssaymarkError(
            f"{troubles[0]}{more}; nothing was signed.", "Mend it, or leave it out with --ignore PATH."
        )
