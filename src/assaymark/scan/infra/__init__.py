"""Parsers for containers, deployments, pipelines, dependencies, settings and secrets: an explicit list."""

from assaymark.scan.infra._files import accepts_file, scan_file
from assaymark.scan.infra.guard_files import accepts_guard_file, scan_guard_file
from assaymark.scan.infra.secrets import is_text, scan_secrets
from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = (
    Scanner(name="infrastructure", version=3, accepts=accepts_file, scan=scan_file),
    Scanner(name="guard", version=1, accepts=accepts_guard_file, scan=scan_guard_file),
    Scanner(name="secrets", version=1, accepts=is_text, scan=scan_secrets),
)
