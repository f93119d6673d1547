"""What verifying a ledger gives."""

from msgspec import Struct

__all__ = ["MAX_PROBLEMS", "Problem", "Verification"]

MAX_PROBLEMS = 20
"""Enough to see it; not a line for each of a million."""


class Problem(Struct, frozen=True):
    """One thing that does not hold."""

    index: int | None
    """First entry concerned; None if it concerns the ledger as a whole."""
    message: str


class Verification(Struct, frozen=True, kw_only=True):
    """What verifying gave."""

    ok: bool
    size: int
    """Entries that the newest head covers, as far as they are there."""
    root: str
    """Hexadecimal root over the entries read."""
    origin: str
    problems: tuple[Problem, ...]
    """In the order of the entries; at most twenty."""
    public_key: str
    """Hexadecimal key that the newest head is signed with; empty if none holds."""
    signers: tuple[str, ...]
    """All keys named in the ledger."""
    checkpoint: str = ""
    """The newest signed head, a C2SP signed note; empty if there is none."""
    waiting: int = 0
    """Entries behind those of the newest head: acknowledged, intact, and not signed yet."""
