"""Parsers for model and data files: an explicit, ordered list."""

from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = ()
