"""Parsers for prompt template files: an explicit, ordered list."""

from assaymark.scan.prompt.files import NAME, accepts, scan
from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = (Scanner(name=NAME, version=1, accepts=accepts, scan=scan),)
