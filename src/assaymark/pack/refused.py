"""What reading a pack ends with when it cannot go on: the member, and the reason."""

from assaymark.errors import NothingToAssess
from assaymark.signing.problems import DoesNotVerify, shown

__all__ = ["CONTAINER", "NotAPack", "Refused"]

CONTAINER = "container"
"""Place of what concerns the ZIP file itself and no member alone."""


class NotAPack(NothingToAssess):
    """The file is something else; there is nothing in it to verify."""


class Refused(DoesNotVerify):
    """Something in a pack does not hold, and what hangs on it was not looked at.

    Args:
        place: the member, with a line or an index where that helps; `CONTAINER` for the file itself.
        reason: what does not hold.
        advice: what to do about it.
    """

    def __init__(self, place: str, reason: str, advice: str = "") -> None:
        super().__init__(f"{shown(place)}: {reason}", advice)
        self.place = place
        self.reason = f"{reason} {advice}".strip()
