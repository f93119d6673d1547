"""One doubt about a policy."""

from typing import Literal

from msgspec import Struct

__all__ = ["Problem"]


class Problem(Struct, frozen=True, kw_only=True):
    """Something in a well-formed policy that cannot work, or lets more pass than it seems to."""

    severity: Literal["error", "warning"]
    """A guard whose policy has an error refuses to start; a warning is shown at each start."""
    place: tuple[str | int, ...]
    """Keys and indices from the top, as `Loaded.line` takes them."""
    message: str
    advice: str
    code: str = ""
    """`stream/…` for what only a streaming caller has to refuse; else empty."""

    @classmethod
    def error(cls, place: tuple[str | int, ...], message: str, advice: str, code: str = "") -> "Problem":
        """Cannot work as written."""
        return cls(severity="error", place=place, message=message, advice=advice, code=code)

    @classmethod
    def warning(cls, place: tuple[str | int, ...], message: str, advice: str) -> "Problem":
        """Allowed, and named."""
        return cls(severity="warning", place=place, message=message, advice=advice)

    @property
    def at(self) -> str:
        """`tools[2].effects`, counted from 1."""
        text = ""
        for part in self.place:
            text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
        return text
