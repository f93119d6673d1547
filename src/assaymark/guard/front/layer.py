"""What `reveal` gives back: layers to be judged beside the original, and the disguises as findings."""

from msgspec import Struct

from assaymark.guard.event import Finding
from assaymark.guard.front.mapped import Mapped

__all__ = ["Layer", "Revealed"]


class Layer(Struct, frozen=True):
    """One text that another hides."""

    made: Mapped
    """The text, and its place in the text of `parent`."""
    chain: tuple[str, ...] = ()
    """Disguises undone, outermost first."""
    hidden: bool = False
    """True: a person who looks at the original does not see this text."""
    parent: "Layer | None" = None
    """The layer in which it was found; None if that was the original."""

    @property
    def text(self) -> str:
        """What the model may read."""
        return self.made.text

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original the part from `start` to `end` of this text stands."""
        start, end = self.made.span(start, end)
        return self.parent.span(start, end) if self.parent else (start, end)


class Revealed(Struct, frozen=True):
    """What a text says once its disguises are undone."""

    layers: tuple[Layer, ...] = ()
    """Texts to be judged beside the original."""
    findings: tuple[Finding, ...] = ()
    """Disguises seen: `front/…`. Those that hide text from people, and bounds that were hit, ask for
    `ANNOTATE` (the policy's `hidden` action takes its place); the others for `ALLOW`."""
