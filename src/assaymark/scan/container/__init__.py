"""Files that hold files: archives, compressors, image layers."""

from assaymark.scan.part import Inspector

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = ()
