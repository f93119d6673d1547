"""A signature file and a model → whether the one holds for the other.

In the order of OMS v1.0, section 8: the bundle, the signature over the statement, the statement, the files.
Nothing of the statement is believed before its signature holds, but for its type, on which the encoding of
the oldest signatures depends.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from assaymark.signing.bundle import Bundle, parse_bundle
from assaymark.signing.compare import Comparison, compare
from assaymark.signing.manifest import Manifest
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.reading import CannotRead, open_regular
from assaymark.signing.statement import PREDICATE_BEFORE_1_0, decode
from assaymark.signing.strict_json import MAX_BYTES

__all__ = [
    "Signed",
    "Verified",
    "Verifier",
    "read_signature",
    "signed_manifest",
    "unverified_manifest",
    "verify_model",
]


class Verifier(Protocol):
    """Decides who may have signed."""

    def verify(self, bundle: Bundle, *, before_1_0: bool) -> str:
        """Who signed, in words; raises `DoesNotVerify` if nobody who may."""


class Signed(Struct, frozen=True):
    """A statement whose signature holds."""

    manifest: Manifest
    by: str
    """Who signed, in words."""


class Verified(Struct, frozen=True):
    """A signature that holds, and how the files stand to it."""

    signed: Signed
    found: Comparison

    @property
    def ok(self) -> bool:
        """Whether the model is what was signed."""
        return not self.found.differences


def signed_manifest(data: bytes, verifier: Verifier) -> Signed:
    """What the signature file `data` says.

    Raises:
        DoesNotVerify: its signature does not hold for `verifier`, or what it says contradicts itself.
    """
    bundle = parse_bundle(data)
    old = f'"{PREDICATE_BEFORE_1_0}"'.encode() in bundle.payload
    by = verifier.verify(bundle, before_1_0=old)
    return Signed(decode(bundle.payload), by)


def unverified_manifest(data: bytes) -> Manifest:
    """What the signature file `data` says, whoever wrote it.

    Raises:
        DoesNotVerify: it is no signature file, or contradicts itself.
    """
    return decode(parse_bundle(data).payload)


def verify_model(
    root: Path,
    data: bytes,
    verifier: Verifier,
    *,
    signature: Path | None = None,
    ignore: Sequence[str] = (),
    allow_unlisted: bool = False,
    ignore_git: bool = True,
    workers: int = 0,
    told: Callable[[int], object] | None = None,
) -> Verified:
    """Whether the model at `root` is what was signed.

    Args:
        root: a folder, or a single file.
        data: the signature file.
        verifier: decides who may have signed.
        signature: where the signature file lies, if inside the folder.
        ignore: further paths, relative to the folder, that need not be signed.
        allow_unlisted: accept files that are not signed.
        ignore_git: accept what belongs to git at the top level.
        workers: threads; 0 for one a processor.
        told: called with the count of bytes each time some were read.

    Raises:
        DoesNotVerify: the signature itself does not hold.
        NothingToAssess: there is no model.
    """
    signed = signed_manifest(data, verifier)
    found = compare(
        signed.manifest,
        root,
        signature=signature,
        ignore=ignore,
        allow_unlisted=allow_unlisted,
        ignore_git=ignore_git,
        workers=workers,
        told=told,
    )
    return Verified(signed, found)


def read_signature(path: Path) -> bytes:
    """The content of a signature file, without hanging on a pipe or reading without end.

    Raises:
        DoesNotVerify: it cannot be read, is no regular file, or is too long.
    """
    try:
        handle = open_regular(path.resolve())
    except (CannotRead, OSError) as error:
        raise DoesNotVerify(f"The file {path} {error}.", "Without it nothing can be verified.") from error
    with open(handle, "rb") as file:  # noqa: PTH123  a descriptor, no path
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DoesNotVerify(f"The file {path} is longer than {MAX_BYTES:,} bytes.")
    return data
