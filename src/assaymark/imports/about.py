"""The sidecar of an imported report: what the report was made of, who imported it, and until when it counts.

Pure: bytes → `About`. It lies beside the report in ``assurance/imports/`` as ``NAME.about.json``; the format
is described in ``docs/evidence/imports.md``.
"""

from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.ledger.self_signed import signature_holds, signed
from assaymark.observation import canonical

__all__ = ["FOLDER", "LONGEST_DAYS", "MAX_BYTES", "SUFFIX", "About", "Part", "parse", "render", "signed"]

FOLDER = "assurance/imports"
"""Where imported reports lie below the folder that they are about."""
SUFFIX = ".about.json"
MAX_BYTES = 1 << 20
"""Longest sidecar that is read."""
LONGEST_DAYS = 1_827
"""Five years: no report speaks for longer."""

_ADVICE = "Import the report again with `assaymark import`, or remove both files."


class Part(Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A file that was tested."""

    path: str
    """POSIX path relative to the folder that holds ``assurance/``."""
    sha256: str
    """Digest of its content at the time of the import."""


class About(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of an imported report beside what it says itself."""

    v: Literal[1] = 1
    """Version of this format."""
    format: str
    """Format by its short name, such as `sarif`."""
    report: str
    """Name of the report's file, in the same folder."""
    sha256: str
    """Digest of the report."""
    tested: tuple[Part, ...] = ()
    """Files that were tested, as the importing person says."""
    commit: str = ""
    """Commit that was tested, as the importing person says; empty if they do not."""
    by: str = ""
    """Who imported it."""
    imported_on: str
    """ISO date."""
    valid_until: str
    """ISO date; from the day after it no longer counts."""
    public_key: str = ""
    """Hexadecimal Ed25519 key of the machine on which it was imported; empty if unsigned."""
    signature: str = ""
    """Base64 Ed25519 signature of the canonical JSON of this object with an empty `signature`."""


def parse(data: bytes, name: str) -> About:
    """The sidecar in a file's bytes.

    Args:
        data: the whole file.
        name: what to call it in messages.

    Raises:
        UsageError: it is no version-1 sidecar, a date is wrong, or its signature does not hold.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is longer than {MAX_BYTES:,} bytes.", _ADVICE)
    try:
        value = msgspec.json.decode(data, type=About)
        begun, until = date.fromisoformat(value.imported_on), date.fromisoformat(value.valid_until)
        canonical(value)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} does not say what was imported: {error}.", _ADVICE) from error
    if (until - begun).days > LONGEST_DAYS:
        raise UsageError(f"{name} ends more than {LONGEST_DAYS} days after the import.", _ADVICE)
    if (value.signature or value.public_key) and not signature_holds(value):
        raise UsageError(f"{name} was changed after it was signed.", _ADVICE)
    return value


def render(value: About) -> bytes:
    """The file: sorted keys, two spaces, a line feed at the end."""
    return msgspec.json.format(canonical(value), indent=2) + b"\n"
