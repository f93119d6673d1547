r"""Release hash manifests as `sha256sum` writes and reads them: one line a file, digest, two spaces, name.

A name with a line feed, carriage return or backslash is written as coreutils does: the line begins with a
backslash and those characters are written `\n`, `\r` and `\\`.
"""

import re
from collections.abc import Iterable

from assaymark.signing.algorithms import ALGORITHMS, digest_fault
from assaymark.signing.manifest import Manifest, Resource, Serialization
from assaymark.signing.names import name_fault
from assaymark.signing.problems import DoesNotVerify, shown

__all__ = ["MAX_SUMS", "decode_sums", "encode_sums", "guess_algorithm"]

MAX_SUMS = 256 << 20
"""Bytes of a sums file that are read."""
_LINE = re.compile(r"(\\?)([0-9A-Fa-f]{32,128}) [ *](.+)\Z", re.DOTALL)
_TAGGED = re.compile(r"(\\?)([A-Za-z0-9-]{3,12}) \((.+)\) = ([0-9A-Fa-f]{32,128})\Z", re.DOTALL)
_TAGS = {"SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512", "BLAKE2b": "blake2b", "BLAKE3": "blake3"}
_LENGTHS = {64: "sha256", 96: "sha384", 128: "sha512"}
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_UNESCAPED = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


def encode_sums(resources: Iterable[Resource]) -> bytes:
    """The lines for whole files, in their order."""
    return b"".join(_line(resource) for resource in resources)


def _line(resource: Resource) -> bytes:
    escaped = "".join(_ESCAPES.get(c, c) for c in resource.name)
    mark = "\\" if escaped != resource.name else ""
    return f"{mark}{resource.digest}  {escaped}\n".encode()


def decode_sums(data: bytes, algorithm: str = "") -> Manifest:
    """What a sums file lists.

    Args:
        data: its content; lines that start with `#`, and an OpenPGP clear-text frame, are passed over.
        algorithm: what made the digests; guessed from their length if empty.

    Raises:
        DoesNotVerify: a line is none, or names a file twice or outside of the folder.
    """
    try:
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise DoesNotVerify("The sums file is not UTF-8 text.") from error
    found: dict[str, Resource] = {}
    for number, line in enumerate(_framed(lines), 1):
        if not line.strip() or line.startswith("#"):
            continue
        resource = _resource(line, algorithm, number)
        if resource.name in found:
            raise DoesNotVerify(f"The sums file lists {shown(resource.name)} twice.")
        found[resource.name] = resource
    if not found:
        raise DoesNotVerify("The sums file lists no file.")
    return Manifest("", tuple(found[name] for name in sorted(found)), Serialization())


def guess_algorithm(name: str) -> str:
    """The algorithm that a sums file's name tells of; empty if it tells of none that length does not tell."""
    lower = name.lower()
    return "blake2b" if "b2" in lower else "blake3" if "b3" in lower or "blake3" in lower else ""


def _framed(lines: list[str]) -> list[str]:
    """Without the frame of an OpenPGP clear-text signature, which is not verified here."""
    if not lines[0].startswith("-----BEGIN PGP SIGNED MESSAGE"):
        return lines
    begin = next((i for i, line in enumerate(lines) if not line.strip()), 0)
    end = next((i for i, line in enumerate(lines) if line.startswith("-----BEGIN PGP SIGNATURE")), len(lines))
    return [line.removeprefix("- ") for line in lines[begin:end]]


def _resource(line: str, algorithm: str, number: int) -> Resource:
    if plain := _LINE.match(line):
        escaped, digest, name, tag = plain[1], plain[2], plain[3], ""
    elif tagged := _TAGGED.match(line):
        escaped, tag, name, digest = tagged[1], tagged[2], tagged[3], tagged[4]
    else:
        raise DoesNotVerify(f"Line {number} of the sums file is none: {shown(line)[:80]!r}.")
    if escaped:
        name = re.sub(r"\\[\\nr]", lambda match: _UNESCAPED[match[0]], name)
    name = name.removeprefix("./")
    if fault := name_fault(name):
        raise DoesNotVerify(
            f"Line {number} of the sums file lists the unsafe name {shown(name)[:200]!r}: it {fault}."
        )
    used = _TAGS.get(tag, tag) or algorithm or _LENGTHS.get(len(digest), "")
    if used not in ALGORITHMS or digest_fault(used, digest.lower()):
        raise DoesNotVerify(
            f"Line {number} of the sums file has no digest that can be checked.", "Use SHA-256."
        )
    return Resource(name, digest.lower(), used)
