"""Parsers for documents for people: an explicit, ordered list."""

from assaymark.scan.document.document import accepts_document, scan_document
from assaymark.scan.document.register_file import accepts_register, scan_register
from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = (
    Scanner(name="document", version=1, accepts=accepts_document, scan=scan_document),
    Scanner(name="register", version=1, accepts=accepts_register, scan=scan_register),
)
