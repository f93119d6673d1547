"""Parsers for Python source and notebooks: an explicit, ordered list."""

from assaymark.scan.python._scan import accepts, scan_python
from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = (Scanner(name="python", version=1, accepts=accepts, scan=scan_python),)
