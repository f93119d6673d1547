"""Configurations and text formats: what a loader imports, calls or fetches because a file says so."""

from assaymark.scan.config import boosting, json_file, pmml, template_file, yaml_file
from assaymark.scan.part import Inspector

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = (
    json_file.INSPECTOR,
    *boosting.INSPECTORS,
    pmml.INSPECTOR,
    yaml_file.INSPECTOR,
    template_file.INSPECTOR,
)
