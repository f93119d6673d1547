"""A digest as some file writes it → algorithm and hexadecimal value, if it can be one."""

import base64
import binascii
from collections.abc import Iterable

from assaymark.bom import Hash

__all__ = ["hash_of", "hashes_of"]

_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_HEX = frozenset("0123456789abcdef")


def hashes_of(texts: Iterable[str]) -> tuple[Hash, ...]:
    """Those of `texts` that are digests, sorted."""
    return tuple(sorted({h for t in texts if (h := hash_of(t)) is not None}))


def hash_of(text: str) -> Hash | None:
    """A digest written as `sha256:HEX`, `sha512-BASE64` or bare hexadecimal; None if it is none."""
    algorithm, colon, value = text.strip().partition(":")
    if not colon:
        algorithm, dash, encoded = text.strip().partition("-")
        if not dash:
            return _bare(algorithm.lower())
        try:
            value = base64.b64decode(encoded.split("?")[0], validate=True).hex()
        except (binascii.Error, ValueError):
            return None
    algorithm, value = algorithm.lower(), value.lower()
    good = _LENGTHS.get(algorithm) == len(value) and _HEX.issuperset(value)
    return Hash(algorithm, value) if good else None


def _bare(value: str) -> Hash | None:
    name = next((n for n, length in _LENGTHS.items() if length == len(value)), "")
    return Hash(name, value) if name and _HEX.issuperset(value) else None
