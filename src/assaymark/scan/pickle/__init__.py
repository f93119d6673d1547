"""The pickle family: a machine that follows what loading would do, and never does it."""

from assaymark.scan.part import Inspector

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = ()
