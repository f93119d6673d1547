"""Parsers for JavaScript and TypeScript: an explicit, ordered list."""

from assaymark.scan.javascript.source import NAME, accepts, scan
from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = (Scanner(name=NAME, version=1, accepts=accepts, scan=scan),)
