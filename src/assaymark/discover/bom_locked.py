"""What one entry of a lock file says."""

import base64
import binascii
import hashlib
import re
from typing import Any

import msgspec
from msgspec import Struct

from assaymark.bom import Artefact, Hash

__all__ = ["Locked", "hash_of", "parsed_json", "pypi_name", "shortened"]

_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_HEX = frozenset("0123456789abcdef")
LONGEST = 300
"""Characters of a name, version or licence that are kept."""


class Locked(Struct, frozen=True, kw_only=True):
    """A package at the version that a lock file fixes."""

    ecosystem: str
    """pypi, npm or conda."""
    name: str
    version: str
    hashes: tuple[Hash, ...] = ()
    """Digests that the lock accepts without saying of which file."""
    artefacts: tuple[Artefact, ...] = ()
    licence: str = ""
    url: str = ""
    """Repository or folder it comes from, where it is not the ecosystem's registry."""
    requires: tuple[tuple[str, str], ...] = ()
    """Name and version of what it needs; an empty version means the only one in the file."""
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same package as another."""
        return (self.ecosystem, self.name, self.version)


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


def parsed_json(text: str) -> tuple[Any, str]:
    """The value of `text` and an empty problem, or None and what was wrong; long locks are read in C."""
    try:
        return msgspec.json.decode(text.removeprefix("\ufeff").encode("utf-8", "replace")), ""
    except RecursionError:
        return None, "nested too deeply"
    except msgspec.DecodeError as wrong:
        return None, f"broken syntax: {str(wrong)[:200]}"


def pypi_name(name: str) -> str:
    """A project name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def shortened(value: object, longest: int = LONGEST) -> str:
    """`value` as text if it is text or a number; cut where it is too long, and marked by its digest."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip()
    if len(text) <= longest:
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[: longest - 13]}…{mark}"
