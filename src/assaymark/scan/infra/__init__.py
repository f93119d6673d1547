"""Parsers for containers, deployments, pipelines, dependencies, settings, secrets: an explicit, ordered list."""

from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = ()
