"""The front end: undoes disguises before any model reads a text, with a way back to the original's spans."""

from assaymark.guard.front.disguise import DISGUISES, wrap
from assaymark.guard.front.layer import Layer, Revealed
from assaymark.guard.front.reveal import MOST_LAYERS, reveal

__all__ = ["DISGUISES", "MOST_LAYERS", "Layer", "Revealed", "reveal", "wrap"]
