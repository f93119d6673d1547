"""How much work one text may cause: counted beforehand, never timed, so that the answer is the same."""

from assaymark.guard.front.signs import Signs, signs
from assaymark.guard.front.table import Entry

__all__ = ["LOOK", "Purse"]

LOOK = 8
"""Price of the look at a text, for each of its code points."""
_TRIES = 5
_LEAST = 2_000
"""A shorter part of a text is not worth a try."""


class Purse:
    """What is left of the work; lives for one call."""

    def __init__(self, work: int) -> None:
        self.left = work

    def pay(self, price: int) -> bool:
        """Take `price`, if that much is left."""
        if price > self.left:
            return False
        self.left -= price
        return True

    def affords(self, entry: Entry, text: str, look: Signs) -> tuple[str, Signs] | None:
        """As much from the beginning of `text` as `entry` may work on; None if that is nothing.

        What does not fit gets half of what is left, so that one costly thing leaves some for the others.
        """
        if self.pay(entry.price(text, look)):
            return text, look
        for _ in range(_TRIES):
            size = min(len(text) // 2, len(text) * (self.left // 2) // max(1, entry.price(text, look)))
            if size < _LEAST or not self.pay(LOOK * size):
                return None
            text = text[:size]
            look = signs(text)
            if entry.price(text, look) <= self.left // 2 and self.pay(entry.price(text, look)):
                return text, look
        return None
