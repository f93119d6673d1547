"""The hash algorithms of model signatures and of release manifests."""

import hashlib
import re
from collections.abc import Callable
from typing import Protocol, cast

from assaymark.errors import UsageError

__all__ = ["ALGORITHMS", "OMS_ALGORITHMS", "Hasher", "base_algorithm", "digest_fault", "new_hasher"]

_BYTES = {"sha256": 32, "blake2b": 64, "blake3": 32, "sha512": 64, "sha384": 48}
ALGORITHMS = ("sha256", "sha512", "sha384", "blake2b", "blake3")
"""What a sums file may use."""
OMS_ALGORITHMS = ("sha256", "blake2b", "blake3")
"""What a model signature may use (OMS v1.0, section 7): the first is required, the others optional."""

_SHARDED = re.compile(r"(sha256|blake2b|blake2)-sharded-[0-9]{1,19}\Z")
_HEX = re.compile(r"[0-9a-f]*\Z")


class Hasher(Protocol):
    """The part of hashlib's interface that we use."""

    def update(self, data: memoryview, /) -> object:
        """Take in more bytes."""

    def hexdigest(self) -> str:
        """The digest of all bytes so far."""


def new_hasher(algorithm: str) -> Hasher:
    """An empty hasher.

    Raises:
        UsageError: the algorithm is unknown, or needs a package that is not installed.
    """
    if algorithm == "blake3":
        return _blake3()()
    if algorithm not in _BYTES:
        raise UsageError(f"There is no hash algorithm {algorithm[:40]!r}.", f"Give {', '.join(_BYTES)}.")
    return cast("Hasher", hashlib.new(algorithm))


def base_algorithm(written: str) -> str:
    """The algorithm that `written` means: model-signing 1.1.1 writes `sha256-sharded-…` and `blake2`."""
    found = _SHARDED.match(written)
    plain = found[1] if found else written
    return "blake2b" if plain == "blake2" else plain


def digest_fault(algorithm: str, digest: str) -> str:
    """Why `digest` cannot be a lower-case hexadecimal digest of `algorithm`; empty if it can."""
    if not _HEX.match(digest):
        return "is not lower-case hexadecimal"
    return "" if len(digest) == 2 * _BYTES[algorithm] else f"has not the length of {algorithm}"


def _blake3() -> Callable[[], Hasher]:
    try:
        from blake3 import blake3
    except ImportError as error:
        raise UsageError("BLAKE3 needs a package.", "Run: pip install 'assaymark[blake3]'") from error

    def make() -> Hasher:
        return cast("Hasher", blake3(max_threads=blake3.AUTO))

    return make
