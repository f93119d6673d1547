"""What can go wrong between a manifest and the files that it lists."""

from enum import StrEnum

from msgspec import Struct

from assaymark.errors import AssaymarkError

__all__ = ["Difference", "DoesNotVerify", "Kind", "Trouble", "shown"]


class DoesNotVerify(AssaymarkError):
    """A signature, or what it signs, does not hold; nothing it says may be relied on."""

    exit_code = 14


class Kind(StrEnum):
    """How a folder differs from its manifest."""

    MISSING = "missing"
    """Listed, not there."""
    EXTRA = "extra"
    """There, not listed."""
    CHANGED = "changed"
    """There with another content or size."""
    RENAMED = "renamed"
    """Missing under its name, there with the same content under another."""
    UNREADABLE = "unreadable"
    """There, but no regular file, a link, or not to be read."""


class Difference(Struct, frozen=True, order=True):
    """One way in which a folder differs from its manifest."""

    kind: Kind
    name: str
    """Relative path as listed, or as found."""
    detail: str = ""
    """What was seen instead; empty if the kind says it all."""

    def __str__(self) -> str:
        return f"{self.kind}: {shown(self.name)}" + (f" ({self.detail})" if self.detail else "")


class Trouble(Struct, frozen=True, order=True):
    """A file that cannot be hashed, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{shown(self.name)} {self.reason}"


def shown(text: str) -> str:
    """`text` with whatever could steer a terminal made visible."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )
