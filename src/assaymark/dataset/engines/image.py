"""The engines for images, in the order in which a report names them."""

from assaymark.dataset.engine import Engine
from assaymark.dataset.engines.image_patches import ImagePatches
from assaymark.dataset.engines.image_patterns import ImagePatterns
from assaymark.dataset.engines.image_textures import ImageTextures

__all__ = ["ENGINES"]

ENGINES: tuple[Engine, ...] = (ImagePatterns(), ImagePatches(), ImageTextures())
