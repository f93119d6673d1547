"""Which members a pack may have at all, and how long a reader lets each be. Pure."""

import re

from assaymark.pack import format as names
from assaymark.pack.names import largest

__all__ = ["is_known", "most"]

_SINGLE = frozenset(
    {
        names.BASIS,
        names.BOM,
        names.CHECKPOINT,
        names.CONSISTENCY,
        names.ENTRIES,
        names.GATE,
        names.ICS,
        names.IXIT,
        names.MANIFEST,
        names.PROOFS,
        names.REPORT,
        names.REPORT_HTML,
        names.STATEMENT,
    }
)
_SIGN_OFF = re.compile(rf"{re.escape(names.SIGN_OFFS)}[0-9a-f]{{16}}\.dsse\.json")
_SHORT = {names.MANIFEST: 1_000_000, names.CHECKPOINT: 131_072}
_PERSONS = 65_536
"""Bytes of an attestation or a sign-off."""


def is_known(name: str) -> bool:
    """Whether `pack.format` has such a member: a stranger's `install.sh` is none."""
    if name in _SINGLE or name.startswith((names.DOCUMENTS, names.ATTESTATIONS)):
        return True
    return _SIGN_OFF.fullmatch(name) is not None


def most(name: str) -> int:
    """Bytes that a reader takes of the member `name`."""
    if name.startswith((names.ATTESTATIONS, names.SIGN_OFFS)):
        return _PERSONS
    return _SHORT.get(name, largest(name))
