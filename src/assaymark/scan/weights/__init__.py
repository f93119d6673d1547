"""Formats that hold tensors, graphs and configurations; one file a format."""

from assaymark.scan.part import Inspector

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = ()
