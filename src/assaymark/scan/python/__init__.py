"""Parsers for Python source and notebooks: an explicit, ordered list."""

from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = ()
